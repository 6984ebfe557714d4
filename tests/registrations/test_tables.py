"""The tables of a stand at one time: one thing to choose, one line to wait in."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from events.facts import Unit
from registrations.domain import organising
from registrations.domain.asking import Cancel, OfferByHand
from registrations.domain.refusals import Reason
from registrations.domain.replay import retell
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import OFFER, across, booked, choice, ledger, line_log, pool, refused, wish

STAND = uuid4()


def test_whoever_finds_their_table_taken_sits_at_the_next() -> None:
    one, two = pool(1, stand_id=STAND), pool(1, stand_id=STAND)
    book = ledger(one, two)
    first, second = booked(book, wish(one)), booked(book, wish(one))
    assert (first.slot_id, second.slot_id) == (one.slot_id, two.slot_id)
    assert (first.status, second.status) == (BookingStatus.CONFIRMED, BookingStatus.CONFIRMED)
    assert booked(book, wish(one)).status is BookingStatus.WAITING
    assert refused(book, wish(two, wait=False)) is Reason.FULL


def test_a_form_keeps_the_table_beside_and_books_it() -> None:
    one, two = pool(1, stand_id=STAND), pool(1, stand_id=STAND)
    book = ledger(one, two)
    booked(book, wish(one))
    form = choice(one)
    grant(book, form)
    assert book.holds[form.attempt].slot_id == two.slot_id
    asked = wish(one)
    assert refused(book, wish(one, wait=False)) is Reason.FULL, "it is kept for the form"
    asked = type(asked)(**{**{name: getattr(asked, name) for name in asked.__slots__}, "attempt": form.attempt})
    assert booked(book, asked).slot_id == two.slot_id
    assert not book.holds and (one.used, two.used) == (1, 1)


def test_neither_another_time_nor_another_stand_nor_a_session_is_a_table_beside() -> None:
    one = pool(1, stand_id=STAND)
    later = pool(5, stand_id=STAND, starts_in=timedelta(days=11))
    session, other = pool(1), pool(5, stand_id=uuid4())
    beside = pool(5)
    session.stand_id = beside.stand_id = None
    book = ledger(one, later, other, session, beside)
    for place in (one, session):
        booked(book, wish(place))
        assert booked(book, wish(place)).status is BookingStatus.WAITING


def test_a_closed_table_is_not_sat_at() -> None:
    one, two = pool(1, stand_id=STAND), pool(1, stand_id=STAND)
    two.open = False
    book = ledger(one, two)
    booked(book, wish(one))
    assert booked(book, wish(one)).status is BookingStatus.WAITING


def test_those_who_wait_for_either_table_are_one_line() -> None:
    one, two = pool(1, stand_id=STAND), pool(1, stand_id=STAND)
    book = ledger(one, two)
    at_one, at_two = booked(book, wish(one)), booked(book, wish(two))
    first, second, third = booked(book, wish(two)), booked(book, wish(one)), booked(book, wish(two))
    assert [one.line for one in (first, second, third)] == [1, 2, 3]
    grant(book, Cancel(at_one.id, Cause.VISITOR))
    assert (first.status, first.slot_id) == (BookingStatus.CONFIRMED, one.slot_id), "they chose the other"
    assert first.places == {one.id: 1}
    assert (one.used, one.waiting, two.used, two.waiting) == (1, 1, 1, 1)
    grant(book, Cancel(at_two.id, Cause.VISITOR))
    assert (second.status, second.slot_id) == (BookingStatus.CONFIRMED, two.slot_id)
    assert third.status is BookingStatus.WAITING
    assert all(not told.wrong for told in retell(line_log(book, uuid4())))


def test_who_fits_at_no_table_is_passed_over_with_where_least_was_lacking() -> None:
    one, two = pool(4, unit=Unit.PERSONS, stand_id=STAND), pool(4, unit=Unit.PERSONS, stand_id=STAND)
    book = ledger(one, two)
    leaves, _ = booked(book, wish(one, adults=3)), booked(book, wish(two, adults=4))
    large, small = booked(book, wish(two, adults=4)), booked(book, wish(two, adults=2))
    assert small.status is BookingStatus.WAITING
    one.capacity = 3
    grant(book, Cancel(leaves.id, Cause.VISITOR))
    assert (large.status, small.status, small.slot_id) == (
        BookingStatus.WAITING,
        BookingStatus.CONFIRMED,
        one.slot_id,
    )
    (passed, promoted) = book.log.entries[-2:]
    assert (passed.booking_id, passed.reason, passed.needed, passed.free) == (large.id, "too_large", 4, 3)
    assert (promoted.booking_id, promoted.pool_id) == (small.id, one.id)
    assert all(not told.wrong for told in retell(line_log(book, uuid4())))


def test_a_household_too_large_for_one_table_has_the_other_and_is_refused_where_all_are_too_small() -> None:
    one, two = pool(2, unit=Unit.PERSONS, stand_id=STAND), pool(4, unit=Unit.PERSONS, stand_id=STAND)
    book = ledger(one, two)
    assert booked(book, wish(one, adults=4)).slot_id == two.slot_id
    waits = booked(book, wish(one, adults=3))
    assert (waits.status, waits.slot_id) == (BookingStatus.WAITING, two.slot_id)
    assert refused(book, wish(one, adults=5)) is Reason.TOO_LARGE


def test_more_capacity_at_one_table_goes_to_who_waits_at_the_other() -> None:
    one, two = pool(1, stand_id=STAND), pool(1, stand_id=STAND)
    laid = across(9, unit=Unit.HOUSEHOLDS, stand_id=STAND)
    book = ledger(one, two, laid)
    for _ in range(2):
        booked(book, wish(one))
    waits = booked(book, wish(one))
    organising.set_capacity(book, two, 2)
    assert (waits.status, waits.slot_id) == (BookingStatus.CONFIRMED, two.slot_id)
    assert waits.places == {two.id: 1, laid.id: 1} and laid.used == 3


def test_staff_offer_the_table_beside_by_hand() -> None:
    one, two = pool(1, stand_id=STAND), pool(1, stand_id=STAND)
    book = ledger(one, two, rules=OFFER)
    book_one, _ = booked(book, wish(one)), booked(book, wish(two))
    first, second = booked(book, wish(two)), booked(book, wish(two))
    grant(book, Cancel(book_one.id, Cause.VISITOR))
    assert first.status is BookingStatus.OFFERED
    two.capacity = 2
    grant(book, OfferByHand(second.id, "They drive far", None))
    assert (second.status, second.slot_id) == (BookingStatus.OFFERED, two.slot_id)


def test_who_is_passed_in_a_pool_that_was_not_freed_is_written_down_too() -> None:
    """The children's places that were added let a family in, and it takes what somebody without children waits for."""
    slot = pool(4, unit=Unit.PERSONS, stand_id=STAND)
    children = across(0, unit=Unit.CHILDREN)
    book = ledger(slot, children)
    booked(book, wish(slot, adults=2))
    children.capacity = 1
    grown_up = booked(book, wish(slot, adults=3))
    children.capacity = children.used = 1
    family = booked(book, wish(slot, adults=1, children=1))
    assert family.status is BookingStatus.WAITING
    organising.set_capacity(book, children, 2)
    assert family.status is BookingStatus.CONFIRMED
    assert [(one.booking_id, one.decision) for one in book.log.entries] == [
        (grown_up.id, "passed_over"),
        (family.id, "promoted"),
    ]


