"""An event as visitors see it: its stands, their slots by day with places left, and what stands on each door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from events.domain.booking import BOOKABLE, Door, door, fewest, together
from events.domain.state import Event, Places, Programme, Slot, Stand
from events.domain.zones import to_wall
from events.records import Whole
from programmes.facts import Municipality, Term


@dataclass(frozen=True, slots=True)
class ShownTime:
    """One time at a stand; slots at several tables at the same time are one choice for the visitor."""

    slot_id: UUID
    """The one that a booking begins with: open, else full, else whichever."""
    starts_at: datetime
    ends_at: datetime
    door: Door
    left: int | None
    """Places left at all tables together; None while registrations has not told."""
    unit: str

    @property
    def bookable(self) -> bool:
        return self.door in BOOKABLE


@dataclass(frozen=True, slots=True)
class ShownDay:
    on: date
    times: list[ShownTime]


@dataclass(frozen=True, slots=True)
class ShownStand:
    stand: Stand
    days: list[ShownDay]
    door: Door
    left: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class ShownSession:
    session: Slot
    door: Door
    left: int | None
    """None while registrations has not told."""
    unit: str

    @property
    def bookable(self) -> bool:
        return self.door in BOOKABLE


@dataclass(frozen=True, slots=True)
class ShownEvent:
    event: Event
    programme: Programme | None
    stands: list[ShownStand]
    sessions: list[tuple[date, list[ShownSession]]]
    """By day, in order of time, then room."""
    called_off: list[Slot]
    """Sessions that were public and are no more: calendars are told of them."""
    door: Door
    """Of the whole event."""
    own_door: Door | None
    """Of the event itself; None where visitors book slots only."""
    own_left: int | None

    @property
    def bookable(self) -> bool:
        return self.door in BOOKABLE

    @property
    def on_plan(self) -> list[ShownStand]:
        """The stands that have a place in the hall."""
        return [one for one in self.stands if one.stand.spot is not None]

    @property
    def municipality(self) -> Municipality | None:
        return self.programme.municipality(self.event.municipality_id) if self.programme else None

    @property
    def activity(self) -> Term | None:
        return self.programme.activity_type(self.event.activity_type) if self.programme else None

    @property
    def groups(self) -> list[Term]:
        return self.programme.groups(self.event.target_groups) if self.programme else []

    @property
    def points(self) -> list[Term]:
        return self.programme.points(self.event.selling_points) if self.programme else []


def show(whole: Whole, programme: Programme | None, moment: datetime) -> ShownEvent:
    """What a visitor sees of an event at `moment`."""
    event = whole.event
    stands = [_stand(whole, stand, moment) for stand in whole.stands]
    own_door, own = None, None
    if event.first_amount is not None:
        own = fewest(whole.places_at(None))
        own_door = door(event, own, event.starts_at, event.ends_at, moment)
    sessions = [_session(whole, session, moment) for session in whole.sessions]
    doors = [
        *(shown.door for shown in stands if shown.days),
        *(shown.door for shown in sessions),
        *([own_door] if own_door else []),
    ]
    days = groupby(sessions, key=lambda one: to_wall(one.session.starts_at, event.time_zone).date())
    return ShownEvent(
        event,
        programme,
        stands,
        [(on, list(those)) for on, those in days],
        [one for one in whole.slots if one.is_session and not one.is_open and _was_public(event, one)],
        together(event, doors, moment),
        own_door,
        own.left if own else None,
    )


def _session(whole: Whole, session: Slot, moment: datetime) -> ShownSession:
    places = fewest(whole.places_at(session.slot_id))
    shown = door(whole.event, places, session.starts_at, session.ends_at, moment)
    unit = places.unit if places else session.first_unit
    return ShownSession(session, shown, places.left if places else None, unit)


def _was_public(event: Event, session: Slot) -> bool:
    """Whether it was called off after its event had been published."""
    return event.published_at is not None and session.updated_at > event.published_at


def _stand(whole: Whole, stand: Stand, moment: datetime) -> ShownStand:
    event = whole.event
    own = (slot for slot in whole.open_slots if slot.stand_id == stand.stand_id)
    slots = sorted(own, key=lambda slot: (slot.starts_at, slot.ends_at, slot.desk))
    times = [
        _time(event, list(same), whole, moment)
        for _, same in groupby(slots, key=lambda slot: (slot.starts_at, slot.ends_at))
    ]
    days = [
        ShownDay(on, list(those))
        for on, those in groupby(times, key=lambda one: to_wall(one.starts_at, event.time_zone).date())
    ]
    known = [one.left for one in times if one.left is not None]
    return ShownStand(
        stand,
        days,
        together(event, [one.door for one in times], moment),
        sum(left for one in times if (left := one.left) is not None and one.bookable) if known else None,
        times[0].unit if times else "households",
    )


def _time(event: Event, slots: Sequence[Slot], whole: Whole, moment: datetime) -> ShownTime:
    tables: list[tuple[Slot, Places | None, Door]] = []
    for slot in slots:
        places = fewest(whole.places_at(slot.slot_id))
        tables.append((slot, places, door(event, places, slot.starts_at, slot.ends_at, moment)))
    order = (Door.OPEN, Door.FULL)
    chosen = min(tables, key=lambda table: order.index(table[2]) if table[2] in order else len(order))
    known = [places.left for _, places, _ in tables if places is not None]
    return ShownTime(
        chosen[0].slot_id,
        chosen[0].starts_at,
        chosen[0].ends_at,
        chosen[2],
        sum(known) if known else None,
        chosen[0].first_unit,
    )
