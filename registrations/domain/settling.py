"""What a household takes where it is put, and the state it has there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from registrations.domain.records import ADDRESS_WITHIN, Booking, Pool
from registrations.facts import Awaits, BookingStatus

if TYPE_CHECKING:
    from registrations.domain.ledger import Ledger


def needs(pools: Sequence[Pool], adults: int, children: int) -> dict[UUID, int]:
    """How much of each pool; nothing of those that count what is not there."""
    wanted = {pool.id: pool.needs(adults, children) for pool in pools}
    return {pool_id: amount for pool_id, amount in wanted.items() if amount}


def settle(ledger: Ledger, booking: Booking) -> None:
    """The state of one that has a place: confirmed, or held until what it awaits has come."""
    if booking.awaits is None:
        booking.status, booking.ends_by = BookingStatus.CONFIRMED, None
        return
    booking.status = BookingStatus.HELD
    booking.ends_by = kept_until(ledger, booking)


def kept_until(ledger: Ledger, booking: Booking) -> datetime:
    """How long a place is kept for one that awaits something, at most until it begins."""
    if booking.awaits is not Awaits.ADDRESS:
        return booking.starts_at
    return min(booking.ends_by or ledger.moment + ADDRESS_WITHIN, booking.starts_at)


def standing(booking: Booking) -> str:
    """The step that says where a booking stands after it was put somewhere, or in line."""
    if booking.awaits is not None:
        return "held"
    return "confirmed" if booking.status is BookingStatus.CONFIRMED else "waitlisted"
