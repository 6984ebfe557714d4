"""Slots at a stand: opened by rule, closed, and taken along when their event moves. By hand: `adjusting`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import asyncpg

from events import telling
from events.commands.locks import NotThere, changed_meanwhile, share_event
from events.domain.refusal import Refusal
from events.domain.slot_inputs import RuleInput
from events.domain.slots import SlotRule, Stretch, first_clash, moved_along, outside, slots_by_rule
from events.domain.state import Event, Slot, Stand, slot_of, stand_of
from events.facts import SlotMoved, SlotStatus
from events.records import queries
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import msgid

OVERLAP = msgid("It overlaps another slot at the same table of this stand.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule would make at a stand."""

    event: Event
    stand: Stand
    stretches: list[Stretch]


async def plan_slots(tx: Transaction, stand_id: UUID, rule: RuleInput) -> Plan:
    """What `open_slots` would make, without making it. Raises `Refusal` naming the field, as that would."""
    found = await queries.find_stand(tx.connection, stand_id=stand_id)
    if found is None:
        raise NotThere("stand")
    event = await share_event(tx, found["event_id"])
    row = await queries.lock_stand(tx.connection, stand_id=stand_id)
    if row is None:
        raise NotThere("stand")
    made = slots_by_rule(
        SlotRule(
            first_day=rule.first_day,
            last_day=rule.last_day or rule.first_day,
            opens=rule.opens,
            closes=rule.closes,
            length=timedelta(minutes=rule.length),
            pause=timedelta(minutes=rule.pause),
            desks=rule.desks,
        ),
        event.time_zone,
    )
    if early := outside(made, event.starts_at, event.ends_at):
        before = early[0].starts_at < event.starts_at
        raise Refusal(
            "outside-event",
            msgid("The event begins later than this.") if before else msgid("The event is over before this."),
            field="opens" if before else "closes",
        )
    if made[-1].ends_at <= tx.moment:
        raise Refusal("in-the-past", msgid("This lies in the past."), field="first_day")
    taken = [slot_of(one) for one in await queries.open_slots_of_stand(tx.connection, stand_id=stand_id)]
    if first_clash(made, taken):
        raise Refusal("overlap", msgid("Slots at this stand are open at that time already."), field="opens")
    return Plan(event, stand_of(row), made)


async def open_slots(tx: Transaction, stand_id: UUID, rule: RuleInput) -> list[Slot]:
    """Open the slots that a rule makes at a stand, all or none; returns them."""
    plan = await plan_slots(tx, stand_id, rule)
    made = [
        Slot(
            slot_id=new_id(tx.moment),
            programme_id=tx.programme,
            event_id=plan.event.event_id,
            stand_id=stand_id,
            version=1,
            status=SlotStatus.OPEN,
            first_amount=rule.capacity,
            first_unit=rule.unit,
            updated_at=tx.moment,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            desk=one.desk,
        )
        for one in plan.stretches
    ]
    await insert_slots(tx, plan.event, made)
    return made


async def insert_slots(tx: Transaction, event: Event, made: Sequence[Slot], field: str = "opens") -> None:
    """Write new slots of an event and tell of them; raises `Refusal` where a guard of the table finds an overlap."""
    if not made:
        return
    try:
        await queries.insert_slots(
            tx.connection,
            programme_id=tx.programme,
            event_id=event.event_id,
            slot_ids=[one.slot_id for one in made],
            stand_ids=[one.stand_id for one in made],
            titles=[one.titles for one in made],
            rooms=[one.room for one in made],
            starts=[one.starts_at for one in made],
            ends=[one.ends_at for one in made],
            desks=[one.desk for one in made],
            amounts=[one.first_amount for one in made],
            units=[one.first_unit for one in made],
            moment=tx.moment,
        )
    except asyncpg.ExclusionViolationError:
        raise Refusal("overlap", OVERLAP, field=field) from None
    tx.publish(*(telling.slot_opened(one, event.time_zone, tx.moment) for one in made))


