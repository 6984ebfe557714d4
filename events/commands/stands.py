"""Stands at an event: placed, edited, taken away with their slots."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from events import telling
from events.commands import slots
from events.commands.locks import NotThere, changed_meanwhile, share_event
from events.domain.inputs import StandInput
from events.domain.plan import MOST_STANDS
from events.domain.refusal import Refusal
from events.domain.state import Event, Stand, shift_of, slot_of, stand_of
from events.records import known_programme, queries
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import msgid


async def place_stand(tx: Transaction, event_id: UUID, given: StandInput) -> Stand:
    """Place a stand at an event; returns it. Raises `Refusal` naming the field: a number taken, a name missing."""
    event = await share_event(tx, event_id)
    await _refuse_nameless(tx, given)
    if len(await queries.stands_of_event(tx.connection, event_id=event_id)) >= MOST_STANDS:
        raise Refusal("too-many-stands", msgid("This event has {most} stands already."), most=MOST_STANDS)
    stand_id = new_id(tx.moment)
    try:
        await queries.insert_stand(
            tx.connection,
            **_columns(given),
            stand_id=stand_id,
            programme_id=tx.programme,
            event_id=event.event_id,
            moment=tx.moment,
        )
    except asyncpg.UniqueViolationError:
        raise _number_taken() from None
    return await _tell(tx, stand_id)


async def edit_stand(tx: Transaction, stand_id: UUID, given: StandInput) -> Stand:
    """Give a stand this description; returns it as it now is."""
    stand, _ = await _lock(tx, stand_id, given.version)
    await _refuse_nameless(tx, given)
    columns = _columns(given)
    if all(getattr(stand, name) == value for name, value in columns.items()):
        return stand
    try:
        await queries.update_stand(tx.connection, **columns, stand_id=stand_id, moment=tx.moment)
    except asyncpg.UniqueViolationError:
        raise _number_taken() from None
    return await _tell(tx, stand_id)


async def remove_stand(tx: Transaction, stand_id: UUID, version: int | None = None) -> Stand:
    """Take a stand away: its open slots are closed, so that registrations can tell those who have booked there."""
    stand, event = await _lock(tx, stand_id, version)
    held = [slot_of(row) for row in await queries.open_slots_of_stand(tx.connection, stand_id=stand.stand_id)]
    if held:
        await slots.close(tx, event, held)
    ended = [shift_of(row) for row in await queries.delete_shifts_of_stand(tx.connection, stand_id=stand_id)]
    tx.publish(*(telling.shift_ended(one, tx.moment) for one in ended))
    await queries.remove_stand(tx.connection, stand_id=stand_id, moment=tx.moment)
    return await _tell(tx, stand_id)


async def _lock(tx: Transaction, stand_id: UUID, version: int | None) -> tuple[Stand, Event]:
    found = await queries.find_stand(tx.connection, stand_id=stand_id)
    if found is None:
        raise NotThere("stand")
    event = await share_event(tx, found["event_id"])
    row = await queries.lock_stand(tx.connection, stand_id=stand_id)
    if row is None:
        raise NotThere("stand")
    stand = stand_of(row)
    if version is not None and version != stand.version:
        raise changed_meanwhile()
    return stand, event


async def _refuse_nameless(tx: Transaction, given: StandInput) -> None:
    programme = await known_programme(tx)
    if not given.names.get(programme.language):
        raise Refusal("no-name", msgid("Give it a name."), field=f"names.{programme.language}")


def _columns(given: StandInput) -> dict[str, Any]:
    return given.model_dump(exclude={"version"})


def _number_taken() -> Refusal:
    return Refusal("number-taken", msgid("Another stand at this event has this number."), field="number")


async def _tell(tx: Transaction, stand_id: UUID) -> Stand:
    stand = stand_of(await queries.any_stand(tx.connection, stand_id=stand_id))
    tx.publish(telling.stand_changed(stand, tx.moment))
    return stand
