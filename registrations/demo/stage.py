"""What the demo plays on: the programmes, their events to come or going on, and the places there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from events.facts import EventStatus
from registrations.pages.places import Place, Stand, stands
from registrations.statements import queries
from services.clock import MovedClock
from services.context import Context


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    slug: str
    starts_on: date
    """In the event's own zone, as its end."""
    ends_on: date
    zone: str
    stands: Sequence[Stand]

    @property
    def places(self) -> list[tuple[Stand, Place]]:
        return [(stand, place) for stand in self.stands for place in stand.places]


@dataclass(frozen=True, slots=True)
class Stage:
    """One programme on one day."""

    context: Context
    programme_id: UUID
    slug: str
    day: date
    events: Sequence[Event]
    groups: Sequence[UUID]
    """Its target groups."""

    def move_to(self, moment: datetime) -> None:
        """Let the day go on until `moment`, and no further than the afternoon: people come when their time begins."""
        clock = self.context.clock
        if isinstance(clock, MovedClock):
            clock.move_to(min(moment, clock.now().replace(hour=15, minute=30)))


async def stages(context: Context, day: date) -> list[Stage]:
    """Every programme, with its published events that are not over."""
    async with context.database.system() as tx:
        programmes = await queries.every_programme(tx.connection)
        events = await queries.running_events(tx.connection, moment=tx.moment - timedelta(days=1))
    found = []
    for row in programmes:
        mine = [event for event in events if event["programme_id"] == row["programme_id"]]
        groups = [UUID(term["id"]) for term in row["target_groups"]]
        found.append(
            Stage(
                context,
                row["programme_id"],
                row["slug"],
                day,
                [await _event(context, event) for event in mine if event["status"] == EventStatus.PUBLISHED],
                groups,
            )
        )
    return found


async def _event(context: Context, row: Any) -> Event:
    async with context.database.transaction(row["programme_id"]) as tx:
        rows = await queries.places_of_event(tx.connection, event_id=row["id"])
    zone = ZoneInfo(row["time_zone"])
    return Event(
        row["id"],
        row["slug"],
        row["starts_at"].astimezone(zone).date(),
        row["ends_at"].astimezone(zone).date(),
        row["time_zone"],
        stands(rows, row["time_zone"], context.clock.now()),
    )
