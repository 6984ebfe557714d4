"""The rows that decisions are made of: a pool of places, a booking, and what is asked for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from events.facts import Unit
from registrations.domain.household import LARGEST_HOUSEHOLD
from registrations.facts import Awaits, BookingStatus, Cause, Scope

LIVE = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED})
"""Those whose visitor may still change or cancel them."""
COUNTED = LIVE | {BookingStatus.ATTENDED}
"""Those that a second attempt of the same visitor leads to."""
TAKING = frozenset(
    {BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.ATTENDED, BookingStatus.NO_SHOW}
)
"""Those that take places."""


HOLD_LASTS = timedelta(minutes=10)
"""A time that was chosen is kept so long while its form is filled in."""
ADDRESS_WITHIN = timedelta(hours=48)
"""Where addresses must be confirmed, a place is kept so long for whoever has not done it yet."""


class LinePolicy(StrEnum):
    """How a place that became free goes to the next in line."""

    PROMOTE = "promote"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class EventRules:
    """How an event gives out its places. Spans before a start are None where there is no deadline but the start."""

    line: LinePolicy = LinePolicy.PROMOTE
    offer_for: timedelta = timedelta(hours=12)
    """Of the visitor's waking hours: nights do not count."""
    largest_household: int = LARGEST_HOUSEHOLD
    largest_group: int | None = None
    """Persons of a school class or company that books by itself; None: staff alone book groups."""
    confirm_address: bool = False
    """Double opt-in: a booking counts once its visitor has answered our mail."""
    approval: bool = False
    """Staff say yes to each booking."""
    change_until: timedelta | None = None
    """Visitors may change or move a booking until so long before it begins."""
    cancel_until: timedelta | None = None
    draw_at: datetime | None = None
    """A lottery: until then everyone waits, and lots decide the order of the line. As read, it is when they are drawn:
    a day before the first place begins, where that has come to be earlier than what was chosen."""
    drawn_at: datetime | None = None

    @property
    def lots_at(self) -> datetime | None:
        """When lots are drawn that everyone waits for; None where there are none, and from the draw on."""
        return self.draw_at if self.drawn_at is None else None

    @property
    def is_undrawn(self) -> bool:
        return self.lots_at is not None


@dataclass(frozen=True, slots=True)
class EventWindow:
    """When an event may be booked. `opens_at` None: at once; `closes_at` None: until each place begins."""

    published: bool
    cancelled: bool
    opens_at: datetime | None
    closes_at: datetime | None
    time_zone: str = "Europe/Oslo"
    """Where it is: a visitor's waking hours are reckoned there."""
    ready: bool = True
    """False of a copy until the first event's questions and rules were carried over to it."""


def needed(unit: Unit, adults: int, children: int) -> int:
    """How many places a household takes where they are counted so; none of those for children where none come."""
    match unit:
        case Unit.HOUSEHOLDS:
            return 1
        case Unit.CHILDREN:
            return children
        case Unit.PERSONS:
            return adults + children


@dataclass(slots=True)
class Pool:
    """Places that are counted together: a locked row.

    Scope PLACE is what is booked itself: a slot, or the event. STAND and EVENT lie across those: everything booked at
    one stand (its tables, its hosts), or at the event; of these there may be several, each counting something else.
    """

    id: UUID
    event_id: UUID
    stand_id: UUID | None
    slot_id: UUID | None
    unit: Unit
    capacity: int
    used: int
    waiting: int
    last_line: int
    open: bool
    starts_at: datetime
    ends_at: datetime
    version: int
    scope: Scope = Scope.PLACE
    goal: int | None = None
    """Where capacity was to fall below what is taken: what is given back is not given out until it is reached."""

    @property
    def free(self) -> int:
        """How many may be given out: none while more is taken than the goal."""
        whole = self.capacity if self.goal is None else min(self.goal, self.capacity)
        return max(whole - self.used, 0)

    def come_down(self) -> None:
        """Fall towards the goal by what was given back. Once for a decision, not for each of its steps: a place that is
        put down and taken up again in one of them was never free."""
        if self.goal is not None:
            self.capacity = min(self.capacity, max(self.goal, self.used))
            self.goal = None if self.capacity == self.goal else self.goal

    def needs(self, adults: int, children: int) -> int:
        """How many of its places a household takes."""
        return needed(self.unit, adults, children)


@dataclass(slots=True)
class Hold:
    """A place kept while a form is filled in, by whoever has that form: nobody knows who it is."""

    attempt: UUID
    event_id: UUID
    stand_id: UUID | None
    slot_id: UUID | None
    adults: int
    children: int
    ends_by: datetime
    places: dict[UUID, int] = field(default_factory=dict)


@dataclass(slots=True)
class Booking:
    """A household's place, or its wish for one. `places` says how much it wants of each pool: all of it or nothing."""

    id: UUID
    visitor_id: UUID
    event_id: UUID
    stand_id: UUID | None
    slot_id: UUID | None
    status: BookingStatus
    cause: Cause
    version: int
    adults: int
    children: int
    starts_at: datetime
    ends_at: datetime
    attempt: UUID
    created_at: datetime
    changed_at: datetime
    code: str = ""
    """The short code on its ticket."""
    places: dict[UUID, int] = field(default_factory=dict)
    line: int | None = None
    ends_by: datetime | None = None
    rotation: int = 0
    via: UUID | None = None
    heard_of: str | None = None
    target_groups: tuple[UUID, ...] = ()
    walk_in: bool = False
    is_group: bool = False
    asked_again_at: datetime | None = None
    awaits: Awaits | None = None
    """What it needs before it can be confirmed, or promoted from a line."""
    asked_to_move_at: datetime | None = None
    """The organiser needs the place and asked for another choice."""
    declined: bool = False
    """Ended by the organiser's no, or for want of their yes."""
    has_offer: bool = False
    """Of one that waits: its visitor is offered a place that is not in this ledger. Read with the row, never
    written."""

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_taking(self) -> bool:
        return self.status in TAKING and bool(self.places)

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at
