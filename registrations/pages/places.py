"""The places of an event as people choose among them: by stand, by day, with how many are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from events.facts import Unit
from registrations.domain.records import EventWindow
from registrations.domain.refusals import Reason


@dataclass(frozen=True, slots=True)
class Place:
    """One card: a slot, or the event itself."""

    pool_id: UUID
    slot_id: UUID | None
    unit: Unit
    capacity: int
    used: int
    waiting: int
    starts_at: datetime
    ends_at: datetime
    bookable: bool
    """Open, and not begun."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """What a session is called; a time at a stand has no title."""
    room: str = ""
    desk: int | None = None
    """Which of the stand's tables; None at a session, and where nobody has told."""
    kept: bool = False
    """Kept for the form that is filled in: its own hold takes a place, which is not full to it."""

    @property
    def value(self) -> str:
        return str(self.slot_id) if self.slot_id else "event"

    @property
    def left(self) -> int:
        return max(self.capacity - self.used, 0)

    @property
    def is_full(self) -> bool:
        return self.left == 0 and not self.kept


@dataclass(slots=True)
class Stand:
    """A stand and its slots by day; `id` None holds the event's own place."""

    id: UUID | None
    names: dict[str, str]
    exhibitor: str
    number: str | None
    days: dict[date, list[Place]] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        return [place for day in self.days.values() for place in day]

    def cards(self, day: date) -> list[Place]:
        """What can be chosen on a day: a time at several tables is one card, which books the freest of them, or waits
        for whichever becomes free first."""
        tables: dict[tuple[datetime, datetime, str], list[Place]] = {}
        for place in self.days[day]:
            if place.bookable:
                # Sessions at the same time are different things.
                own = place.value if self.id is None else ""
                tables.setdefault((place.starts_at, place.ends_at, own), []).append(place)
        return [_together(same) for same in tables.values()]

    def table(self, place: Place) -> int | None:
        """The number of a place's table, where there is another one at the same time."""
        same = [one for one in self.places if (one.starts_at, one.ends_at) == (place.starts_at, place.ends_at)]
        return place.desk if len(same) > 1 else None

    def card_of(self, value: str) -> Place | None:
        """The card of a place, which may be that of the table beside it."""
        wanted = next((one for one in self.places if one.bookable and one.value == value), None)
        if wanted is None:
            return None
        cards = self.cards(next(day for day, places in self.days.items() if wanted in places))
        if self.id is None:
            return next(one for one in cards if one.value == value)
        return next(one for one in cards if (one.starts_at, one.ends_at) == (wanted.starts_at, wanted.ends_at))

    @property
    def left(self) -> int:
        return sum(place.left for place in self.places if place.bookable)

    @property
    def is_open(self) -> bool:
        return any(place.bookable for place in self.places)


def _together(same: list[Place]) -> Place:
    best = min(same, key=lambda one: (not one.kept, -one.left, one.waiting))
    return replace(
        best,
        capacity=sum(one.capacity for one in same),
        used=sum(one.capacity - one.left for one in same),
        waiting=sum(one.waiting for one in same),
    )


def stands(
    rows: Sequence[Mapping[str, Any]], time_zone: str, moment: datetime, *, kept: str | None = None
) -> list[Stand]:
    """The stands of an event from its rows, the event's own place first; days are those of the event's zone.

    `kept` is the value of the place that the reader's own form keeps.
    """
    zone = ZoneInfo(time_zone)
    found: dict[UUID | None, Stand] = {}
    for row in rows:
        stand = found.setdefault(
            row["stand_id"],
            Stand(row["stand_id"], row["stand_names"] or {}, row["exhibitor"] or "", row["number"]),
        )
        place = Place(
            pool_id=row["id"],
            slot_id=row["slot_id"],
            unit=Unit(row["unit"]),
            capacity=row["capacity"],
            used=row["used"],
            waiting=row["waiting"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            bookable=row["open"] and moment < row["starts_at"],
            titles=row["session_titles"] or {},
            room=row["room"] or "",
            desk=row["desk"] if row["stand_id"] else None,
        )
        place = replace(place, kept=place.value == kept)
        stand.days.setdefault(place.starts_at.astimezone(zone).date(), []).append(place)
    return list(found.values())


def closed_because(window: EventWindow, offered: Sequence[Stand], moment: datetime) -> Reason | None:
    """Why nothing can be booked at all now, or None where something can. UNKNOWN_PLACE: it will open shortly."""
    if window.cancelled:
        return Reason.CANCELLED
    if not window.published or not offered:
        return Reason.UNKNOWN_PLACE
    if window.opens_at is not None and moment < window.opens_at:
        return Reason.NOT_OPEN_YET
    if (window.closes_at is not None and moment >= window.closes_at) or not any(stand.is_open for stand in offered):
        return Reason.CLOSED
    return None if window.ready else Reason.OPENS_SHORTLY
