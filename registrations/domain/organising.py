"""What the organiser does to places: more or fewer of them, at another time, none any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from registrations.domain import goals, line, tables
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, Pool
from registrations.domain.refusals import Reason, Refused
from registrations.domain.settling import kept_until
from registrations.facts import BookingStatus, Cause, Scope


def set_capacity(ledger: Ledger, pool: Pool, capacity: int, *, asking: bool = False) -> None:
    """Another capacity. Below what is taken it is refused with how many that is; or, `asking`, whoever booked last is
    asked to choose something else, and what they give back is not given out until the goal is reached."""
    ledger.touched_pools.add(pool.id)
    if capacity >= pool.used:
        pool.goal, pool.capacity = None, capacity
        goals.let_stay(ledger)
        ledger.move_line([pool])
    elif asking:
        pool.goal, pool.capacity = capacity, pool.used
        asked = affected(ledger, pool, pool.used - capacity)
        _ask_to_move(ledger, asked)
        goals.let_stay(ledger)
    else:
        raise Refused(Reason.BELOW_USED, used=pool.used, capacity=capacity)


def affected(ledger: Ledger, pool: Pool, surplus: int) -> list[Booking]:
    """Who would have to leave for a pool to hold `surplus` fewer: whoever booked last."""
    return goals.last_in(ledger, pool, surplus)


def _ask_to_move(ledger: Ledger, bookings: Iterable[Booking]) -> None:
    for booking in bookings:
        if booking.asked_to_move_at is None:
            booking.asked_to_move_at = ledger.moment
            ledger.changed(booking, "asked_to_move", Cause.STAFF)


def close(ledger: Ledger, *pools: Pool) -> None:
    """Nothing more may be taken, and who had a place loses it, but for those for whom another table of their stand has
    room at that time. Those who attended did attend.

    All are closed before the first booking ends: nobody is promoted from one into the next that closes. Who had a place
    sits at another table before who waits stands in its line, and that before a place is given to anyone.
    """
    for pool in pools:
        if pool.open:
            pool.open = False
            ledger.touched_pools.add(pool.id)
    there = {one.id: one for pool in pools for one in ledger.live_in(pool)}
    first_who_have_a_place = sorted(there.values(), key=lambda one: (not one.is_taking, one.id))
    for booking in [one for one in first_who_have_a_place if not _goes_on(ledger, one)]:
        ledger.end(booking, Cause.EVENT)
    ledger.move_line(pools)


def _goes_on(ledger: Ledger, booking: Booking) -> bool:
    """Whether another table took it in. Nothing changes for the household then: it chose the stand and the time, and
    nobody writes to it about its table."""
    seat = tables.left_open(ledger, booking)
    if seat is None:
        return False
    if booking.is_taking:
        ledger.leave(booking)
        tables.sit(ledger, booking, seat)
        ledger.take(booking)
    else:
        line.stand_elsewhere(ledger, booking, seat.places)
        tables.sit(ledger, booking, seat)
    ledger.changed(booking, "moved", Cause.EVENT)
    return True


def retime(ledger: Ledger, pool: Pool, starts_at: datetime, ends_at: datetime) -> None:
    """The slot or event was moved: its bookings follow, and none is kept for an answer beyond the new start."""
    if (pool.starts_at, pool.ends_at) == (starts_at, ends_at):
        return
    pool.starts_at, pool.ends_at = starts_at, ends_at
    ledger.touched_pools.add(pool.id)
    if pool.scope is not Scope.PLACE:
        return
    for booking in ledger.live_in(pool):
        booking.starts_at, booking.ends_at = starts_at, ends_at
        if booking.ends_by is not None:
            is_held = booking.status is BookingStatus.HELD
            booking.ends_by = min(kept_until(ledger, booking) if is_held else booking.ends_by, starts_at)
        ledger.changed(booking, "moved", Cause.EVENT, previous_slot_id=booking.slot_id)
    ledger.move_line([pool])
