"""Rows as values: the named statements of this service, and reading by them what the rules work on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from events.domain.refusal import Refusal
from events.domain.staffing import Gap, Shift, gaps, is_short
from events.domain.state import (
    Event,
    Places,
    Programme,
    Slot,
    Stand,
    event_of,
    places_of,
    programme_of,
    shift_of,
    slot_of,
    stand_of,
)
from events.facts import Unit
from services import sql
from services.database import Transaction
from services.identity import people
from services.pages.languages import msgid

queries: Any = sql.load("events")


@dataclass(frozen=True)
class Whole:
    """An event with everything at it."""

    event: Event
    stands: list[Stand]
    slots: list[Slot]
    """Also the closed ones, in order of time."""
    places: list[Places]

    @property
    def open_slots(self) -> list[Slot]:
        """Those that can be chosen: open, at a stand that is still there or, as sessions, at the event itself."""
        present = {stand.stand_id for stand in self.stands}
        return [slot for slot in self.slots if slot.is_open and (slot.is_session or slot.stand_id in present)]

    @property
    def sessions(self) -> list[Slot]:
        """The sessions that take place, in order of time, then room."""
        return sorted(
            (slot for slot in self.slots if slot.is_open and slot.is_session),
            key=lambda one: (one.starts_at, one.room, one.slot_id),
        )

    def places_at(self, slot_id: UUID | None) -> list[Places]:
        """The pools that a slot, or the event itself, draws on; none until its own was told of.

        Places for children are left out: who comes without any needs none.
        """
        own = self._own_places.get(slot_id)
        if not own:
            return []
        stand_id = self._stand_of.get(slot_id)
        across = (one for one in self._across if one.scope == "event" or one.stand_id == stand_id)
        return [*own, *across]

    @cached_property
    def _own_places(self) -> Mapping[UUID | None, list[Places]]:
        found: dict[UUID | None, list[Places]] = defaultdict(list)
        for one in self.places:
            if one.scope == "place":
                found[one.slot_id].append(one)
        return found

    @cached_property
    def _across(self) -> list[Places]:
        return [one for one in self.places if one.scope in {"event", "stand"} and one.unit != Unit.CHILDREN]

    @cached_property
    def _stand_of(self) -> Mapping[UUID | None, UUID | None]:
        return {slot.slot_id: slot.stand_id for slot in self.slots}


async def find_event(tx: Transaction, event_id: UUID) -> Event | None:
    row = await queries.find_event(tx.connection, event_id=event_id)
    return event_of(row) if row else None


async def find_whole(tx: Transaction, event_id: UUID) -> Whole | None:
    """An event of the transaction's programme with its stands, slots and places; None where there is none."""
    event = await find_event(tx, event_id)
    if event is None:
        return None
    return Whole(
        event,
        [stand_of(row) for row in await queries.stands_of_event(tx.connection, event_id=event_id)],
        [slot_of(row) for row in await queries.slots_of_event(tx.connection, event_id=event_id)],
        [places_of(row) for row in await queries.places_of_event(tx.connection, event_id=event_id)],
    )


@dataclass(frozen=True)
class Hosts:
    """Who stands at an event, or at one stand of it, and when; with the names of those still in the programme."""

    shifts: list[Shift]
    names: Mapping[UUID, str]
    slots: list[Slot]
    """The open ones that want hosts."""

    def at(self, stand_id: UUID) -> Hosts:
        """The same of one stand."""
        return Hosts(
            [one for one in self.shifts if one.stand_id == stand_id],
            self.names,
            [one for one in self.slots if one.stand_id == stand_id],
        )

    @cached_property
    def gaps(self) -> list[Gap]:
        """Where hosts are missing; whoever has left the programme does not come."""
        return gaps(self.slots, [one for one in self.shifts if one.account_id in self.names])

    def is_short(self, slot: Slot) -> bool:
        """Whether hosts are missing at some time during a slot."""
        return is_short(slot, self.gaps)


async def find_hosts(tx: Transaction, event_id: UUID) -> Hosts:
    """Who stands where at an event of the transaction's programme."""
    shifts = [shift_of(row) for row in await queries.shifts_of_event(tx.connection, event_id=event_id)]
    names = await people.names(tx, tx.programme, {one.account_id for one in shifts})
    slots = [slot_of(row) for row in await queries.slots_of_event(tx.connection, event_id=event_id)]
    return Hosts(shifts, names, [one for one in slots if one.is_open])


async def my_shifts(tx: Transaction, account_id: UUID, many: int) -> list[dict[str, Any]]:
    """The next shifts of an account in the transaction's programme, with their stand and event."""
    rows = await queries.shifts_of_account(tx.connection, account_id=account_id, moment=tx.moment, many=many)
    return [dict(row) for row in rows]


async def find_programme(tx: Transaction, programme_id: UUID) -> Programme | None:
    """What we know of a programme; None until its first fact has arrived."""
    row = await queries.find_programme(tx.connection, programme_id=programme_id)
    return programme_of(row) if row else None


async def known_programme(tx: Transaction) -> Programme:
    """The transaction's programme; raises `Refusal` while its first fact is still on its way."""
    programme = await find_programme(tx, tx.programme)
    if programme is None:
        raise Refusal("programme-unknown", msgid("We are still getting to know this programme. Try again in a moment."))
    return programme


async def all_programmes(tx: Transaction) -> dict[UUID, Programme]:
    """Every programme of the installation, by id."""
    return {row["programme_id"]: programme_of(row) for row in await queries.all_programmes(tx.connection)}