async def close_slot(tx: Transaction, slot_id: UUID, version: int | None = None) -> Slot:
    """Take a slot off the programme; its bookings are cancelled or moved by registrations."""
    slot, event = await lock_slot(tx, slot_id, version)
    (closed,) = await close(tx, event, [slot])
    return closed


async def close(tx: Transaction, event: Event, slots: Sequence[Slot]) -> list[Slot]:
    """Close slots that are locked and tell of each."""
    await queries.close_slots(tx.connection, slot_ids=[one.slot_id for one in slots], moment=tx.moment)
    closed = [replace(one, version=one.version + 1, status=SlotStatus.CLOSED) for one in slots]
    tx.publish(*(telling.slot_closed(one, event.time_zone, tx.moment) for one in closed))
    return closed


async def follow(tx: Transaction, event: Event, wanted: Event, *, along: bool) -> list[SlotMoved]:
    """What becomes of the open slots when `event` is about to become `wanted`: the facts of those that move.

    Moved `along`, they keep their place in the event's day. Else they stay, and one that would then lie outside the
    event is refused.
    """
    if (event.starts_at, event.ends_at, event.time_zone) == (wanted.starts_at, wanted.ends_at, wanted.time_zone):
        return []
    slots = [slot_of(row) for row in await queries.lock_open_slots(tx.connection, event_id=event.event_id)]
    placed: list[Slot] = slots
    if along:
        placed = moved_along(
            slots, zone=event.time_zone, start=event.starts_at, to_zone=wanted.time_zone, to_start=wanted.starts_at
        )
    if left := outside(placed, wanted.starts_at, wanted.ends_at):
        late = left[0].starts_at >= wanted.starts_at
        raise Refusal(
            "slots-outside",
            msgid("{count} open slots would lie outside the event. Move them along, or close them first."),
            field="ends_at" if late else "starts_at",
            count=len(left),
        )
    if event.time_zone == wanted.time_zone:
        pairs = [(old, new) for old, new in zip(slots, placed, strict=True) if old.starts_at != new.starts_at]
    else:
        pairs = list(zip(slots, placed, strict=True))
    if not pairs:
        return []
    moved = await move(tx, [old for old, _ in pairs], [new for _, new in pairs])
    return [telling.slot_moved(one, wanted.time_zone, tx.moment) for one in moved]


async def move(tx: Transaction, slots: Sequence[Slot], to: Sequence[Stretch], field: str = "starts_at") -> list[Slot]:
    """Give slots that are locked other times and tables; returns them as they now are. Raises `Refusal` on `field`
    where a guard of the table finds an overlap."""
    try:
        await queries.move_slots(
            tx.connection,
            slot_ids=[one.slot_id for one in slots],
            starts=[one.starts_at for one in to],
            ends=[one.ends_at for one in to],
            desks=[one.desk for one in to],
            moment=tx.moment,
        )
    except asyncpg.ExclusionViolationError:
        raise Refusal("overlap", OVERLAP, field=field) from None
    return [
        replace(one, version=one.version + 1, starts_at=other.starts_at, ends_at=other.ends_at, desk=other.desk)
        for one, other in zip(slots, to, strict=True)
    ]


async def lock_slot(tx: Transaction, slot_id: UUID, version: int | None) -> tuple[Slot, Event]:
    """An open slot or session and its event, locked in the order of the house."""
    found = await queries.find_slot(tx.connection, slot_id=slot_id)
    if found is None:
        raise NotThere("slot")
    event = await share_event(tx, found["event_id"])
    if found["stand_id"] is not None:
        await queries.lock_stand(tx.connection, stand_id=found["stand_id"])
    slot = slot_of(await queries.lock_slot(tx.connection, slot_id=slot_id))
    if not slot.is_open:
        raise Refusal("slot-closed", msgid("This slot is closed already."))
    if version is not None and version != slot.version:
        raise changed_meanwhile()
    return slot, event
