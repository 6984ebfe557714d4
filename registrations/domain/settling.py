"""What a household takes where it is put, and the state it has there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from registrations.domain.ledger import Ledger
from registrations.domain.records import ADDRESS_WITHIN, Booking, Pool
from registrations.facts import Awaits, BookingStatus


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
    soon = ledger.moment + ADDRESS_WITHIN
    booking.ends_by = min(soon, booking.starts_at) if booking.awaits is Awaits.ADDRESS else booking.starts_at
