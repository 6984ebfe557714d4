"""Hosts of a stand: put on a shift, changed, taken off, taken along when their event moves. Facts tell of them by their
account alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from events import telling
from events.commands.adjusting import lock_stand
from events.commands.locks import NotThere, changed_meanwhile
from events.domain.refusal import Refusal
from events.domain.slot_inputs import HostInput
from events.domain.slots import moved_along
from events.domain.staffing import SETTING_UP, Shift
from events.domain.state import Event, shift_of
from events.records import queries
from services.database import Transaction
from services.identity import people
from services.ids import new_id
from services.pages.languages import msgid
from services.routes import Role

HOSTS = frozenset({Role.OWNER, Role.ORGANISER, Role.STAND_HOST})
"""The roles in which one can stand at a stand."""
MOST_SHIFTS = 500


async def put_on(tx: Transaction, stand_id: UUID, given: HostInput) -> Shift:
    """Put somebody of the programme on a shift at a stand; returns it. Raises `Refusal` naming the field."""
    event, _ = await lock_stand(tx, stand_id)
    starts_at, ends_at = await _allowed(tx, event, given)
    if len(await queries.shifts_of_event(tx.connection, event_id=event.event_id)) >= MOST_SHIFTS:
        raise Refusal("too-many-shifts", msgid("This event has {most} shifts already."), most=MOST_SHIFTS)
    shift_id = new_id(tx.moment)
    try:
        await queries.insert_shift(
            tx.connection,
            shift_id=shift_id,
            programme_id=tx.programme,
            event_id=event.event_id,
            stand_id=stand_id,
            account_id=given.account_id,
            starts_at=starts_at,
            ends_at=ends_at,
            moment=tx.moment,
        )
    except asyncpg.ExclusionViolationError:
        raise _elsewhere() from None
    return await _tell(tx, shift_id)


async def change(tx: Transaction, shift_id: UUID, given: HostInput) -> Shift:
    """Another person or another time for a shift; returns it as it now is."""
    shift, event = await _lock(tx, shift_id, given.version)
    # Whoever has left the programme may stay on a shift that changes its time, but nobody new comes without a role.
    starts_at, ends_at = await _allowed(tx, event, given, shift.account_id)
    if (given.account_id, starts_at, ends_at) == (shift.account_id, shift.starts_at, shift.ends_at):
        return shift
    try:
        await queries.update_shift(
            tx.connection,
            shift_id=shift_id,
            account_id=given.account_id,
            starts_at=starts_at,
            ends_at=ends_at,
            moment=tx.moment,
        )
    except asyncpg.ExclusionViolationError:
        raise _elsewhere() from None
    return await _tell(tx, shift_id)


async def take_off(tx: Transaction, shift_id: UUID, version: int | None = None) -> Shift:
    """Take somebody off a shift; returns it as it was."""
    shift, _ = await _lock(tx, shift_id, version)
    await queries.delete_shift(tx.connection, shift_id=shift_id)
    tx.publish(telling.shift_ended(shift, tx.moment))
    return shift


async def follow(tx: Transaction, event: Event, wanted: Event) -> None:
    """Take the shifts along when `event` is about to become `wanted`, by the wall clock as its slots are."""
    shifts = [shift_of(row) for row in await queries.lock_shifts_of_event(tx.connection, event_id=event.event_id)]
    moved = moved_along(
        shifts, zone=event.time_zone, start=event.starts_at, to_zone=wanted.time_zone, to_start=wanted.starts_at
    )
    if moved == shifts:
        return
    try:
        await queries.move_shifts(
            tx.connection,
            shift_ids=[one.shift_id for one in moved],
            starts=[one.starts_at for one in moved],
            ends=[one.ends_at for one in moved],
            moment=tx.moment,
        )
    except asyncpg.ExclusionViolationError:
        raise Refusal(
            "host-elsewhere",
            msgid("One of its hosts stands elsewhere then. Change the shifts first."),
            field="starts_at",
        ) from None
    for row in await queries.shifts_of_event(tx.connection, event_id=event.event_id):
        tx.publish(telling.shift_changed(shift_of(row), tx.moment))


async def _allowed(
    tx: Transaction, event: Event, given: HostInput, before: UUID | None = None
) -> tuple[datetime, datetime]:
    starts_at, ends_at = given.moments(event.time_zone)
    if starts_at < event.starts_at - SETTING_UP:
        raise Refusal("outside-event", msgid("The event begins much later than this."), field="starts_at")
    if ends_at > event.ends_at + SETTING_UP:
        raise Refusal("outside-event", msgid("The event is over long before this."), field="ends_at")
    if given.account_id != before and not await people.roles_in(tx, tx.programme, given.account_id) & HOSTS:
        raise Refusal(
            "no-host", msgid("This person is no host here. Give them the role of stand host first."), field="account_id"
        )
    return starts_at, ends_at


async def _lock(tx: Transaction, shift_id: UUID, version: int | None) -> tuple[Shift, Event]:
    """A shift and its event, locked in the order of the house."""
    found = await queries.find_shift(tx.connection, shift_id=shift_id)
    if found is None:
        raise NotThere("shift")
    event, _ = await lock_stand(tx, found["stand_id"])
    row = await queries.lock_shift(tx.connection, shift_id=shift_id)
    if row is None:
        raise NotThere("shift")
    shift = shift_of(row)
    if version is not None and version != shift.version:
        raise changed_meanwhile()
    return shift, event


async def _tell(tx: Transaction, shift_id: UUID) -> Shift:
    shift = shift_of(await queries.find_shift(tx.connection, shift_id=shift_id))
    tx.publish(telling.shift_changed(shift, tx.moment))
    return shift


def _elsewhere() -> Refusal:
    return Refusal("host-elsewhere", msgid("This person stands somewhere at that time already."), field="account_id")
