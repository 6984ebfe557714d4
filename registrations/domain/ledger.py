"""Keeps account of places: what is taken, who waits, and who is next. Pure; the rows it was made from are locked.

    ledger = Ledger(pools, bookings, moment)
    ledger.release_ended()                # holds and offers whose time is over
    granted = grant(ledger, wish)         # domain/wishes.py; raises Refused, and then nothing has changed
    ledger.changes, ledger.line_log       # what to write and to publish

Three rules hold after every step: no pool is used beyond its capacity; a booking takes all it wants or nothing; nobody
waits who would fit. A place that becomes free goes to the first in line who fits, before the next wish is looked at.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registrations.domain.records import LIVE, Booking, EventRules, EventWindow, LinePolicy, Pool
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause

USUAL = EventRules()


@dataclass(frozen=True, slots=True)
class Change:
    """One step of one booking, in the order it was taken: the stuff of one fact."""

    booking: Booking
    what: str
    """confirmed, waitlisted, offered, changed, moved, cancelled or asked_again."""
    status: BookingStatus
    version: int
    cause: Cause
    adults: int
    children: int
    stand_id: UUID | None
    slot_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    ends_by: datetime | None
    previous_slot_id: UUID | None


@dataclass(frozen=True, slots=True)
class LineEntry:
    """Why the line moved as it did."""

    pool_id: UUID
    booking_id: UUID
    decision: str
    """promoted, offered or passed_over."""
    needed: int
    free: int


class Ledger:
    """The locked state of some pools, and what was decided from it.

    `bookings` are those wished about, those in line for the pools, those whose hold or offer ended, and every counted
    booking of the visitors who wish.
    """

    def __init__(
        self,
        pools: Iterable[Pool],
        bookings: Iterable[Booking],
        moment: datetime,
        windows: Mapping[UUID, EventWindow] | None = None,
        rules: Mapping[UUID, EventRules] | None = None,
    ) -> None:
        self.moment = moment
        self.pools = {pool.id: pool for pool in pools}
        self.bookings: dict[UUID, Booking] = {}
        self.changes: list[Change] = []
        self.line_log: list[LineEntry] = []
        self.created: set[UUID] = set()
        self.touched_pools: set[UUID] = set()
        self._windows = dict(windows or {})
        self._rules = dict(rules or {})
        self._by_place: dict[tuple[UUID, UUID | None], list[Pool]] = defaultdict(list)
        self._by_visitor: dict[UUID, list[Booking]] = defaultdict(list)
        self._lines: dict[UUID, deque[Booking]] = defaultdict(deque)
        for pool in sorted(self.pools.values(), key=lambda one: one.id):
            self._by_place[pool.event_id, pool.slot_id].append(pool)
        for booking in sorted(bookings, key=lambda one: (one.line or 0, one.id)):
            self.add(booking)

    # What there is -------------------------------------------------------------------------------------------------

    def add(self, booking: Booking) -> None:
        """Take a booking into account; one that waits stands last in the lines it is in."""
        self.bookings[booking.id] = booking
        self._by_visitor[booking.visitor_id].append(booking)
        if booking.status is BookingStatus.WAITING:
            for pool_id in booking.places:
                self._lines[pool_id].append(booking)

    def pools_for(self, event_id: UUID, slot_id: UUID | None) -> list[Pool]:
        """The pools from which a place there is taken."""
        return self._by_place.get((event_id, slot_id), [])

    def of_visitor(self, visitor_id: UUID) -> list[Booking]:
        return self._by_visitor.get(visitor_id, [])

    def window(self, event_id: UUID) -> EventWindow | None:
        return self._windows.get(event_id)

    def rules(self, event_id: UUID) -> EventRules:
        return self._rules.get(event_id, USUAL)

    def fits(self, more: Mapping[UUID, int]) -> bool:
        """Whether every pool has this much more to give."""
        return all(amount <= 0 or amount <= self.pools[pool_id].free for pool_id, amount in more.items())

    # What the organiser and the clock do ---------------------------------------------------------------------------

    def release_ended(self) -> None:
        """Give back what held or offered bookings kept too long, and let the line move up."""
        ended = [one for one in self.bookings.values() if one.ends_by is not None and one.ends_by <= self.moment]
        for booking in sorted(ended, key=lambda one: (one.ends_by or self.moment, one.id)):
            self.end(booking, Cause.EXPIRY)

    def set_capacity(self, pool: Pool, capacity: int) -> None:
        """Another capacity; below what is taken it is refused with how many that is."""
        if capacity < pool.used:
            raise Refused(Reason.BELOW_USED, used=pool.used, capacity=capacity)
        if capacity != pool.capacity:
            pool.capacity = capacity
            self.touched_pools.add(pool.id)
            self.move_line([pool])

    def close(self, pool: Pool) -> None:
        """Nothing more may be taken, and who had a place loses it. Those who attended did attend."""
        if pool.open:
            pool.open = False
            self.touched_pools.add(pool.id)
        for booking in self._live_in(pool):
            self.end(booking, Cause.EVENT)

    def retime(self, pool: Pool, starts_at: datetime, ends_at: datetime) -> None:
        """The slot or event was moved: its bookings follow."""
        if (pool.starts_at, pool.ends_at) == (starts_at, ends_at):
            return
        pool.starts_at, pool.ends_at = starts_at, ends_at
        self.touched_pools.add(pool.id)
        for booking in self._live_in(pool):
            booking.starts_at, booking.ends_at = starts_at, ends_at
            self.changed(booking, "moved", Cause.EVENT, previous_slot_id=booking.slot_id)
        self.move_line([pool])

    def _live_in(self, pool: Pool) -> list[Booking]:
        found = (one for one in self.bookings.values() if one.status in LIVE and pool.id in one.places)
        return sorted(found, key=lambda one: one.id)

    # What wishes are made of ---------------------------------------------------------------------------------------

    def use(self, pool_id: UUID, amount: int) -> None:
        if amount:
            self.pools[pool_id].used += amount
            self.touched_pools.add(pool_id)

    def take(self, booking: Booking) -> None:
        for pool_id, wanted in booking.places.items():
            self.use(pool_id, wanted)

    def queue(self, booking: Booking) -> None:
        """Put a booking that waits at the end of its lines."""
        for pool_id in booking.places:
            pool = self.pools[pool_id]
            pool.waiting += 1
            pool.last_line += 1
            booking.line = pool.last_line
            self.touched_pools.add(pool_id)

    def leave(self, booking: Booking) -> None:
        """Give back what the booking takes, or its place in line."""
        for pool_id, wanted in booking.places.items():
            if booking.status is BookingStatus.WAITING:
                self.pools[pool_id].waiting -= 1
                self.touched_pools.add(pool_id)
            elif booking.is_taking:
                self.use(pool_id, -wanted)

    def end(self, booking: Booking, cause: Cause) -> None:
        """Cancel a booking, and let the line behind it move up."""
        self.leave(booking)
        booking.status, booking.ends_by = BookingStatus.CANCELLED, None
        self.changed(booking, "cancelled", cause)
        self.move_line(self.pools[pool_id] for pool_id in booking.places)

    def move_line(self, pools: Iterable[Pool]) -> None:
        """Give free places to the first in line who fit, whole or not at all, and write down who was passed over."""
        for pool in pools:
            window = self.window(pool.event_id)
            if not pool.open or self.moment >= pool.starts_at or (window is not None and window.cancelled):
                continue
            line, passed, entries = self._lines[pool.id], deque[Booking](), list[LineEntry]()
            while line and pool.free > 0:
                booking = line.popleft()
                if booking.status is not BookingStatus.WAITING or pool.id not in booking.places:
                    continue
                if self.fits(booking.places):
                    self.line_log.extend(entries)
                    entries.clear()
                    self._promote(booking, pool)
                else:
                    passed.append(booking)
                    entries.append(LineEntry(pool.id, booking.id, "passed_over", booking.places[pool.id], pool.free))
            line.extendleft(reversed(passed))

    def _promote(self, booking: Booking, pool: Pool) -> None:
        rules = self.rules(pool.event_id)
        offer = rules.line is LinePolicy.OFFER
        decision = "offered" if offer else "promoted"
        self.line_log.append(LineEntry(pool.id, booking.id, decision, booking.places[pool.id], pool.free))
        self.leave(booking)
        booking.status = BookingStatus.OFFERED if offer else BookingStatus.CONFIRMED
        booking.ends_by = min(self.moment + rules.offer_for, pool.starts_at) if offer else None
        self.take(booking)
        self.changed(booking, "offered" if offer else "confirmed", Cause.PROMOTION)

    def changed(self, booking: Booking, what: str, cause: Cause, previous_slot_id: UUID | None = None) -> None:
        """Write down a step of a booking: one version, one fact."""
        booking.version += 1
        booking.cause = cause
        booking.changed_at = self.moment
        self.changes.append(
            Change(
                booking=booking,
                what=what,
                status=booking.status,
                version=booking.version,
                cause=cause,
                adults=booking.adults,
                children=booking.children,
                stand_id=booking.stand_id,
                slot_id=booking.slot_id,
                starts_at=booking.starts_at,
                ends_at=booking.ends_at,
                ends_by=booking.ends_by,
                previous_slot_id=previous_slot_id,
            )
        )
