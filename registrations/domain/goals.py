"""A capacity that is to fall: who is in the way of its goal, and who was asked to leave and need not any more. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from registrations.domain.records import Booking, Pool
from registrations.facts import Cause

if TYPE_CHECKING:
    from registrations.domain.ledger import Ledger


def last_in(ledger: Ledger, pool: Pool, surplus: int, *, asked: bool = False) -> list[Booking]:
    """Who would have to leave for a pool to hold `surplus` fewer: whoever booked last. With `asked` only of those who
    were asked to: others came later by what their form had kept, and are not asked for it."""
    found = list[Booking]()
    taking = (one for one in ledger.live_in(pool) if one.is_taking and (one.asked_to_move_at or not asked))
    for booking in sorted(taking, key=lambda one: (one.created_at, one.id), reverse=True):
        if surplus <= 0:
            break
        found.append(booking)
        surplus -= booking.places[pool.id]
    return found


def come_down(ledger: Ledger, pools: Iterable[Pool]) -> None:
    """Let capacities fall to their goals by what was given back; and where others gave back enough, those stay who were
    asked to leave and did not."""
    for pool in pools:
        pool.come_down()
    let_stay(ledger)


def let_stay(ledger: Ledger) -> None:
    """Whoever was asked to choose something else and is in the way of no goal any more is told so, since they may still
    be looking. Not a booking that draws on pools which are not here: whoever locks them sees to it."""
    asked = [
        one
        for one in ledger.bookings.values()
        if one.asked_to_move_at is not None and one.is_live and ledger.pools.keys() >= one.places.keys()
    ]
    falling = {pool_id for one in asked for pool_id in one.places if ledger.pools[pool_id].goal is not None}
    needed = {one.id for pool_id in falling for one in _in_the_way(ledger, ledger.pools[pool_id])}
    for booking in sorted(asked, key=lambda one: one.id):
        if booking.id not in needed:
            booking.asked_to_move_at = None
            ledger.changed(booking, "may_stay", Cause.STAFF)


def _in_the_way(ledger: Ledger, pool: Pool) -> list[Booking]:
    return [] if pool.goal is None else last_in(ledger, pool, pool.used - pool.goal, asked=True)
