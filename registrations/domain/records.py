"""The rows that decisions are made of: a pool of places, a booking, and what is asked for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from events.facts import Unit
from registrations.domain.household import LARGEST_HOUSEHOLD
from registrations.facts import BookingStatus, Cause

LIVE = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED})
"""Those whose visitor may still change or cancel them."""
COUNTED = LIVE | {BookingStatus.ATTENDED}
"""Those that a second attempt of the same visitor leads to."""
TAKING = frozenset(
    {BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.ATTENDED, BookingStatus.NO_SHOW}
)
"""Those that take places."""


class LinePolicy(StrEnum):
    """How a place that became free goes to the next in line."""

    PROMOTE = "promote"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class EventRules:
    """How an event gives out its places."""

    line: LinePolicy = LinePolicy.PROMOTE
    offer_for: timedelta = timedelta(hours=24)
    largest_household: int = LARGEST_HOUSEHOLD


@dataclass(frozen=True, slots=True)
class EventWindow:
    """When an event may be booked. `opens_at` None: at once; `closes_at` None: until each place begins."""

    published: bool
    cancelled: bool
    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(slots=True)
class Pool:
    """Places of an event or slot: a locked row."""

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

    @property
    def free(self) -> int:
        return self.capacity - self.used

    def needs(self, adults: int, children: int) -> int:
        """How many of its places a household takes."""
        return 1 if self.unit is Unit.HOUSEHOLDS else adults + children


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
    asked_again_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_taking(self) -> bool:
        return self.status in TAKING and bool(self.places)

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at


# What may be asked ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Book:
    """A household wants a place: of a slot, or of the event itself where `slot_id` is None."""

    booking_id: UUID
    visitor_id: UUID
    event_id: UUID
    slot_id: UUID | None
    adults: int
    children: int
    wait: bool
    """Whether it would rather wait than be refused."""
    attempt: UUID
    via: UUID | None = None
    heard_of: str | None = None
    target_groups: tuple[UUID, ...] = ()
    by_staff: bool = False
    """Staff may book outside the registration period."""
    walk_in: bool = False
    """Someone who stands here now: takes no place unless a slot is named."""
    stand_id: UUID | None = None
    """Of a walk-in without a slot."""


@dataclass(frozen=True, slots=True)
class Cancel:
    booking_id: UUID
    cause: Cause


@dataclass(frozen=True, slots=True)
class Resize:
    """The household grows or shrinks."""

    booking_id: UUID
    adults: int
    children: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Move:
    """Another slot of the same event."""

    booking_id: UUID
    slot_id: UUID
    cause: Cause


@dataclass(frozen=True, slots=True)
class Accept:
    """Yes to an offer."""

    booking_id: UUID


Wish = Book | Cancel | Resize | Move | Accept


class Came(StrEnum):
    """How a wish ended, for the one who asked."""

    BOOKED = "booked"
    WAITING = "waiting"
    AGAIN = "again"  # the visitor had one already; the receipt does not say so
    CHANGED = "changed"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of a wish. Only staff and the booking's own visitor are shown more than that it was received."""

    came: Came
    booking_id: UUID
