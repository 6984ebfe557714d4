"""A time that was chosen is kept while its form is filled in, and goes back when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from events.facts import Unit
from registrations.domain.asking import Came, LetGo
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus
from tests.registrations.ledgers import NOW, across, booked, choice, later, ledger, pool, refused, steps, wish


def test_a_chosen_time_is_kept_from_others_for_ten_minutes() -> None:
    slot = pool(1)
    book = ledger(slot)
    held = choice(slot)
    assert grant(book, held).came is Came.HELD
    assert refused(book, wish(slot, wait=False)) is Reason.FULL
    assert book.holds[held.attempt].ends_by == NOW + timedelta(minutes=10)
    assert steps(book) == [], "nobody is told of a form that is being filled in"


def test_a_hold_is_there_until_its_end_and_not_a_moment_longer() -> None:
    slot = pool(1)
    book = ledger(slot)
    grant(book, choice(slot))
    almost = later(book, NOW + timedelta(minutes=10) - timedelta(microseconds=1))
    assert refused(almost, wish(slot, wait=False)) is Reason.FULL
    assert booked(later(almost, NOW + timedelta(minutes=10)), wish(slot, wait=False)).status is BookingStatus.CONFIRMED


def test_a_hold_never_outlasts_the_start_of_its_slot() -> None:
    slot = pool(1, starts_in=timedelta(minutes=4))
    book = ledger(slot)
    held = choice(slot)
    grant(book, held)
    assert book.holds[held.attempt].ends_by == slot.starts_at


def test_whoever_holds_a_full_slot_can_book_it() -> None:
    slot = pool(1)
    book = ledger(slot)
    held = choice(slot)
    grant(book, held)
    mine = booked(book, replace(wish(slot, wait=False), attempt=held.attempt))
    assert (mine.status, slot.used, book.holds) == (BookingStatus.CONFIRMED, 1, {})


def test_a_form_sent_too_late_finds_its_place_gone_and_waits_like_any_other() -> None:
    slot = pool(1)
    book = ledger(slot)
    held = choice(slot)
    grant(book, held)
    late = later(book, NOW + timedelta(minutes=10))
    booked(late, wish(slot))
    mine = booked(late, replace(wish(slot), attempt=held.attempt))
    assert (mine.status, slot.used) == (BookingStatus.WAITING, 1)


def test_one_form_keeps_one_time() -> None:
    one, other = pool(1), pool(1)
    book = ledger(one, other)
    held = choice(one)
    grant(book, held)
    grant(book, choice(other, attempt=held.attempt))
    assert (one.used, other.used, len(book.holds)) == (0, 1, 1)


def test_choosing_a_full_time_keeps_what_was_chosen_before() -> None:
    one, full = pool(1), pool(0)
    book = ledger(one, full)
    held = choice(one)
    grant(book, held)
    assert refused(book, choice(full, attempt=held.attempt)) is Reason.FULL
    assert (one.used, book.holds[held.attempt].slot_id) == (1, one.slot_id)


def test_choosing_the_same_time_for_one_more_takes_only_the_difference() -> None:
    slot = pool(3, unit=Unit.PERSONS)
    book = ledger(slot)
    held = choice(slot, adults=2)
    grant(book, held)
    grant(book, choice(slot, adults=3, attempt=held.attempt))
    assert slot.used == 3


def test_choosing_something_else_lets_the_line_behind_the_first_move() -> None:
    one, other = pool(1), pool(1)
    book = ledger(one, other)
    held = choice(one)
    grant(book, held)
    waits = booked(book, wish(one))
    grant(book, choice(other, attempt=held.attempt))
    assert waits.status is BookingStatus.CONFIRMED


def test_a_form_that_is_left_gives_its_time_to_the_first_in_line() -> None:
    slot = pool(1)
    book = ledger(slot)
    held = choice(slot)
    grant(book, held)
    waits = booked(book, wish(slot))
    grant(book, LetGo(held.attempt))
    assert (waits.status, slot.used, slot.waiting) == (BookingStatus.CONFIRMED, 1, 0)
    assert grant(book, LetGo(held.attempt)).came is Came.UNCHANGED, "left twice, it is left once"
    assert slot.used == 1


def test_a_hold_that_ends_gives_its_time_to_the_first_in_line() -> None:
    slot = pool(1)
    book = ledger(slot)
    grant(book, choice(slot))
    waits = booked(book, wish(slot))
    later(book, NOW + timedelta(minutes=10))
    assert (waits.status, slot.used) == (BookingStatus.CONFIRMED, 1)


def test_who_booked_already_is_led_there_and_what_their_form_kept_goes_back() -> None:
    slot, visitor = pool(2), uuid4()
    book = ledger(slot)
    first = booked(book, wish(slot, visitor=visitor))
    held = choice(slot)
    grant(book, held)
    again = grant(book, replace(wish(slot, visitor=visitor), attempt=held.attempt))
    assert (again.came, again.booking_id, slot.used) == (Came.AGAIN, first.id, 1)


def test_a_hold_draws_on_all_pools_of_its_place() -> None:
    slot, persons, children = pool(5), across(4), across(1, unit=Unit.CHILDREN)
    book = ledger(slot, persons, children)
    held = choice(slot, adults=2, children=1)
    grant(book, held)
    assert (slot.used, persons.used, children.used) == (1, 3, 1)
    assert refused(book, choice(slot, adults=1, children=1)) is Reason.FULL
    grant(book, LetGo(held.attempt))
    assert (slot.used, persons.used, children.used) == (0, 0, 0)


def test_a_household_larger_than_the_organiser_takes_cannot_hold_a_time() -> None:
    slot = pool(5)
    assert refused(ledger(slot, rules=EventRules(largest_household=2)), choice(slot, adults=3)) is Reason.TOO_LARGE


def test_before_lots_are_drawn_there_is_nothing_to_hold() -> None:
    slot = pool(5)
    assert refused(ledger(slot, rules=EventRules(draw_at=NOW + timedelta(days=1))), choice(slot)) is Reason.UNDRAWN
