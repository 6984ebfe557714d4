"""Slots adjusted by hand: one more, moved, longer, at another table; all of a stand later; a range closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from events import telling
from events.commands import slots
from events.commands.locks import NotThere, changed_meanwhile, share_event
from events.domain.refusal import Refusal
from events.domain.slot_inputs import RangeInput, ShiftInput, SlotInput, SlotTimes, Times, moment_of
from events.domain.slots import Stretch, first_clash, outside
from events.domain.state import Event, Slot, Stand, slot_of, stand_of
from events.facts import SlotStatus
from events.records import queries
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import msgid

OUTSIDE = {
    "starts_at": msgid("The event begins later than this."),
    "ends_at": msgid("The event is over before this."),
}
PAST = msgid("This lies in the past.")


@dataclass(frozen=True, slots=True)
class Several:
    """Slots of a stand that change together: as they are, and as they would be (none where they are closed)."""

    event: Event
    stand: Stand
    slots: list[Slot]
    to: list[Slot]


def stretch_of(event: Event, given: Times, moment: datetime, *, desk: int = 1, now: Stretch | None = None) -> Stretch:
    """The time that was asked for, within its event; `now` is the one it has, and may have begun already.

    Raises `Refusal` naming the field: a time that is none, outside the event, or past.
    """
    starts_at, ends_at = given.moments(event.time_zone)
    if starts_at < event.starts_at:
        raise Refusal("outside-event", OUTSIDE["starts_at"], field="starts_at")
    if ends_at > event.ends_at:
        raise Refusal("outside-event", OUTSIDE["ends_at"], field="ends_at")
    if starts_at <= moment and (now is None or starts_at != now.starts_at):
        raise Refusal("in-the-past", PAST, field="starts_at")
    if ends_at <= moment and (now is None or ends_at != now.ends_at):
        raise Refusal("in-the-past", PAST, field="ends_at")
    return Stretch(starts_at, ends_at, desk)


async def add_slot(tx: Transaction, stand_id: UUID, given: SlotInput) -> Slot:
    """Open one more slot at a stand; returns it. Raises `Refusal` naming the field."""
    event, _ = await lock_stand(tx, stand_id)
    wanted = stretch_of(event, given, tx.moment, desk=given.desk)
    await _refuse_clash(tx, stand_id, wanted)
    made = Slot(
        slot_id=new_id(tx.moment),
        programme_id=tx.programme,
        event_id=event.event_id,
        stand_id=stand_id,
        version=1,
        status=SlotStatus.OPEN,
        first_amount=given.capacity,
        first_unit=given.unit,
        updated_at=tx.moment,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        desk=wanted.desk,
    )
    await slots.insert_slots(tx, event, [made], "starts_at")
    return made


async def move_slot(tx: Transaction, slot_id: UUID, given: SlotTimes) -> Slot:
    """Another time, length or table for a slot, which its bookings follow; returns the slot as it now is."""
    slot, event = await slots.lock_slot(tx, slot_id, given.version)
    if slot.stand_id is None:
        raise NotThere("slot")
    wanted = stretch_of(event, given, tx.moment, desk=given.desk or slot.desk, now=slot)
    if wanted == Stretch(slot.starts_at, slot.ends_at, slot.desk):
        return slot
    await _refuse_clash(tx, slot.stand_id, wanted, slot_id)
    (moved,) = await slots.move(tx, [slot], [wanted])
    tx.publish(telling.slot_moved(moved, event.time_zone, tx.moment))
    return moved


async def plan_shift(tx: Transaction, stand_id: UUID, given: ShiftInput) -> Several:
    """What `shift_slots` would do, without doing it; raises `Refusal` naming the field, as that would."""
    event, stand, held = await _lock_several(tx, stand_id, given.version)
    since = moment_of(given.since, None, event.time_zone, "since", "since") if given.since else tx.moment
    chosen = [one for one in held if one.starts_at > tx.moment and one.starts_at >= since]
    if not chosen:
        raise Refusal("no-slots", msgid("No open slot begins then or later."), field="since")
    shift = timedelta(minutes=given.minutes)
    to = [replace(one, starts_at=one.starts_at + shift, ends_at=one.ends_at + shift) for one in chosen]
    if left := outside(to, event.starts_at, event.ends_at):
        early = left[0].starts_at < event.starts_at
        raise Refusal("outside-event", OUTSIDE["starts_at" if early else "ends_at"], field="minutes")
    if any(one.starts_at <= tx.moment for one in to):
        raise Refusal("in-the-past", PAST, field="minutes")
    moving = {one.slot_id for one in chosen}
    if first_clash(to, [one for one in held if one.slot_id not in moving]):
        raise Refusal("overlap", msgid("They would then overlap slots that stay where they are."), field="minutes")
    return Several(event, stand, chosen, to)


async def shift_slots(tx: Transaction, stand_id: UUID, given: ShiftInput) -> list[Slot]:
    """Move all slots of a stand that are still to come, all or none; their bookings follow. Returns them as they now
    are."""
    plan = await plan_shift(tx, stand_id, given)
    moved = await slots.move(tx, plan.slots, plan.to, "minutes")
    tx.publish(*(telling.slot_moved(one, plan.event.time_zone, tx.moment) for one in moved))
    return moved


async def plan_range(tx: Transaction, stand_id: UUID, given: RangeInput) -> Several:
    """What `close_range` would close, without closing it; raises `Refusal` naming the field, as that would."""
    event, stand, held = await _lock_several(tx, stand_id, given.version)
    since = moment_of(given.since, None, event.time_zone, "since", "since")
    until = moment_of(given.until, None, event.time_zone, "until", "until")
    if until <= since:
        raise Refusal("ends-before-it-begins", msgid("This is not after the start."), field="until")
    chosen = [one for one in held if one.starts_at < until and one.ends_at > since]
    if not chosen:
        raise Refusal("no-slots", msgid("No slot is open between these times."), field="since")
    return Several(event, stand, chosen, [])


async def close_range(tx: Transaction, stand_id: UUID, given: RangeInput) -> list[Slot]:
    """Close every open slot of a stand that touches a stretch of time; returns them as they now are."""
    plan = await plan_range(tx, stand_id, given)
    return await slots.close(tx, plan.event, plan.slots)


def version_of(held: Sequence[Slot]) -> int:
    """A number that rises with every change to any of a stand's slots, closed ones among them."""
    return sum(one.version for one in held)


