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


class Awaits(StrEnum):
    """What a booking needs before it counts."""

    ADDRESS = "address"  # its visitor's answer to our mail
    APPROVAL = "approval"  # the organiser's yes


class Scope(StrEnum):
    """What a pool of places is counted over."""

    PLACE = "place"  # the slot, or the event itself, that is booked
    STAND = "stand"  # everything booked at one stand: its tables
    EVENT = "event"  # everything booked at the event


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
    is_group: bool = False
    """A school class or a company, under one contact person."""
    target_groups: tuple[UUID, ...] = ()
    previous_slot_id: UUID | None = None
    """Of a move; the same as `slot_id` where the slot itself was moved to another time."""
    offer_ends_at: AwareDatetime | None = None
    """Of an offer."""
    starts_at: AwareDatetime | None = None
    """The time this booking is for, as of this version: a moved slot is heard here even before the slot's own fact."""
    ends_at: AwareDatetime | None = None
    awaits: Awaits | None = None
    lots_at: AwareDatetime | None = None
    """Of one that waits for lots: when they are to be drawn, as of this version."""

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


class BookingHeld(BookingFact):
    """Asked for, and kept (or in line) until what it `awaits` has come: the visitor's answer, or the organiser's."""

    subject = "registrations.booking.held"


class BookingHandOverAsked(BookingFact):
    """Its visitor would have someone else come instead; nothing changes until that one says yes.

    The link is `Keys.token("hand-over", hand_over_id, 0)`, at `/{lang}/hand-over/{token}`."""

    subject = "registrations.booking.hand_over_asked"

    to_visitor_id: UUID
    hand_over_id: UUID
    hand_over_ends_at: AwareDatetime


class BookingHandedOver(BookingFact):
    """Someone else comes: `visitor_id` from now on. Earlier links and tickets are worthless."""

    subject = "registrations.booking.handed_over"

    previous_visitor_id: UUID | None = None


class BookingRenewed(BookingFact):
    """Its visitor's address was corrected: earlier links and tickets are worthless, and it is told anew."""

    subject = "registrations.booking.renewed"


class BookingAskedToMove(BookingFact):
    """The organiser needs the place and asks its household to choose another; they may keep it."""

    subject = "registrations.booking.asked_to_move"


class BookingMayStay(BookingFact):
    """Its household was asked to choose another place and need not any more: there is room for all again."""

    subject = "registrations.booking.may_stay"


class BookingDrawn(BookingFact):
    """Lots were drawn, and gave this booking its place in line, but no place at the event."""

    subject = "registrations.booking.drawn"


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
    scope: Scope = Scope.PLACE
    """Pools of a stand or event lie across its places: whoever books there needs room in them too."""
    stand_id: UUID | None = None
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


class SelectionMade(Fact):
    """Staff chose bookings from a list, to write to their visitors: a part of them, by ids alone."""

    subject = "registrations.selection.made"
    key = "part_id"

    part_id: UUID
    """Parts are told in any order; each is a unit of its own."""
    selection_id: UUID
    event_id: UUID
    bookings: tuple[UUID, ...] = ()
    part: int
    parts: int
    ends_at: AwareDatetime
    """Then it is forgotten."""


class VisitorErased(Fact):
    """A visitor asked to be forgotten, or the retention rule says so: whoever keeps the id drops what hangs on it."""

    subject = "registrations.visitor.erased"
    key = "visitor_id"

    visitor_id: UUID
