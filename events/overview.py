"""The organisers' overview, read: their events with how full they are, and which of them clash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from events.calendar import days_of
from events.domain.clashes import Happening, clashes
from events.domain.state import Event, event_of
from events.facts import Unit
from events.records import queries
from services.database import Transaction
from services.http.pagination import Cursor


@dataclass(frozen=True, slots=True)
class Filled:
    """How full an event is, in one unit."""

    unit: Unit
    capacity: int
    used: int
    waiting: int
    """Bookings that wait, whatever the unit."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event as the list shows it."""

    event: Event
    stands: int
    slots: int
    filled: tuple[Filled, ...] = ()
    """In each unit that its places are counted in; none until registrations has told of them."""
    clashes: tuple[Mapping[str, str], ...] = ()
    """Titles of the events it clashes with."""

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.filled)


async def coming(tx: Transaction, cursor: Cursor, many: int, *, status: str | None = None) -> list[Line]:
    """Events not over, the next first; with `status` only those, also what is over."""
    rows = await queries.events_between(
        tx.connection, since=None if status else tx.moment, until=None, status=status, **_from(cursor), many=many
    )
    return await _lines(tx, rows)


async def past(tx: Transaction, cursor: Cursor, many: int) -> list[Line]:
    """Events that are over, the latest first."""
    return await _lines(tx, await queries.events_past(tx.connection, moment=tx.moment, **_from(cursor), many=many))


async def between(tx: Transaction, first: date, end: date) -> list[Line]:
    """Everything that touches the days from `first` until before `end`, each event in its own zone."""
    day = timedelta(days=1)
    rows = await queries.events_between(
        tx.connection,
        since=datetime.combine(first, time(), UTC) - day,
        until=datetime.combine(end, time(), UTC) + day,
        status=None,
        **_from(Cursor()),
        many=500,
    )
    lines = await _lines(tx, rows)
    return [line for line in lines if any(first <= on < end for on in days_of(line.event))]


async def clashing(tx: Transaction, event: Event) -> list[Mapping[str, str]]:
    """Titles of the events that one clashes with; none for one that is cancelled."""
    if event.is_cancelled:
        return []
    return list((await _clashes(tx, event.starts_at, event.ends_at)).get(event.event_id, ()))


def happening_of(row: Mapping[str, Any]) -> Happening:
    """What a row says of an event's clashes."""
    return Happening(
        row["event_id"], row["starts_at"], row["ends_at"], row["municipality_id"], frozenset(row["target_groups"])
    )


async def _lines(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    if not rows:
        return []
    found = await _clashes(tx, min(row["starts_at"] for row in rows), max(row["ends_at"] for row in rows))
    filled: dict[UUID, list[Filled]] = defaultdict(list)
    for row in await queries.places_of_events(tx.connection, events=[row["event_id"] for row in rows]):
        filled[row["event_id"]].append(Filled(Unit(row["unit"]), row["capacity"], row["used"], row["waiting"]))
    return [
        Line(
            event_of(row),
            row["stands"],
            row["slots"],
            tuple(filled[row["event_id"]]),
            found.get(row["event_id"], ()),
        )
        for row in rows
    ]


async def _clashes(tx: Transaction, since: datetime, until: datetime) -> dict[UUID, tuple[Mapping[str, str], ...]]:
    rows = await queries.happenings(tx.connection, since=since, until=until)
    titles = {row["event_id"]: row["titles"] for row in rows}
    found = clashes(happening_of(row) for row in rows)
    return {event_id: tuple(titles[other] for other in others) for event_id, others in found.items()}


def _from(cursor: Cursor) -> dict[str, Any]:
    return {"after": cursor.value("starts_at"), "after_id": cursor.value("event_id")}
