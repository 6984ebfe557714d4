"""Facts from values: what this service says of an event, a stand or a slot, each with its whole public state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from events.domain.staffing import Shift
from events.domain.state import Event, Slot, Stand, event_of, shift_of, slot_of, stand_of
from events.facts import (
    EventCancelled,
    EventChanged,
    EventFact,
    EventPublished,
    EventStatus,
    FirstCapacity,
    ShiftChanged,
    SlotClosed,
    SlotFact,
    SlotMoved,
    SlotOpened,
    SlotStatus,
    StandChanged,
    Venue,
)
from events.records import queries
from services.database import Transaction
from services.facts import Fact


def changed(event: Event, moment: datetime) -> EventChanged:
    """A draft was made, or something about an event is different."""
    return EventChanged(**_event(event, moment))


def published(event: Event, moment: datetime) -> EventPublished:
    return EventPublished(**_event(event, moment))


def cancelled(event: Event, moment: datetime) -> EventCancelled:
    return EventCancelled(**_event(event, moment), reasons=event.reasons)


def stand_changed(stand: Stand, moment: datetime) -> StandChanged:
    return StandChanged(
        programme_id=stand.programme_id,
        version=stand.version,
        at=moment,
        stand_id=stand.stand_id,
        event_id=stand.event_id,
        number=stand.number,
        names=stand.names,
        exhibitor=stand.exhibitor,
        languages=stand.languages,
        topics=stand.topics,
        offers=stand.offers,
        removed=stand.removed,
    )


def shift_changed(shift: Shift, moment: datetime) -> ShiftChanged:
    return ShiftChanged(**_shift(shift, moment))


def shift_ended(shift: Shift, moment: datetime) -> ShiftChanged:
    """Nobody stands there any more; `shift` is as it last was."""
    return ShiftChanged(**{**_shift(shift, moment), "version": shift.version + 1, "removed": True})


def _shift(shift: Shift, moment: datetime) -> dict[str, Any]:
    return {
        "programme_id": shift.programme_id,
        "version": shift.version,
        "at": moment,
        "shift_id": shift.shift_id,
        "event_id": shift.event_id,
        "stand_id": shift.stand_id,
        "account_id": shift.account_id,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
    }


def slot_opened(slot: Slot, zone: str, moment: datetime) -> SlotOpened:
    return SlotOpened(**_slot(slot, zone, moment))


def slot_moved(slot: Slot, zone: str, moment: datetime) -> SlotMoved:
    return SlotMoved(**_slot(slot, zone, moment))


def slot_closed(slot: Slot, zone: str, moment: datetime) -> SlotClosed:
    return SlotClosed(**_slot(slot, zone, moment))


async def restate(tx: Transaction) -> AsyncIterator[Fact]:
    """The present state of every event, stand, slot and shift of the transaction's programme, events first."""
    for row in await queries.all_events(tx.connection):
        event = event_of(row)
        match event.status:
            case EventStatus.PUBLISHED:
                yield published(event, tx.moment)
            case EventStatus.CANCELLED:
                yield cancelled(event, tx.moment)
            case _:
                yield changed(event, tx.moment)
    for row in await queries.all_stands(tx.connection):
        yield stand_changed(stand_of(row), tx.moment)
    for row in await queries.all_slots(tx.connection):
        slot = slot_of(row)
        said: SlotFact = (slot_opened if slot.is_open else slot_closed)(slot, row["time_zone"], tx.moment)
        yield said
    for row in await queries.all_shifts(tx.connection):
        yield shift_changed(shift_of(row), tx.moment)


def _event(event: Event, moment: datetime) -> dict[str, Any]:
    """The fields that every `EventFact` carries."""
    venue = Venue(
        name=event.venue_name, address=event.venue_address, latitude=event.latitude, longitude=event.longitude
    )
    capacity = (
        FirstCapacity(amount=event.first_amount, unit=event.first_unit)
        if event.first_amount is not None and event.first_unit is not None
        else None
    )
    return {
        **{name: getattr(event, name) for name in EventFact.model_fields if hasattr(event, name)},
        "at": moment,
        "status": EventStatus(event.status),
        "venue": venue if event.venue_name or event.venue_address else None,
        "first_capacity": capacity,
    }


def _slot(slot: Slot, zone: str, moment: datetime) -> dict[str, Any]:
    """The fields that every `SlotFact` carries."""
    return {
        **{name: getattr(slot, name) for name in SlotFact.model_fields if hasattr(slot, name)},
        "at": moment,
        "status": SlotStatus(slot.status),
        "time_zone": zone,
        "first_capacity": FirstCapacity(amount=slot.first_amount, unit=slot.first_unit),
    }
