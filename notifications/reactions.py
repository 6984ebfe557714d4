"""What notifications does with others' facts: keeps what mails will say, and plans what follows.

Mails are written when they are sent, from the newest state; so a reaction plans by state and never by the order of
arrival. What a repair restates is kept, and plans reminders only: it is not news to those it is about.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from events.facts import (
    EventCancelled,
    EventChanged,
    EventFact,
    EventPublished,
    ShiftChanged,
    SlotClosed,
    SlotFact,
    SlotMoved,
    SlotOpened,
    StandChanged,
)
from notifications import commands, telling
from notifications.domain import Kind
from notifications.shifts import take_shift
from programmes.facts import ProgrammeChanged
from registrations.facts import (
    AttendanceUndone,
    BookingAttended,
    BookingFact,
    BookingHandedOver,
    BookingHandOverAsked,
    BookingHeld,
    BookingMissed,
    BookingRenewed,
    BookingStatus,
    InterestRegistered,
    SelectionMade,
    VisitorErased,
)
from services import sql
from services.database import Transaction
from services.facts import Envelope
from services.service import Reaction

queries = sql.load(__package__)

ENDED = (BookingStatus.CANCELLED, BookingStatus.ATTENDED, BookingStatus.NO_SHOW)


async def take_booking(tx: Transaction, fact: BookingFact, envelope: Envelope) -> None:
    """Keep the booking's state and plan what its visitor is told.

    A slot or event that moved is told of from its own fact, since only that brings the new time; a visitor who is
    erased is told nothing.
    """
    if await queries.is_erased(tx.connection, visitor_id=fact.visitor_id):
        return
    before = await queries.find_booking(tx.connection, booking_id=fact.booking_id)
    await _keep(tx, fact)
    changed_hands = before is not None and before["visitor_id"] != fact.visitor_id
    if isinstance(fact, BookingRenewed):
        # What an organiser wrote, and the reminder, are still to come; how it stands is told anew, once.
        if before is not None and before["version"] < fact.version:
            await commands.overtake_booking(tx, fact.booking_id, telling.ANEW)
    elif fact.status in ENDED or changed_hands:
        await commands.overtake_booking(tx, fact.booking_id)
    if not envelope.restated and not fact.walk_in:
        for kind in telling.told(fact, before):
            ends_at = fact.offer_ends_at if kind in (Kind.OFFERED, Kind.ADDRESS) else None
            await commands.plan(tx, kind, fact.visitor_id, fact.booking_id, _cause(kind, fact), tx.moment, ends_at)
        await _tell_the_other(tx, fact)
    if fact.status is BookingStatus.CONFIRMED:
        await commands.remind(tx, fact.booking_id, fact.visitor_id)


async def _tell_the_other(tx: Transaction, fact: BookingFact) -> None:
    """A hand-over has two sides: who is asked to take the booking, and who gave it."""
    match fact:
        case BookingHandOverAsked():
            await commands.plan(
                tx,
                Kind.HAND_OVER,
                fact.to_visitor_id,
                fact.booking_id,
                f"hand-over {fact.hand_over_id}",
                tx.moment,
                fact.hand_over_ends_at,
                fact.hand_over_id,
            )
        case BookingHandedOver(previous_visitor_id=UUID() as gave):
            await commands.plan(tx, Kind.HANDED_OVER, gave, fact.booking_id, f"booking {fact.version}", tx.moment)


def _cause(kind: Kind, fact: BookingFact) -> str:
    """Asking again is answered once an hour at most; everything else once per version of the booking."""
    return f"again {fact.at:%Y-%m-%dT%H}" if kind is Kind.AGAIN else f"booking {fact.version}"


async def take_interest(tx: Transaction, fact: InterestRegistered, envelope: Envelope) -> None:
    """A receipt for who wants to hear more, once a day at most: anybody can write anybody's address into a form."""
    if not envelope.restated:
        await commands.plan(tx, Kind.INTEREST, fact.visitor_id, None, f"interest {fact.at:%Y-%m-%d}", tx.moment)


async def take_event(tx: Transaction, fact: EventFact, envelope: Envelope) -> None:
    """Keep the event; where its time or place changed, tell those who come or wait, and let reminders follow."""
    before = await queries.find_event(tx.connection, event_id=fact.event_id)
    venue = fact.venue.model_dump(mode="json") if fact.venue else None
    await queries.keep_event(
        tx.connection,
        event_id=fact.event_id,
        programme_id=fact.programme_id,
        slug=fact.slug,
        titles=fact.titles,
        status=fact.status,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        time_zone=fact.time_zone,
        venue=venue,
        reasons=fact.reasons if isinstance(fact, EventCancelled) else {},
        version=fact.version,
    )
    if before is not None and before["version"] >= fact.version:
        return
    for row in await queries.confirmed_of_event(tx.connection, event_id=fact.event_id):
        await commands.remind(tx, row["booking_id"], row["visitor_id"])
    if before is None or isinstance(fact, EventCancelled) or envelope.restated:
        return
    moved = (before["starts_at"], before["ends_at"]) != (fact.starts_at, fact.ends_at)
    elsewhere = _where(before["venue"]) != _where(venue)
    if not (moved or elsewhere):
        return
    for row in await queries.bookings_to_tell_of_event(tx.connection, event_id=fact.event_id):
        # A slot has its own time: those who booked one are told of the place only.
        if elsewhere or row["slot_id"] is None:
            await commands.plan(
                tx, Kind.EVENT_CHANGED, row["visitor_id"], row["booking_id"], f"event {fact.version}", tx.moment
            )