def test_a_table_that_closes_sends_whom_it_can_to_the_next_and_its_line_with_them() -> None:
    one, two = pool(2, stand_id=STAND), pool(1, stand_id=STAND)
    laid = across(9, stand_id=STAND)
    book = ledger(one, two, laid)
    sat = [booked(book, wish(one)) for _ in range(2)]
    booked(book, wish(two))
    waits = booked(book, wish(one))
    two.capacity = 2
    organising.close(book, one)
    goes_on, ends = sorted(sat, key=lambda booking: booking.status is BookingStatus.CANCELLED)
    assert (goes_on.status, goes_on.slot_id) == (BookingStatus.CONFIRMED, two.slot_id)
    assert goes_on.places == {two.id: 1, laid.id: 2}
    assert (ends.status, ends.cause) == (BookingStatus.CANCELLED, Cause.EVENT)
    assert (waits.status, waits.slot_id, waits.line) == (BookingStatus.WAITING, two.slot_id, 1)
    assert (one.used, one.waiting, two.used, two.waiting, laid.used, laid.waiting) == (0, 0, 2, 1, 4, 1)
    grant(book, Cancel(goes_on.id, Cause.VISITOR))
    assert waits.status is BookingStatus.CONFIRMED


def test_no_table_takes_in_what_an_event_that_is_called_off_lets_go() -> None:
    one, two = pool(1, stand_id=STAND), pool(2, stand_id=STAND)
    book = ledger(one, two)
    sat = [booked(book, wish(one)), booked(book, wish(two))]
    organising.close(book, one, two)
    assert {one.status for one in sat} == {BookingStatus.CANCELLED}


def test_who_comes_into_the_line_of_an_open_table_has_what_is_free_there() -> None:
    """One table holds households, the next persons: what kept them from both was the stand's own count."""
    one, two = pool(4, stand_id=STAND), pool(4, unit=Unit.PERSONS, stand_id=STAND)
    laid = across(1, unit=Unit.HOUSEHOLDS, stand_id=STAND)
    book = ledger(one, two, laid)
    sits = booked(book, wish(one, adults=6))
    waits = booked(book, wish(one, adults=3))
    assert (sits.status, waits.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)
    organising.close(book, one)
    assert sits.status is BookingStatus.CANCELLED, "six fit at no other table"
    assert (waits.status, waits.slot_id) == (BookingStatus.CONFIRMED, two.slot_id)
