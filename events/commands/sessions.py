"""Sessions: slots of the event itself, with titles and a room. Opened, changed, cancelled; several at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import asyncpg

from events import telling
from events.commands import slots
from events.commands.adjusting import stretch_of
from events.commands.locks import NotThere, share_event
from events.domain import gate
from events.domain.refusal import Refusal
from events.domain.slot_inputs import SessionChange, SessionInput
from events.domain.slots import Stretch, first_clash
from events.domain.state import Event, Slot, slot_of
from events.facts import SlotStatus
from events.records import known_programme, queries
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import msgid

MOST_SESSIONS = 200
IN_ONE_ROOM = msgid("Another session is in this room at that time.")


async def open_session(tx: Transaction, event_id: UUID, given: SessionInput) -> Slot:
    """Put a session on the programme of an event; returns it. Raises `Refusal` naming the field."""
    event = await share_event(tx, event_id)
    await _refuse_untitled(tx, event, given.titles, {})
    wanted = stretch_of(event, given, tx.moment)
    others = await _others(tx, event_id)
    if len(others) >= MOST_SESSIONS:
        raise Refusal("too-many-sessions", msgid("This event has {most} sessions already."), most=MOST_SESSIONS)
    _refuse_one_room(wanted, given.room, others)
    made = Slot(
        slot_id=new_id(tx.moment),
        programme_id=tx.programme,
        event_id=event_id,
        stand_id=None,
        titles=given.titles,
        room=given.room,
        version=1,
        status=SlotStatus.OPEN,
        first_amount=given.capacity,
        first_unit=given.unit,
        updated_at=tx.moment,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    try:
        await slots.insert_slots(tx, event, [made], "room")
    except Refusal:
        raise _one_room() from None
    return made


async def change_session(tx: Transaction, slot_id: UUID, given: SessionChange) -> Slot:
    """Another title, room or time for a session, which its bookings follow; returns it as it now is. What stays the
    same raises no version and tells nobody."""
    slot, event = await slots.lock_slot(tx, slot_id, given.version)
    if not slot.is_session:
        raise NotThere("session")
    await _refuse_untitled(tx, event, given.titles, slot.titles)
    wanted = stretch_of(event, given, tx.moment, now=slot)
    changed = replace(slot, titles=given.titles, room=given.room, starts_at=wanted.starts_at, ends_at=wanted.ends_at)
    if changed == slot:
        return slot
    _refuse_one_room(wanted, given.room, [one for one in await _others(tx, event.event_id) if one.slot_id != slot_id])
    try:
        await queries.change_session(
            tx.connection,
            slot_id=slot_id,
            titles=given.titles,
            room=given.room,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            moment=tx.moment,
        )
    except asyncpg.ExclusionViolationError:
        raise _one_room() from None
    changed = replace(changed, version=slot.version + 1, updated_at=tx.moment)
    tx.publish(telling.slot_moved(changed, event.time_zone, tx.moment))
    return changed


async def cancel_session(tx: Transaction, slot_id: UUID, version: int | None = None) -> Slot:
    """Take a session off the programme; registrations tells those who have booked it."""
    slot, event = await slots.lock_slot(tx, slot_id, version)
    if not slot.is_session:
        raise NotThere("session")
    (closed,) = await slots.close(tx, event, [slot])
    return closed


async def _others(tx: Transaction, event_id: UUID) -> list[Slot]:
    return [slot_of(row) for row in await queries.open_sessions(tx.connection, event_id=event_id)]


async def _refuse_untitled(tx: Transaction, event: Event, titles: Mapping[str, str], before: Mapping[str, str]) -> None:
    """A draft's session has a title in the programme's own language at least; a published event's in all required."""
    programme = await known_programme(tx)
    if not titles.get(programme.language):
        raise Refusal("no-title", msgid("Give it a title."), field=f"titles.{programme.language}")
    for language in titles:
        if language not in programme.languages and language not in before:
            raise Refusal(
                "unknown-language", msgid("The programme does not use this language."), field=f"titles.{language}"
            )
    if not event.is_draft and (lacking := gate.absent(titles, programme.required_languages)):
        raise Refusal("needed-in-public", msgid("A published event needs this."), field=f"titles.{lacking[0]}")


def _refuse_one_room(wanted: Stretch, room: str, others: list[Slot]) -> None:
    if room and first_clash([wanted], [one for one in others if one.room.lower() == room.lower()]):
        raise _one_room()


def _one_room() -> Refusal:
    return Refusal("overlap", IN_ONE_ROOM, field="room")
