"""What registrations tells the others: who comes (by id alone), places left, whom we met and what became of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from events.facts import Unit
from services.facts import Code, Fact


class BookingStatus(StrEnum):
    HELD = "held"  # chosen, not yet confirmed; ends by itself
    CONFIRMED = "confirmed"  # held | waiting | offered -> confirmed
    WAITING = "waiting"  # in line for a place
    OFFERED = "offered"  # waiting -> offered: a place is kept until the offer ends
    CANCELLED = "cancelled"  # from any but attended
    ATTENDED = "attended"  # confirmed -> attended
    NO_SHOW = "no_show"  # confirmed -> no_show


class Cause(StrEnum):
    """Who or what brought the change about."""

    VISITOR = "visitor"
    STAFF = "staff"
    EVENT = "event"  # the event or slot was moved or cancelled
    EXPIRY = "expiry"  # a hold or an offer ended
    PROMOTION = "promotion"  # the next in line got the place
    ERASURE = "erasure"


class BookingFact(Fact):
    """The public state of a booking. `via` is the click that led to it, `heard_of` what the visitor answered."""

    key = "booking_id"

    booking_id: UUID
    visitor_id: UUID
    event_id: UUID
    stand_id: UUID | None = None
    slot_id: UUID | None = None
    status: BookingStatus
    cause: Cause
    adults: int
    children: int
    rotation: int = 0
    """Of the ticket and of the link to the booking (`Keys.token("ticket" | "booking", booking_id, rotation)`)."""
    via: UUID | None = None
    heard_of: Code | None = None
    walk_in: bool = False
    target_groups: tuple[UUID, ...] = ()
    previous_slot_id: UUID | None = None
    """Of a move; the same as `slot_id` where the slot itself was moved to another time."""
    offer_ends_at: AwareDatetime | None = None
    """Of an offer."""
    starts_at: AwareDatetime | None = None
    """The time this booking is for, as of this version: a moved slot is heard here even before the slot's own fact."""
    ends_at: AwareDatetime | None = None

    @property
    def persons(self) -> int:
        return self.adults + self.children


class BookingConfirmed(BookingFact):
    subject = "registrations.booking.confirmed"


class BookingWaitlisted(BookingFact):
    subject = "registrations.booking.waitlisted"


class BookingOffered(BookingFact):
    subject = "registrations.booking.offered"


class BookingChanged(BookingFact):
    """The household changed; time and place did not."""

    subject = "registrations.booking.changed"


class BookingMoved(BookingFact):
    """Another slot, or another time of the same one. Cause EVENT: the organiser moved it."""

    subject = "registrations.booking.moved"


class BookingCancelled(BookingFact):
    subject = "registrations.booking.cancelled"


class BookingAttended(BookingFact):
    subject = "registrations.booking.attended"


class BookingMissed(BookingFact):
    subject = "registrations.booking.missed"


class BookingAskedAgain(BookingFact):
    """Its visitor tried to book once more: they should be led, by mail, to the booking they have."""

    subject = "registrations.booking.asked_again"


class AttendanceUndone(BookingFact):
    """A check-in was taken back: the booking is confirmed again."""

    subject = "registrations.booking.attendance_undone"


class PlacesChanged(Fact):
    """How full an event or slot is: for pages that show places left."""

    subject = "registrations.pool.changed"
    key = "pool_id"

    pool_id: UUID
    event_id: UUID
    slot_id: UUID | None = None
    unit: Unit
    capacity: int
    used: int
    waiting: int
    open: bool = True
    """False: the organiser closed it; nothing more can be booked there."""


class InterestRegistered(Fact):
    """Someone wants to hear more, without an event."""

    subject = "registrations.interest.registered"
    key = "interest_id"

    interest_id: UUID
    visitor_id: UUID
    via: UUID | None = None
    heard_of: Code | None = None
    target_groups: tuple[UUID, ...] = ()


class Interest(StrEnum):
    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


class LeadFact(Fact):
    """A conversation, without what was said."""

    key = "lead_id"

    lead_id: UUID
    visitor_id: UUID
    booking_id: UUID | None = None
    event_id: UUID | None = None
    stand_id: UUID | None = None
    interest: Interest
    via: UUID | None = None
    owner_id: UUID | None = None
    """The account that follows up."""
    next_step_on: date | None = None
    target_groups: tuple[UUID, ...] = ()


class LeadNoted(LeadFact):
    subject = "registrations.lead.noted"


class LeadChanged(LeadFact):
    subject = "registrations.lead.changed"


class OutcomeKind(StrEnum):
    VISIT_TRIP = "visit_trip"
    JOB = "job"
    HOUSE = "house"
    MOVED = "moved"
    STILL_HERE_12 = "still_here_12"
    STILL_HERE_24 = "still_here_24"


class OutcomeSource(StrEnum):
    SELF_REPORTED = "self_reported"
    STAFF = "staff"


class OutcomeLogged(Fact):
    """What became of a lead; a mistaken one is `withdrawn`."""

    subject = "registrations.outcome.logged"
    key = "outcome_id"

    outcome_id: UUID
    lead_id: UUID
    visitor_id: UUID
    booking_id: UUID | None = None
    via: UUID | None = None
    kind: OutcomeKind
    source: OutcomeSource
    on: date
    adults: int
    children: int
    withdrawn: bool = False


class VisitorErased(Fact):
    """A visitor asked to be forgotten, or the retention rule says so: whoever keeps the id drops what hangs on it."""

    subject = "registrations.visitor.erased"
    key = "visitor_id"

    visitor_id: UUID
