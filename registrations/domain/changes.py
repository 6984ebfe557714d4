"""What a decision leaves behind: the steps of bookings, and why a line moved as it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from registrations.domain.records import Booking
from registrations.facts import Awaits, BookingStatus, Cause


@dataclass(frozen=True, slots=True)
class Change:
    """One step of one booking, in the order it was taken: the stuff of one fact."""

    booking: Booking
    what: str
    """held, confirmed, waitlisted, offered, changed, moved, cancelled, asked_again, asked_to_move, may_stay,
    handed_over, or drawn: lots were, and it waits on."""
    status: BookingStatus
    version: int
    cause: Cause
    visitor_id: UUID
    event_id: UUID
    adults: int
    children: int
    rotation: int
    stand_id: UUID | None
    slot_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    ends_by: datetime | None
    awaits: Awaits | None
    lots_at: datetime | None
    previous_slot_id: UUID | None
    previous_visitor_id: UUID | None


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One look at one booking while its line moved. Entries of one `turn` were looked at one after the other.

    Decisions: promoted, offered (with a `why` where staff did it), passed_over (`reason`: too_large, has_offer, address
    or approval), taken (a newcomer who fitted where those before did not) and drawn (lots gave it its place in line).
    `needs` and `frees` are by pool, as they were at that look: who was passed over can be told again from them.
    """

    turn: int
    booking_id: UUID
    pool_id: UUID
    decision: str
    line: int
    needed: int
    free: int
    needs: Mapping[UUID, int]
    frees: Mapping[UUID, int]
    reason: str | None = None
    why: str | None = None
    account_id: UUID | None = None


@dataclass(slots=True)
class Log:
    """The entries of a decision, by turns."""

    entries: list[LineEntry] = field(default_factory=list)
    turn: int = 0

    def next_turn(self) -> int:
        self.turn += 1
        return self.turn