async def take_slot(tx: Transaction, fact: SlotFact, envelope: Envelope) -> None:
    """Keep the slot; where its time changed, tell those who come or wait, and let reminders follow."""
    before = await queries.find_slot(tx.connection, slot_id=fact.slot_id)
    await queries.keep_slot(
        tx.connection,
        slot_id=fact.slot_id,
        programme_id=fact.programme_id,
        event_id=fact.event_id,
        stand_id=fact.stand_id,
        status=fact.status,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        titles=fact.titles,
        room=fact.room,
        version=fact.version,
    )
    if before is not None and (before["version"] >= fact.version or _span(before) == (fact.starts_at, fact.ends_at)):
        return
    for row in await queries.bookings_of_slot(tx.connection, slot_id=fact.slot_id):
        if before is not None and not envelope.restated:
            await commands.plan(tx, Kind.MOVED, row["visitor_id"], row["booking_id"], f"slot {fact.version}", tx.moment)
        if row["status"] == BookingStatus.CONFIRMED:
            await commands.remind(tx, row["booking_id"], row["visitor_id"])


async def take_stand(tx: Transaction, fact: StandChanged, envelope: Envelope) -> None:
    await queries.keep_stand(
        tx.connection,
        stand_id=fact.stand_id,
        programme_id=fact.programme_id,
        event_id=fact.event_id,
        number=fact.number,
        names=fact.names,
        exhibitor=fact.exhibitor,
    )


async def take_programme(tx: Transaction, fact: ProgrammeChanged, envelope: Envelope) -> None:
    await queries.keep_programme(
        tx.connection,
        programme_id=fact.programme_id,
        slug=fact.slug,
        names=fact.names,
        language=fact.language,
        contact=fact.contact,
        time_zone=fact.time_zone,
    )


async def take_selection(tx: Transaction, fact: SelectionMade, envelope: Envelope) -> None:
    """Keep a part of what was chosen, until somebody writes to them or a day has passed."""
    await queries.keep_selection(
        tx.connection,
        selection_id=fact.selection_id,
        part=fact.part,
        programme_id=fact.programme_id,
        event_id=fact.event_id,
        parts=fact.parts,
        bookings=list(fact.bookings),
        ends_at=fact.ends_at,
    )


async def forget(tx: Transaction, fact: VisitorErased, envelope: Envelope) -> None:
    await commands.forget_visitor(tx, fact.visitor_id)


async def _keep(tx: Transaction, fact: BookingFact) -> None:
    await queries.keep_booking(
        tx.connection,
        booking_id=fact.booking_id,
        programme_id=fact.programme_id,
        visitor_id=fact.visitor_id,
        event_id=fact.event_id,
        stand_id=fact.stand_id,
        slot_id=fact.slot_id,
        status=fact.status,
        cause=fact.cause,
        adults=fact.adults,
        children=fact.children,
        rotation=fact.rotation,
        offer_ends_at=fact.offer_ends_at,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        awaits=fact.awaits,
        is_group=fact.is_group,
        lots_at=fact.lots_at,
        welcomed=fact.status is BookingStatus.CONFIRMED,
        version=fact.version,
    )


def _span(row: Any) -> tuple[datetime, datetime]:
    return row["starts_at"], row["ends_at"]


def _where(venue: Any) -> tuple[str, str] | None:
    return (venue["name"], venue.get("address", "")) if venue else None


BOOKINGS: tuple[type[BookingFact], ...] = (
    *telling.FOLLOWS,
    BookingHeld,
    BookingHandOverAsked,
    BookingHandedOver,
    BookingRenewed,
    BookingAttended,
    BookingMissed,
    AttendanceUndone,
)

REACTIONS = (
    Reaction("bookings", BOOKINGS, take_booking),
    Reaction("interests", (InterestRegistered,), take_interest),
    Reaction("events", (EventPublished, EventChanged, EventCancelled), take_event),
    Reaction("slots", (SlotOpened, SlotMoved, SlotClosed), take_slot),
    Reaction("stands", (StandChanged,), take_stand, projection=True, tables=("known_stands",)),
    Reaction("programmes", (ProgrammeChanged,), take_programme, projection=True, tables=("known_programmes",)),
    Reaction("selections", (SelectionMade,), take_selection),
    Reaction("erasures", (VisitorErased,), forget),
    Reaction("shifts", (ShiftChanged,), take_shift),
)
