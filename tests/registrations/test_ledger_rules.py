"""Whatever is asked, in whatever order: what `fairs.py` says must hold does, a refusal leaves no trace, and every line
told again from what was written down of it says what happened."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from events.facts import Unit
from registrations.domain import line, organising
from registrations.domain.asking import (
    Accept,
    Approve,
    Came,
    Cancel,
    Choose,
    Confirm,
    LetGo,
    Move,
    OfferByHand,
    Resize,
    TakeOver,
    Wish,
)
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, EventRules, EventWindow, Hold, Pool
from registrations.domain.refusals import Reason, Refused
from registrations.domain.replay import Entry, retell
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations import fairs
from tests.registrations.ledgers import EVENT, NOW, OPEN, across, line_log, pool, wish
from tests.registrations.whims import APPLICATIONS, FORMS, HOUSEHOLDS, PLACES, RULES, VISITORS

HOMECOMING = UUID(int=2)
GIVEN = {"promoted": "confirmed", "offered": "offered"}
"""What is written down of one in line who got a place, and what the others are told of them."""


class Fair(RuleBasedStateMachine):
    """A fair and a homecoming day, and visitors who cannot make up their minds.

    Each step builds the ledger anew from the rows, as a transaction does, and may break off before its end.
    """

    @initialize(
        unit=st.sampled_from([Unit.HOUSEHOLDS, Unit.PERSONS]),
        capacities=st.lists(st.integers(0, 9), min_size=PLACES + 3, max_size=PLACES + 3),
        laid=st.sets(st.integers(0, 2)),
        fair=RULES,
        home=RULES,
        first=st.lists(APPLICATIONS, min_size=8, max_size=16),
    )
    def open_(
        self,
        unit: Unit,
        capacities: list[int],
        laid: set[int],
        fair: EventRules,
        home: EventRules,
        first: list[tuple[int, int, tuple[int, int], int | None, int]],
    ) -> None:
        self.moment = NOW
        self.rules = {EVENT: fair, HOMECOMING: home}
        self.windows = {EVENT: OPEN, HOMECOMING: OPEN}
        self.ids = count(1000)
        stand = self._id()
        lying = [across(0, stand_id=stand, unit=Unit.HOUSEHOLDS), across(0), across(0, unit=Unit.CHILDREN)]
        made = [
            pool(0, unit=unit, stand_id=stand),
            pool(0, unit=unit, stand_id=self._id()),
            pool(0, unit=unit, stand_id=stand, starts_in=timedelta(days=11)),
            pool(0, unit=unit, stand_id=stand),
            pool(0, unit=Unit.PERSONS, stand_id=stand, starts_in=timedelta(days=11)),
            replace(pool(0, starts_in=timedelta(days=11)), stand_id=None),
            replace(pool(0, slot=False, unit=unit, starts_in=timedelta(days=20)), event_id=HOMECOMING),
            *(lying[number] for number in sorted(laid)),
        ]
        self.pools = [self._numbered(one, most) for one, most in zip(made, capacities, strict=False)]
        self.bookings: dict[UUID, Booking] = {}
        self.holds: list[Hold] = []
        self.versions: dict[UUID, int] = {}
        self.written = list[Entry]()
        self.seeds: dict[UUID, bytes] = {}
        self.last: Wish | None = None
        self.breaks = False
        self.book(first)

    def _id(self) -> UUID:
        """Ids in order and no chance in them: hypothesis repeats what it found."""
        return UUID(int=next(self.ids))

    def _numbered(self, made: Pool, capacity: int) -> Pool:
        return replace(made, id=self._id(), slot_id=made.slot_id and self._id(), capacity=capacity)

    def _transact(self, decide: Callable[[Ledger], object]) -> None:
        """One transaction: all of it or, where it breaks off, nothing."""
        pools, bookings, holds = deepcopy((self.pools, self.bookings, self.holds))
        ledger = Ledger(pools, bookings.values(), self.moment, self.windows, self.rules, holds)
        ledger.release_ended()
        ledger.move_line(ledger.pools.values())
        decide(ledger)
        ledger.come_down()
        if self.breaks:
            self.breaks = False
            return
        fairs.versions_rise(((one.booking.id, one.version) for one in ledger.changes), self.versions)
        self._nobody_is_passed_in_silence(ledger)
        self.pools, self.bookings, self.holds = pools, dict(ledger.bookings), list(ledger.holds.values())
        for event_id in ledger.drawn_events:
            self.rules[event_id] = ledger.rules(event_id)
        self._write_down(ledger)

    def _nobody_is_passed_in_silence(self, ledger: Ledger) -> None:
        """Whoever got a place by a line stood before all who still wait for that stand and time, or those were looked
        at before and it is written down why they got none."""
        looked_at = {(one.turn, one.booking_id) for one in ledger.log.entries}
        for given in ledger.log.entries:
            if given.decision not in GIVEN or given.why is not None:
                continue
            got = ledger.bookings[given.booking_id]
            for one in self.bookings.values():
                still = ledger.bookings[one.id]
                if (
                    one.status is still.status is BookingStatus.WAITING
                    and one.line == still.line
                    and (still.line or 0, still.id) < (given.line, given.booking_id)
                    and (still.event_id, still.stand_id, still.starts_at) == (got.event_id, got.stand_id, got.starts_at)
                    and (still.stand_id is not None or still.slot_id == got.slot_id)
                    and ledger.may_promote(still)
                ):
                    assert (given.turn, one.id) in looked_at, f"{given} passed {still} in silence"

    def _write_down(self, ledger: Ledger) -> None:
        """The rows of `line_log` of this transaction; who got a place by its line is who the others are told of."""
        self.written += line_log(ledger, self._id(), len(self.written) + 1)
        entries = ledger.log.entries
        by_hand = [change for change in ledger.changes if change.what == "offered" and change.cause is Cause.STAFF]
        # Who asked once more keeps the place, and the cause, that the line gave them before.
        by_line = [one for one in ledger.changes if one.cause is Cause.PROMOTION and one.what != "asked_again"]
        assert [one.booking_id for one in entries if one.why is not None] == [one.booking.id for one in by_hand]
        assert [
            (one.booking_id, GIVEN[one.decision]) for one in entries if one.decision in GIVEN and one.why is None
        ] == [(one.booking.id, one.what) for one in by_line]

    def _ask(self, asked: Wish) -> None:
        self.last = asked

        def decide(ledger: Ledger) -> None:
            before = deepcopy((ledger.pools, ledger.bookings, ledger.holds, ledger.changes))
            try:
                granted = grant(ledger, asked)
            except Refused as refused:
                assert (ledger.pools, ledger.bookings, ledger.holds, ledger.changes) == before, "a refusal has a trace"
                assert refused.reason is not Reason.FULL or not self._had_room(before, asked), f"room for {asked}"
            else:
                assert granted.came is not Came.BOOKED or ledger.bookings[granted.booking_id].is_taking

        self._transact(decide)

    def _had_room(
        self, before: tuple[dict[UUID, Pool], dict[UUID, Booking], dict[UUID, Hold], object], asked: Wish
    ) -> bool:
        """Whether a choice would have found its places: all there, but for what its own form keeps."""
        pools, _, holds, _ = before
        if not isinstance(asked, Choose):
            return False
        own = next(one for one in pools.values() if (one.event_id, one.slot_id) == (asked.event_id, asked.slot_id))
        kept = holds[asked.attempt].places if asked.attempt in holds else {}
        left = {one.id: 0 if one.goal is not None else one.capacity - one.used for one in pools.values()}
        tables = [
            one
            for one in pools.values()
            if one is own or (one.open and own.stand_id is not None and fairs.at_one_time(one, own))
        ]
        forms = [
            Hold(asked.attempt, one.event_id, one.stand_id, one.slot_id, asked.adults, asked.children, NOW)
            for one in tables
        ]
        return any(
            all(fairs.wants(one, form) - kept.get(one.id, 0) <= left[one.id] for one in pools.values())
            for form in forms
        )

    def _some(self, data: st.DataObject, *statuses: BookingStatus) -> Booking | None:
        """Any booking; mostly one that has one of the statuses, where there is one."""
        everyone = sorted(self.bookings.values(), key=lambda one: one.id)
        fitting = [one for one in everyone if one.status in statuses]
        if fitting and data.draw(st.integers(0, 9)):
            return data.draw(st.sampled_from(fitting))
        return data.draw(st.sampled_from(everyone)) if everyone else None

    @rule(asked=st.lists(APPLICATIONS, min_size=1, max_size=5))
    def book(self, asked: list[tuple[int, int, tuple[int, int], int | None, int]]) -> None:
        """Households that come one after the other: `how` is even for who would wait, and so on by its bits."""
        for visitor, place, (adults, children), form, how in asked:
            made = wish(self.pools[place], adults=adults, children=children, visitor=VISITORS[visitor])
            self._ask(
                replace(
                    made,
                    booking_id=self._id(),
                    attempt=self._id() if form is None else FORMS[form],
                    wait=how % 8 > 0,
                    address_known=how & 8 > 0,
                    by_staff=how & 16 > 0,
                )
            )

    @rule(form=st.sampled_from(FORMS), place=st.integers(0, PLACES - 1), household=HOUSEHOLDS)
    def hold(self, form: UUID, place: int, household: tuple[int, int]) -> None:
        chosen = self.pools[place]
        self._ask(Choose(form, chosen.event_id, chosen.slot_id, *household))

    @rule(form=st.sampled_from(FORMS))
    def let_go(self, form: UUID) -> None:
        self._ask(LetGo(form))

    @rule(data=st.data(), cause=st.sampled_from([Cause.VISITOR, Cause.STAFF, Cause.ERASURE]))
    def cancel(self, data: st.DataObject, cause: Cause) -> None:
        if booking := self._some(data, BookingStatus.CONFIRMED, BookingStatus.OFFERED):
            self._ask(Cancel(booking.id, cause))

    @rule(data=st.data(), household=HOUSEHOLDS, cause=st.sampled_from([Cause.VISITOR, Cause.STAFF]))
    def resize(self, data: st.DataObject, household: tuple[int, int], cause: Cause) -> None:
        if booking := self._some(data):
            self._ask(Resize(booking.id, *household, cause))

    @rule(data=st.data(), place=st.integers(0, PLACES - 1), cause=st.sampled_from([Cause.VISITOR, Cause.STAFF]))
    def move(self, data: st.DataObject, place: int, cause: Cause) -> None:
        if booking := self._some(data):
            there = self.pools[place]
            self._ask(Move(booking.id, there.slot_id, cause, there.event_id))

    @rule(data=st.data(), answer=st.sampled_from([Accept, Confirm, Approve]))
    def answer(self, data: st.DataObject, answer: type[Accept] | type[Confirm] | type[Approve]) -> None:
        awaiting = BookingStatus.OFFERED if answer is Accept else BookingStatus.HELD
        if booking := self._some(data, awaiting, BookingStatus.WAITING):
            self._ask(answer(booking.id))

    @rule(data=st.data(), visitor=st.sampled_from(VISITORS))
    def hand_over(self, data: st.DataObject, visitor: UUID) -> None:
        if booking := self._some(data, BookingStatus.CONFIRMED):
            self._ask(TakeOver(booking.id, visitor))

    @rule(data=st.data())
    def offer_by_hand(self, data: st.DataObject) -> None:
        if booking := self._some(data, BookingStatus.WAITING):
            self._ask(OfferByHand(booking.id, "They drive far", None))

    @rule()
    def ask_the_same_again(self) -> None:
        if self.last is not None:
            self._ask(self.last)

    @rule(data=st.data())
    def attend(self, data: st.DataObject) -> None:
        booking = self._some(data, BookingStatus.CONFIRMED)
        if booking and booking.status is BookingStatus.CONFIRMED:
            booking.status, booking.version = BookingStatus.ATTENDED, booking.version + 1
            self.versions[booking.id] += 1

    @rule(data=st.data(), capacity=st.integers(0, 8), asking=st.booleans())
    def change_capacity(self, data: st.DataObject, capacity: int, asking: bool) -> None:
        changed = data.draw(st.sampled_from(range(len(self.pools))))

        def decide(ledger: Ledger) -> None:
            found = ledger.pools[self.pools[changed].id]
            try:
                organising.set_capacity(ledger, found, capacity, asking=asking)
            except Refused:
                assert capacity < found.used and not asking

        self._transact(decide)

    @rule(place=st.integers(0, PLACES - 1), whole=st.integers(0, 3))
    def close(self, place: int, whole: int) -> None:
        """A slot is taken off the programme, or seldom, all of its event called off."""
        event_id = self.pools[place].event_id
        ids = [one.id for one in self.pools if whole == 0 and one.event_id == event_id] or [self.pools[place].id]
        self._transact(lambda ledger: organising.close(ledger, *(ledger.pools[one] for one in ids)))
        if whole == 0 and not any(one.open for one in self.pools if one.event_id == event_id):
            self.windows[event_id] = EventWindow(published=False, cancelled=True, opens_at=None, closes_at=None)

    @rule(event_id=st.sampled_from([EVENT, HOMECOMING]), seed=st.binary(min_size=32, max_size=32))
    def draw(self, event_id: UUID, seed: bytes) -> None:
        if self.rules[event_id].is_undrawn:
            self._transact(lambda ledger: line.draw(ledger, event_id, seed))
            if not self.rules[event_id].is_undrawn:
                self.seeds[event_id] = seed

    @rule()
    def break_off_the_next(self) -> None:
        self.breaks = True

    @rule(span=st.sampled_from([timedelta(minutes=3), timedelta(hours=5), timedelta(days=1), timedelta(days=5)]))
    def wait(self, span: timedelta) -> None:
        self.moment: datetime = self.moment + span
        self.breaks = False
        self._transact(lambda _: None)

    @invariant()
    def what_must_hold_does(self) -> None:
        cancelled = frozenset(event_id for event_id, window in self.windows.items() if window.cancelled)
        everyone = list(self.bookings.values())
        fairs.check(fairs.Rows(self.moment, self.pools, everyone, self.holds, self.rules, cancelled))

    @invariant()
    def lines_are_in_the_order_in_which_people_asked(self) -> None:
        """At all tables of a stand at one time together; where lots are drawn, they are the order."""
        lines: dict[object, list[Booking]] = {}
        for one in self.bookings.values():
            if one.status is BookingStatus.WAITING and self.rules[one.event_id].draw_at is None:
                there = (one.event_id, one.stand_id or one.slot_id, one.starts_at)
                lines.setdefault(there, []).append(one)
        for found in lines.values():
            numbered = sorted(found, key=lambda one: (one.line or 0, one.id))
            assert numbered == sorted(found, key=lambda one: one.id), f"{numbered} asked in another order"

    def teardown(self) -> None:
        """After each play: every look at somebody in line follows from what was written down."""
        wrong = [told for told in retell(getattr(self, "written", ()), getattr(self, "seeds", {})) if told.wrong]
        assert wrong == [], "the record tells it otherwise"


TestFair = Fair.TestCase
TestFair.settings = settings(max_examples=45, stateful_step_count=40, deadline=None)


@pytest.mark.all
@pytest.mark.timeout(900)
class TestFairForLong(Fair.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(
        max_examples=1500, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
