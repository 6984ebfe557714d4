"""A capacity that is to fall below what is taken: who is asked to leave, and that nobody new is let in meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from events.facts import Unit
from registrations.domain import organising
from registrations.domain.asking import Cancel, LetGo, Move, Resize, Wish
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, EventRules, Pool
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import NOW, across, booked, choice, later, ledger, pool, refused, steps, wish


def taken(*pools: Pool, households: int = 3) -> tuple[Ledger, list[Booking]]:
    """A slot that so many households have booked, one minute after the other."""
    book = ledger(*pools)
    found = list[Booking]()
    for minute in range(households):
        book.moment = NOW + timedelta(minutes=minute)
        found.append(booked(book, wish(pools[0])))
    book.changes.clear()
    return book, found


def done(book: Ledger, asked: Wish) -> None:
    """One wish decided as a transaction decides it; what came before it is no longer among the changes."""
    book.changes.clear()
    grant(book, asked)
    book.come_down()


def test_whoever_booked_last_is_asked_to_choose_something_else_and_may_stay() -> None:
    slot = pool(3)
    book, (first, second, last) = taken(slot)
    organising.set_capacity(book, slot, 1, asking=True)
    assert [change.booking.id for change in book.changes] == [last.id, second.id]
    assert steps(book) == [("asked_to_move", Cause.STAFF)] * 2
    assert {one.status for one in (first, second, last)} == {BookingStatus.CONFIRMED}
    assert (slot.goal, slot.capacity, slot.used) == (1, 3, 3)


def test_only_as_many_as_needed_are_asked_where_persons_are_counted() -> None:
    slot = pool(6, unit=Unit.PERSONS)
    book, (_first, _second, last) = taken(slot)
    organising.set_capacity(book, slot, 5, asking=True)
    assert [change.booking.id for change in book.changes] == [last.id]


def test_asking_again_for_a_lower_goal_writes_nobody_twice() -> None:
    slot = pool(3)
    book, _ = taken(slot)
    organising.set_capacity(book, slot, 2, asking=True)
    organising.set_capacity(book, slot, 1, asking=True)
    assert len({change.booking.id for change in book.changes}) == len(book.changes) == 2


def test_what_is_given_back_is_not_given_out_until_the_goal_is_reached() -> None:
    slot = pool(3)
    book, (first, second, last) = taken(slot)
    organising.set_capacity(book, slot, 1, asking=True)
    waits = booked(book, wish(slot))
    for gone, capacity in ((last, 2), (second, 1)):
        grant(book, Cancel(gone.id, Cause.VISITOR))
        book.come_down()
        assert (slot.capacity, slot.used, waits.status) == (capacity, capacity, BookingStatus.WAITING)
    assert slot.goal is None, "from here it is a slot like any other"
    grant(book, Cancel(first.id, Cause.VISITOR))
    assert (waits.status, slot.used, slot.capacity) == (BookingStatus.CONFIRMED, 1, 1)


def test_one_large_household_leaving_may_free_more_than_the_goal_asks_for() -> None:
    slot = pool(6, unit=Unit.PERSONS)
    book = ledger(slot)
    large, _small = booked(book, wish(slot, adults=4)), booked(book, wish(slot, adults=2))
    organising.set_capacity(book, slot, 4, asking=True)
    waits = booked(book, wish(slot, adults=2))
    grant(book, Cancel(large.id, Cause.VISITOR))
    book.come_down()
    assert (waits.status, slot.used, slot.capacity, slot.goal) == (BookingStatus.CONFIRMED, 4, 4, None)


def test_a_goal_may_be_given_up() -> None:
    slot = pool(2)
    book, _ = taken(slot, households=2)
    organising.set_capacity(book, slot, 1, asking=True)
    organising.set_capacity(book, slot, 3)
    assert (slot.goal, slot.capacity, slot.free) == (None, 3, 1)


def test_who_was_asked_to_move_may_do_so_after_the_deadline() -> None:
    slot, other = pool(2), pool(1, starts_in=timedelta(days=12))
    book, (first, last) = taken(slot, other, households=2)
    organising.set_capacity(book, slot, 1, asking=True)
    late = later(book, slot.starts_at - timedelta(hours=1), rules=EventRules(change_until=timedelta(days=1)))
    assert refused(late, Move(first.id, other.slot_id, Cause.VISITOR)) is Reason.TOO_LATE
    grant(late, Move(last.id, other.slot_id, Cause.VISITOR))
    late.come_down()
    assert (last.slot_id, last.asked_to_move_at, slot.used, slot.capacity) == (other.slot_id, None, 1, 1)


def test_a_place_held_in_a_form_is_still_theirs_while_the_capacity_falls() -> None:
    slot = pool(3)
    book, _ = taken(slot, households=2)
    held = choice(slot)
    grant(book, held)
    organising.set_capacity(book, slot, 1, asking=True)
    mine = booked(book, replace(wish(slot, wait=False), attempt=held.attempt))
    book.come_down()
    assert (mine.status, slot.used, slot.capacity) == (BookingStatus.CONFIRMED, 3, 3)


def test_a_form_that_asks_for_more_keeps_what_it_has_while_the_capacity_falls() -> None:
    slot = pool(5, unit=Unit.PERSONS)
    book, _ = taken(slot, households=1)
    held = choice(slot, adults=2)
    grant(book, held)
    organising.set_capacity(book, slot, 3, asking=True)
    assert refused(book, choice(slot, adults=3, attempt=held.attempt)) is Reason.FULL
    book.come_down()
    assert (slot.used, slot.capacity) == (4, 4)
    grant(book, LetGo(held.attempt))
    book.come_down()
    assert (slot.used, slot.capacity, slot.goal) == (2, 3, None)


def test_moving_under_a_pool_whose_capacity_falls_keeps_what_one_has_there() -> None:
    slot, other, persons = pool(2), pool(2, starts_in=timedelta(days=11)), across(4)
    book, (first, _second) = taken(slot, other, persons, households=2)
    organising.set_capacity(book, persons, 2, asking=True)
    grant(book, Move(first.id, other.slot_id, Cause.VISITOR))
    book.come_down()
    assert (persons.used, persons.capacity, persons.goal) == (4, 4, 2)


def test_bringing_one_less_counts_towards_the_goal_and_one_more_is_refused() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book, (first, _second) = taken(slot, households=2)
    organising.set_capacity(book, slot, 2, asking=True)
    assert refused(book, Resize(first.id, 3, 0, Cause.VISITOR)) is Reason.FULL
    grant(book, Resize(first.id, 1, 0, Cause.VISITOR))
    book.come_down()
    assert (slot.used, slot.capacity) == (3, 3)


def test_raising_it_again_lets_those_stay_who_were_asked_and_tells_them() -> None:
    slot = pool(3)
    book, (first, second, last) = taken(slot)
    organising.set_capacity(book, slot, 1, asking=True)
    book.changes.clear()
    organising.set_capacity(book, slot, 3)
    assert {change.booking.id for change in book.changes} == {second.id, last.id}
    assert steps(book) == [("may_stay", Cause.STAFF)] * 2
    assert [one.asked_to_move_at for one in (first, second, last)] == [None] * 3
    book.changes.clear()
    organising.set_capacity(book, slot, 4)
    assert book.changes == [], "nobody is told twice"


def test_raising_it_in_part_lets_only_those_stay_for_whom_there_is_room_again() -> None:
    slot = pool(3)
    book, (_first, second, last) = taken(slot)
    organising.set_capacity(book, slot, 1, asking=True)
    book.changes.clear()
    organising.set_capacity(book, slot, 2, asking=True)
    assert [(change.what, change.booking.id) for change in book.changes] == [("may_stay", second.id)]
    assert last.asked_to_move_at is not None and second.asked_to_move_at is None


def test_who_is_in_the_way_of_another_goal_stays_asked() -> None:
    slot, whole = pool(3), across(3, unit=Unit.HOUSEHOLDS)
    book, (_first, _second, last) = taken(slot, whole)
    organising.set_capacity(book, slot, 2, asking=True)
    organising.set_capacity(book, whole, 2, asking=True)
    book.changes.clear()
    organising.set_capacity(book, slot, 3)
    assert book.changes == [] and last.asked_to_move_at is not None
    organising.set_capacity(book, whole, 3)
    assert [change.what for change in book.changes] == ["may_stay"]


def test_who_was_asked_may_stay_once_others_have_left_and_is_told_so() -> None:
    slot = pool(3)
    book, (first, second, last) = taken(slot)
    organising.set_capacity(book, slot, 1, asking=True)
    done(book, Cancel(first.id, Cause.VISITOR))
    assert [(one.what, one.booking.id) for one in book.changes] == [("cancelled", first.id), ("may_stay", second.id)]
    assert (slot.goal, slot.used, last.asked_to_move_at is not None) == (1, 2, True), "one more is in the way"
    done(book, Cancel(second.id, Cause.VISITOR))
    assert [(one.what, one.booking.id) for one in book.changes] == [("cancelled", second.id), ("may_stay", last.id)]
    assert (slot.goal, slot.used, last.asked_to_move_at) == (None, 1, None)


def test_who_leaves_as_asked_lets_nobody_else_stay_as_long_as_the_goal_is_not_reached() -> None:
    slot = pool(3)
    book, (_first, second, last) = taken(slot)
    organising.set_capacity(book, slot, 1, asking=True)
    done(book, Cancel(last.id, Cause.VISITOR))
    assert [one.what for one in book.changes] == ["cancelled"] and second.asked_to_move_at is not None


def test_who_may_stay_in_one_place_stays_asked_where_another_goal_needs_them() -> None:
    slot, whole = pool(3), across(3, unit=Unit.HOUSEHOLDS)
    book, (first, second, last) = taken(slot, whole)
    organising.set_capacity(book, slot, 2, asking=True)
    organising.set_capacity(book, whole, 1, asking=True)
    done(book, Cancel(first.id, Cause.VISITOR))
    assert (slot.goal, whole.goal) == (None, 1)
    assert [one.what for one in book.changes] == ["cancelled", "may_stay"]
    assert second.asked_to_move_at is None and last.asked_to_move_at is not None


def test_bringing_one_less_may_be_what_lets_another_stay() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book, (first, last) = taken(slot, households=2)
    organising.set_capacity(book, slot, 3, asking=True)
    done(book, Resize(first.id, 1, 0, Cause.VISITOR))
    assert [(one.what, one.booking.id) for one in book.changes] == [("changed", first.id), ("may_stay", last.id)]


def test_who_brings_no_child_any_more_is_in_nobodys_way_where_children_are_counted() -> None:
    slot, children = pool(3), across(2, unit=Unit.CHILDREN)
    book = ledger(slot, children)
    family = booked(book, wish(slot, adults=2, children=2))
    organising.set_capacity(book, children, 0, asking=True)
    done(book, Resize(family.id, 2, 0, Cause.VISITOR))
    assert (children.used, children.capacity, children.goal, family.asked_to_move_at) == (0, 0, None, None)
    assert [one.what for one in book.changes] == ["changed", "may_stay"]
