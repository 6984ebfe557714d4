"""Keeps account of places: what is taken, who waits, and who is next. Pure; the rows it was made from are locked.

    ledger = Ledger(pools, bookings, moment)
    ledger.release_ended()                # holds and offers whose time is over
    granted = grant(ledger, wish)         # domain/wishes.py; raises Refused, and then nothing has changed
    ledger.changes, ledger.log            # what to write and to publish

Three rules hold after every step: no pool is used beyond its capacity; a booking takes all it wants or nothing; nobody
waits who would fit. A place that becomes free goes to the first in line who fits (domain/line.py), before the next wish
is looked at. Every pool that a place draws on is here and locked: its own, its stand's, its event's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from registrations.domain import goals, line, tables
from registrations.domain.changes import Change, Log
from registrations.domain.line import Lines
from registrations.domain.once import Spot
from registrations.domain.records import Booking, EventRules, EventWindow, Hold, Pool
from registrations.facts import Awaits, BookingStatus, Cause, Scope

USUAL = EventRules()
NOTHING: Mapping[UUID, int] = {}


class Ledger:
    """The locked state of some pools, and what was decided from it.

    `bookings` are those wished about, those in line for the pools, those whose offer or time to confirm ended, those
    asked to leave for a goal, and every counted booking of the visitors who wish. `holds` are those of the forms that
    wish, and those that ended.
    """

    def __init__(
        self,
        pools: Iterable[Pool],
        bookings: Iterable[Booking],
        moment: datetime,
        windows: Mapping[UUID, EventWindow] | None = None,
        rules: Mapping[UUID, EventRules] | None = None,
        holds: Iterable[Hold] = (),
    ) -> None:
        self.moment = moment
        self.pools = {pool.id: pool for pool in pools}
        self.bookings: dict[UUID, Booking] = {}
        self.holds = {hold.attempt: hold for hold in holds}
        self.held_before = frozenset(self.holds)
        self.lines = Lines()
        self.changes: list[Change] = []
        self.log = Log()
        self.created: set[UUID] = set()
        self.replaced: set[UUID] = set()
        """Bookings that now want other pools than before."""
        self.renewed: set[UUID] = set()
        """Bookings whose links and tickets are worthless from now on: new ones are issued."""
        self.seen: Mapping[UUID, int] = {}
        """The versions of bookings whose rows were read without a lock."""
        self.stood: Mapping[UUID, Spot | None] = {}
        """Where the bookings wished about, and their visitors' others, stood before."""
        self.touched_bookings: set[UUID] = set()
        """Changed without a step of their own."""
        self.touched_pools: set[UUID] = set()
        self.touched_holds: set[UUID] = set()
        self.drawn_events: set[UUID] = set()
        self._windows = dict(windows or {})
        self._rules = dict(rules or {})
        self._by_place: dict[tuple[UUID, UUID | None], Pool] = {}
        self._of_stand: dict[tuple[UUID, UUID], list[Pool]] = defaultdict(list)
        self._across: dict[UUID, list[Pool]] = defaultdict(list)
        self._by_visitor: dict[UUID, list[Booking]] = defaultdict(list)
        for pool in sorted(self.pools.values(), key=lambda one: one.id):
            if pool.scope is Scope.PLACE:
                self._by_place[pool.event_id, pool.slot_id] = pool
                if pool.stand_id is not None:
                    self._of_stand[pool.event_id, pool.stand_id].append(pool)
            else:
                self._across[pool.event_id].append(pool)
        for booking in sorted(bookings, key=lambda one: (one.line or 0, one.id)):
            self.add(booking)

    # What there is -------------------------------------------------------------------------------------------------

    def add(self, booking: Booking) -> None:
        """Take a booking into account; one that waits stands last in the lines it is in."""
        self.bookings[booking.id] = booking
        self._by_visitor[booking.visitor_id].append(booking)
        if booking.status is BookingStatus.WAITING:
            self.lines.add(booking)

    def pools_for(self, event_id: UUID, slot_id: UUID | None) -> list[Pool]:
        """The pools from which a place there is taken, its own first; none where it cannot be booked."""
        own = self.place(event_id, slot_id)
        if own is None:
            return []
        across = (one for one in self._across[event_id] if one.scope is Scope.EVENT or one.stand_id == own.stand_id)
        return [own, *across]

    def place(self, event_id: UUID, slot_id: UUID | None) -> Pool | None:
        """What is booked itself: a slot, or the event; None where it is not here."""
        return self._by_place.get((event_id, slot_id))

    def places_under(self, laid: Pool) -> list[Pool]:
        """The places of its event, or of its stand, that a pool lies across."""
        stand_id = laid.stand_id if laid.scope is Scope.STAND else None
        places = (one for (event_id, _), one in self._by_place.items() if event_id == laid.event_id)
        return [one for one in places if stand_id is None or one.stand_id == stand_id]

    def slots_of(self, event_id: UUID, stand_id: UUID) -> list[Pool]:
        """The slots of a stand that are here, in the order of their ids."""
        return self._of_stand.get((event_id, stand_id), [])

    def of_visitor(self, visitor_id: UUID) -> list[Booking]:
        return self._by_visitor.get(visitor_id, [])

    def may_promote(self, booking: Booking) -> bool:
        """Whether the line may move for one that waits: its place is open, ahead, and its lots are drawn."""
        own = self.place(booking.event_id, booking.slot_id)
        window = self.window(booking.event_id)
        return (
            own is not None
            and own.open
            and self.moment < own.starts_at
            and self.pools.keys() >= booking.places.keys()
            and not (window is not None and window.cancelled)
            and not self.rules(booking.event_id).is_undrawn
        )

    def window(self, event_id: UUID) -> EventWindow | None:
        return self._windows.get(event_id)

    def rules(self, event_id: UUID) -> EventRules:
        return self._rules.get(event_id, USUAL)

    def fits(self, places: Mapping[UUID, int], has: Mapping[UUID, int] = NOTHING) -> bool:
        """Whether every pool can give this to one who `has` that much of it already."""
        more = ((pool_id, amount - has.get(pool_id, 0)) for pool_id, amount in places.items())
        return all(amount <= 0 or amount <= self.pools[pool_id].free for pool_id, amount in more)

    # What the clock does ---------------------------------------------------------------------------------------------

    def release_ended(self) -> None:
        """Give back what holds, offers and unanswered mails kept too long, and let the line move up."""
        for attempt in sorted(one.attempt for one in self.holds.values() if one.ends_by <= self.moment):
            self.let_go(attempt)
        # A visitor's offer elsewhere may have ended too: its pools are not ours, and whoever locks them will see to it.
        ended = [
            one
            for one in self.bookings.values()
            if one.ends_by is not None and one.ends_by <= self.moment and self.pools.keys() >= one.places.keys()
        ]
        for booking in sorted(ended, key=lambda one: (one.ends_by or self.moment, one.id)):
            self.end(booking, Cause.EXPIRY)

    def live_in(self, pool: Pool) -> list[Booking]:
        """Every live booking in a pool, in the order of their ids."""
        found = (one for one in self.bookings.values() if one.is_live and pool.id in one.places)
        return sorted(found, key=lambda one: one.id)

    def come_down(self) -> None:
        """Let capacities fall to their goals by what was given back: the last step of a decision."""
        goals.come_down(self, [self.pools[pool_id] for pool_id in sorted(self.touched_pools)])

    # What wishes are made of ---------------------------------------------------------------------------------------

    def use(self, pool_id: UUID, amount: int) -> None:
        """Take so much more from a pool, or give it back where negative."""
        if amount:
            self.pools[pool_id].used += amount
            self.touched_pools.add(pool_id)

    def take(self, taker: Booking | Hold) -> None:
        for pool_id, wanted in taker.places.items():
            self.use(pool_id, wanted)

    def queue(self, booking: Booking) -> None:
        """Put a booking that waits at the end of its lines, behind those too who chose the table beside."""
        pools = [self.pools[pool_id] for pool_id in booking.places]
        booking.line = 1 + max(self.pools[pool_id].last_line for pool_id in tables.beside(self, booking.places))
        for pool in pools:
            pool.waiting += 1
            pool.last_line = booking.line
            self.touched_pools.add(pool.id)

    def leave(self, booking: Booking) -> None:
        """Give back what the booking takes, or its place in line."""
        for pool_id, wanted in booking.places.items():
            if booking.status is BookingStatus.WAITING:
                self.pools[pool_id].waiting -= 1
                self.touched_pools.add(pool_id)
            elif booking.is_taking:
                self.use(pool_id, -wanted)

    def let_go(self, attempt: UUID) -> None:
        """End a hold, and let the line move up."""
        if (hold := self.put_down(attempt)) is not None:
            self.move_line(self.pools[pool_id] for pool_id in hold.places)

    def held(self, attempt: UUID) -> Mapping[UUID, int]:
        """What a form keeps."""
        hold = self.holds.get(attempt)
        return hold.places if hold is not None else NOTHING

    def put_down(self, attempt: UUID) -> Hold | None:
        """Give back what a hold keeps, for the same form to take it or something else at once."""
        hold = self.holds.pop(attempt, None)
        if hold is not None:
            self.touched_holds.add(attempt)
            for pool_id, wanted in hold.places.items():
                self.use(pool_id, -wanted)
        return hold

    def keep(self, hold: Hold) -> None:
        """Keep a place for a form."""
        self.holds[hold.attempt] = hold
        self.touched_holds.add(hold.attempt)
        self.take(hold)

    def end(self, booking: Booking, cause: Cause) -> None:
        """Cancel a booking, and let the line behind it move up."""
        self.leave(booking)
        was_offered = booking.status is BookingStatus.OFFERED
        booking.declined = booking.awaits is Awaits.APPROVAL and cause in {Cause.STAFF, Cause.EXPIRY}
        booking.status, booking.ends_by, booking.awaits = BookingStatus.CANCELLED, None, None
        self.changed(booking, "cancelled", cause)
        self.move_line(self.pools[pool_id] for pool_id in booking.places)
        if was_offered:
            self.answered(booking.visitor_id)

    def answered(self, visitor_id: UUID) -> None:
        """A visitor's offer is over, whatever became of it: they may be next in other lines now."""
        waiting = (one for one in self.of_visitor(visitor_id) if one.status is BookingStatus.WAITING)
        pools = {pool_id for one in waiting for pool_id in one.places if pool_id in self.pools}
        self.move_line(self.pools[pool_id] for pool_id in pools)

    def move_line(self, pools: Iterable[Pool]) -> None:
        """Give free places to the first in line who fit, whole or not at all."""
        line.move(self, pools)

    def drawn(self, event_id: UUID) -> None:
        """The lots of an event are drawn: from now on its line moves as any other."""
        self._rules[event_id] = replace(self.rules(event_id), drawn_at=self.moment)
        self.drawn_events.add(event_id)

    def hand_to(self, booking: Booking, visitor_id: UUID) -> None:
        """Another visitor comes with this booking; what was sent to the first opens nothing any more."""
        self._by_visitor[booking.visitor_id].remove(booking)
        booking.visitor_id = visitor_id
        booking.rotation += 1
        self._by_visitor[visitor_id].append(booking)
        self.renewed.add(booking.id)

    def changed(
        self,
        booking: Booking,
        what: str,
        cause: Cause,
        previous_slot_id: UUID | None = None,
        previous_visitor_id: UUID | None = None,
    ) -> None:
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
                visitor_id=booking.visitor_id,
                event_id=booking.event_id,
                adults=booking.adults,
                children=booking.children,
                rotation=booking.rotation,
                stand_id=booking.stand_id,
                slot_id=booking.slot_id,
                starts_at=booking.starts_at,
                ends_at=booking.ends_at,
                ends_by=booking.ends_by,
                awaits=booking.awaits,
                lots_at=self.rules(booking.event_id).lots_at if booking.status is BookingStatus.WAITING else None,
                previous_slot_id=previous_slot_id,
                previous_visitor_id=previous_visitor_id,
            )
        )