async def lock_stand(tx: Transaction, stand_id: UUID) -> tuple[Event, Stand]:
    """The event and the stand, locked in the order of the house."""
    found = await queries.find_stand(tx.connection, stand_id=stand_id)
    if found is None:
        raise NotThere("stand")
    event = await share_event(tx, found["event_id"])
    row = await queries.lock_stand(tx.connection, stand_id=stand_id)
    if row is None:
        raise NotThere("stand")
    return event, stand_of(row)


async def _lock_several(tx: Transaction, stand_id: UUID, version: int | None) -> tuple[Event, Stand, list[Slot]]:
    """The event, the stand and its open slots, locked in the order of the house."""
    event, stand = await lock_stand(tx, stand_id)
    every = [slot_of(row) for row in await queries.lock_slots_of_stand(tx.connection, stand_id=stand_id)]
    if version is not None and version != version_of(every):
        raise changed_meanwhile()
    return event, stand, sorted((one for one in every if one.is_open), key=lambda one: (one.starts_at, one.desk))


async def _refuse_clash(tx: Transaction, stand_id: UUID, wanted: Stretch, but: UUID | None = None) -> None:
    others = [slot_of(one) for one in await queries.open_slots_of_stand(tx.connection, stand_id=stand_id)]
    if first_clash([wanted], [one for one in others if one.slot_id != but]):
        raise Refusal("overlap", slots.OVERLAP, field="starts_at")
