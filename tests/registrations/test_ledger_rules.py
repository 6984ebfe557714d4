"""Whatever is asked, in whatever order: no pool is oversold, nobody takes a part, nobody waits who fits."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from events.facts import Unit
from registrations.domain import organising
from registrations.domain.asking import Accept, Cancel, Move, Resize, Wish
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, EventRules, LinePolicy, Pool
from registrations.domain.refusals import Refused
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import EVENT, NOW, OPEN, pool, wish

VISITORS = [UUID(int=100 + number) for number in range(12)]
HOUSEHOLDS = st.tuples(st.integers(1, 4), st.integers(0, 3))


class Fair(RuleBasedStateMachine):
    """Three slots of a fair, two of them at one time, and a dozen visitors who cannot make up their minds.

    Each step builds the ledger anew from the rows, as a transaction does.
    """

    @initialize(unit=st.sampled_from(list(Unit)), line=st.sampled_from(list(LinePolicy)), capacity=st.integers(0, 6))
    def open_(self, unit: Unit, line: LinePolicy, capacity: int) -> None:
        self.moment = NOW
        self.rules = EventRules(line=line, offer_for=timedelta(hours=24))
        self.ids = count(1000)
        self.pools: list[Pool] = [
            self._numbered(pool(capacity, unit=unit)),
            self._numbered(pool(2, unit=unit)),
            self._numbered(pool(3, unit=unit, starts_in=timedelta(days=11))),
        ]
        self.bookings: dict[UUID, Booking] = {}
        self.versions: dict[UUID, int] = {}

    def _id(self) -> UUID:
        """Ids in order and no chance in them: hypothesis repeats what it found."""
        return UUID(int=next(self.ids))

    def _numbered(self, made: Pool) -> Pool:
        return replace(made, id=self._id(), stand_id=self._id(), slot_id=self._id())

    def _ledger(self) -> Ledger:
        ledger = Ledger(self.pools, self.bookings.values(), self.moment, {EVENT: OPEN}, {EVENT: self.rules})
        ledger.release_ended()
        return ledger

    def _keep(self, ledger: Ledger) -> None:
        for change in ledger.changes:
            assert change.version == self.versions.get(change.booking.id, 0) + 1, "one fact for each version, in order"
            self.versions[change.booking.id] = change.version
        self.bookings = dict(ledger.bookings)

    def _ask(self, asked: Wish) -> None:
        ledger = self._ledger()
        with suppress(Refused):
            grant(ledger, asked)
        self._keep(ledger)

    def _some(self, data: st.DataObject) -> Booking | None:
        return (
            data.draw(st.sampled_from(sorted(self.bookings.values(), key=lambda one: one.id)))
            if self.bookings
            else None
        )

    @rule(visitor=st.sampled_from(VISITORS), place=st.integers(0, 2), household=HOUSEHOLDS, wait=st.booleans())
    def book(self, visitor: UUID, place: int, household: tuple[int, int], wait: bool) -> None:
        adults, children = household
        asked = wish(self.pools[place], adults=adults, children=children, wait=wait, visitor=visitor)
        self._ask(replace(asked, booking_id=self._id(), attempt=self._id()))

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if booking := self._some(data):
            self._ask(Cancel(booking.id, Cause.VISITOR))

    @rule(data=st.data(), household=HOUSEHOLDS)
    def resize(self, data: st.DataObject, household: tuple[int, int]) -> None:
        if booking := self._some(data):
            self._ask(Resize(booking.id, *household, Cause.VISITOR))

    @rule(data=st.data(), place=st.integers(0, 2))
    def move(self, data: st.DataObject, place: int) -> None:
        if booking := self._some(data):
            self._ask(Move(booking.id, self.pools[place].slot_id or booking.id, Cause.VISITOR))

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        if booking := self._some(data):
            self._ask(Accept(booking.id))

    @rule(place=st.integers(0, 2), capacity=st.integers(0, 8))
    def change_capacity(self, place: int, capacity: int) -> None:
        ledger = self._ledger()
        try:
            organising.set_capacity(ledger, self.pools[place], capacity)
        except Refused:
            assert capacity < self.pools[place].used
        self._keep(ledger)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.moment += timedelta(hours=hours)
        self._keep(self._ledger())

    @invariant()
    def no_pool_is_oversold_and_used_equals_the_bookings(self) -> None:
        for one in self.pools:
            taking = sum(
                booking.places[one.id]
                for booking in self.bookings.values()
                if booking.is_taking and one.id in booking.places
            )
            assert one.used == taking <= one.capacity

    @invariant()
    def nobody_waits_who_fits(self) -> None:
        for one in self.pools:
            line = [
                booking
                for booking in self.bookings.values()
                if booking.status is BookingStatus.WAITING and one.id in booking.places
            ]
            assert one.waiting == len(line)
            assert self.moment >= one.starts_at or all(booking.places[one.id] > one.free for booking in line)

    @invariant()
    def nobody_is_in_two_overlapping_slots(self) -> None:
        for visitor in VISITORS:
            taking = [one for one in self.bookings.values() if one.visitor_id == visitor and one.is_taking]
            assert not any(a.id < b.id and a.overlaps(b.starts_at, b.ends_at) for a in taking for b in taking)

    @invariant()
    def an_offer_or_hold_alone_has_an_end(self) -> None:
        for booking in self.bookings.values():
            assert (booking.ends_by is not None) == (booking.status in {BookingStatus.HELD, BookingStatus.OFFERED})


TestFair = Fair.TestCase
TestFair.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
