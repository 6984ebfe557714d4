"""The line for a place: who is next, who is passed over and why, and how lots are drawn. Pure.

A place that became free goes to the first in line who fits, whole or not at all. Lines of several pools that a place
draws on are one line, and those of a stand's tables at one time: its order is the number given when the household
asked, or by lot.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from heapq import merge
from typing import TYPE_CHECKING
from uuid import UUID

from events.facts import Unit
from registrations.domain import tables
from registrations.domain.changes import LineEntry
from registrations.domain.records import Booking, LinePolicy, Pool
from registrations.domain.waking import after_waking
from registrations.facts import BookingStatus, Cause, Scope

if TYPE_CHECKING:
    from registrations.domain.ledger import Ledger


def _order(booking: Booking) -> tuple[int, UUID]:
    return booking.line or 0, booking.id


class Lines:
    """Who waits for each pool, in order."""

    def __init__(self) -> None:
        self._of: dict[UUID, deque[Booking]] = defaultdict(deque)

    def add(self, booking: Booking) -> None:
        """Take in one that waits; those added later stand later."""
        for pool_id in booking.places:
            self._of[pool_id].append(booking)

    def waiting(self, pools: Iterable[UUID]) -> Iterator[Booking]:
        """Whoever waits for any of these pools, once each, first come first."""
        last: Booking | None = None
        for booking in merge(*(self._waiting_for(pool_id) for pool_id in pools), key=_order):
            if booking is not last and booking.status is BookingStatus.WAITING:
                yield booking
            last = booking

    def _waiting_for(self, pool_id: UUID) -> Iterator[Booking]:
        line = self._of[pool_id]
        while line and not _waits(line[0], pool_id):
            line.popleft()
        return (one for one in line if _waits(one, pool_id))

    def reorder(self, pools: Iterable[UUID]) -> None:
        """The numbers of those who wait were changed: put them in their order."""
        for pool_id in pools:
            self._of[pool_id] = deque(sorted(self._of[pool_id], key=_order))


def _waits(booking: Booking, pool_id: UUID) -> bool:
    return booking.status is BookingStatus.WAITING and pool_id in booking.places


def move(ledger: Ledger, pools: Iterable[Pool]) -> None:
    """Give what is free in these pools to the first in line who fit, and write down who was passed over and why."""
    freed = tables.beside(ledger, {pool.id for pool in pools})
    if not any(ledger.pools[pool_id].free > 0 for pool_id in freed):
        return
    turn, passed = ledger.log.next_turn(), list[LineEntry]()
    for booking in ledger.lines.waiting(_lines_of(ledger, freed)):
        if not ledger.may_promote(booking):
            continue
        reason = blocked_by(ledger, booking)
        if reason is None:
            ledger.log.entries.extend(passed)
            passed.clear()
            promote(ledger, booking, turn)
            if not any(ledger.pools[pool_id].free > 0 for pool_id in freed):
                return
        else:
            passed.append(entry(ledger, booking, turn, "passed_over", reason))


def _lines_of(ledger: Ledger, freed: Iterable[UUID]) -> list[UUID]:
    """The pools in whose lines those stand who may be passed when something in `freed` is given out: whoever gets it
    takes of what lies across it too, and with it what others wait for."""
    found = {pool_id: ledger.pools[pool_id] for pool_id in freed}
    for pool in [one for one in found.values() if one.scope is Scope.PLACE]:
        found.update((one.id, one) for one in ledger.pools_for(pool.event_id, pool.slot_id))
    # Everyone under a pool that lies across is in its line; but for one that counts children, where some bring none.
    for pool in [one for one in found.values() if one.unit is Unit.CHILDREN]:
        found.update((one.id, one) for one in ledger.places_under(pool))
    return sorted(found)


def stand_elsewhere(ledger: Ledger, booking: Booking, wanted: dict[UUID, int]) -> None:
    """One that waits keeps its number, and stands with it in the lines of what it wants now."""
    ledger.leave(booking)
    booking.places = wanted
    for pool_id in wanted:
        pool = ledger.pools[pool_id]
        pool.waiting += 1
        pool.last_line = max(pool.last_line, booking.line or 0)
        ledger.touched_pools.add(pool_id)
    ledger.lines.add(booking)
    ledger.lines.reorder(wanted)


def blocked_by(ledger: Ledger, booking: Booking) -> str | None:
    """Why someone in line cannot be given what is free now; None: they can."""
    if booking.awaits is not None:
        return booking.awaits.value
    if has_offer(ledger, booking):
        return "has_offer"
    return None if tables.seat_for(ledger, booking) is not None else "too_large"


def has_offer(ledger: Ledger, booking: Booking) -> bool:
    """Whether the visitor of one in line has an offer to answer first."""
    others = (one for one in ledger.of_visitor(booking.visitor_id) if one.id != booking.id)
    return booking.has_offer or any(one.status is BookingStatus.OFFERED for one in others)


def promote(
    ledger: Ledger,
    booking: Booking,
    turn: int,
    *,
    why: str | None = None,
    account_id: UUID | None = None,
) -> None:
    """Give a place to someone in line who fits: at once, or as an offer where the event or staff (`why`) will it so.
    It is at the table they chose, or one beside it."""
    seat = tables.seat_for(ledger, booking)
    assert seat is not None, "whoever does not fit is not promoted"
    rules, window = ledger.rules(booking.event_id), ledger.window(booking.event_id)
    offer = rules.line is LinePolicy.OFFER or why is not None
    decision = "offered" if offer else "promoted"
    ledger.leave(booking)
    tables.sit(ledger, booking, seat)
    made = entry(ledger, booking, turn, decision, None)
    ledger.log.entries.append(replace(made, why=why, account_id=account_id))
    booking.status = BookingStatus.OFFERED if offer else BookingStatus.CONFIRMED
    if offer:
        zone = window.time_zone if window else "Europe/Oslo"
        booking.ends_by = min(after_waking(ledger.moment, rules.offer_for, zone), booking.starts_at)
    ledger.take(booking)
    ledger.changed(booking, decision if offer else "confirmed", Cause.STAFF if why is not None else Cause.PROMOTION)


def passed_by(ledger: Ledger, newcomer: Booking) -> None:
    """A newcomer fits where those before do not: as if they had joined the line and been the first to fit.

    Not where capacity is to fall and their form has kept the place: nothing was free, and nobody was passed over.
    """
    if not ledger.fits(newcomer.places):
        return
    line = ledger.lines.waiting(tables.beside(ledger, newcomer.places))
    before = [one for one in line if ledger.may_promote(one)]
    if before:
        turn = ledger.log.next_turn()
        for one in before:
            reason = blocked_by(ledger, one)
            if reason is not None:
                ledger.log.entries.append(entry(ledger, one, turn, "passed_over", reason))
        ledger.log.entries.append(entry(ledger, newcomer, turn, "taken", None))


def draw(ledger: Ledger, event_id: UUID, seed: bytes) -> None:
    """Order those who wait at an event by lot: by the SHA-256 of the seed and their id, which anyone can do again. Whom
    it gives no place hears that too."""
    everyone = (one for one in ledger.bookings.values() if one.event_id == event_id)
    waiting = [one for one in everyone if one.status is BookingStatus.WAITING]
    turn = ledger.log.next_turn()
    for number, booking in enumerate(sorted(waiting, key=lambda one: lot(seed, one.id)), 1):
        booking.line = number
        ledger.touched_bookings.add(booking.id)
        ledger.log.entries.append(entry(ledger, booking, turn, "drawn", None))
    pools = [pool for pool in ledger.pools.values() if pool.event_id == event_id]
    for pool in pools:
        pool.last_line = max(pool.last_line, len(waiting))
        ledger.touched_pools.add(pool.id)
    ledger.lines.reorder(pool.id for pool in pools)
    ledger.drawn(event_id)
    move(ledger, pools)
    for booking in waiting:
        if booking.status is BookingStatus.WAITING:
            ledger.changed(booking, "drawn", booking.cause)


def lot(seed: bytes, booking_id: UUID) -> bytes:
    """The lot of a booking: the smaller, the earlier in line."""
    return sha256(seed + booking_id.bytes).digest()


def entry(ledger: Ledger, booking: Booking, turn: int, decision: str, reason: str | None) -> LineEntry:
    """How one in line was looked at just now: with the pool that is short where one is, else the first. Who fits at no
    table is written down with the one where least is lacking."""
    needs = tables.nearest(ledger, booking) if reason == "too_large" else booking.places
    frees = {pool_id: ledger.pools[pool_id].free for pool_id in needs}
    ids = sorted(needs)
    short = next((one for one in ids if needs[one] > frees[one]), ids[0])
    return LineEntry(
        turn=turn,
        booking_id=booking.id,
        pool_id=short,
        decision=decision,
        line=booking.line or 0,
        needed=needs[short],
        free=frees[short],
        needs=dict(needs),
        frees=frees,
        reason=reason,
    )
