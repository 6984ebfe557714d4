"""What may be booked and who gets a place, rule by rule, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from events.facts import Unit
from registrations.domain.asking import Accept, Came, Cancel
from registrations.domain.records import EventRules, EventWindow
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import EVENT, NOW, OFFER, booked, ledger, pool, refused, steps, wish


def test_a_household_of_five_takes_one_place_where_households_are_counted() -> None:
    slot = pool(1)
    assert booked(ledger(slot), wish(slot, adults=2, children=3)).status is BookingStatus.CONFIRMED
    assert slot.used == 1


def test_a_household_of_five_takes_five_places_where_persons_are_counted() -> None:
    slot = pool(8, unit=Unit.PERSONS)
    booked(ledger(slot), wish(slot, adults=2, children=3))
    assert slot.used == 5


def test_a_full_slot_refuses_who_would_not_wait() -> None:
    slot = pool(0)
    assert refused(ledger(slot), wish(slot, wait=False)) is Reason.FULL


def test_a_full_slot_puts_who_would_wait_in_line() -> None:
    slot = pool(0)
    book = ledger(slot)
    first, second = booked(book, wish(slot)), booked(book, wish(slot))
    assert (first.status, first.line, second.line, slot.waiting) == (BookingStatus.WAITING, 1, 2, 2)


def test_a_cancellation_promotes_the_first_in_line_at_once() -> None:
    slot = pool(1)
    book = ledger(slot)
    has, first, second = (booked(book, wish(slot)) for _ in range(3))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert (first.status, second.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)
    assert steps(book)[-2:] == [("cancelled", Cause.VISITOR), ("confirmed", Cause.PROMOTION)]
    assert [(entry.decision, entry.booking_id) for entry in book.log.entries] == [("promoted", first.id)]
    assert (slot.used, slot.waiting) == (1, 1)


def test_a_newcomer_in_the_same_batch_does_not_pass_the_line() -> None:
    slot = pool(1)
    book = ledger(slot)
    has, first = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    newcomer = booked(book, wish(slot))
    assert (first.status, newcomer.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)


def test_a_household_that_does_not_fit_is_passed_over_and_it_is_written_down() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    pair, _other = booked(book, wish(slot)), booked(book, wish(slot))
    large, small = booked(book, wish(slot, adults=2, children=2)), booked(book, wish(slot, adults=1))
    grant(book, Cancel(pair.id, Cause.VISITOR))
    assert (large.status, small.status) == (BookingStatus.WAITING, BookingStatus.CONFIRMED)
    assert [(entry.decision, entry.needed, entry.free) for entry in book.log.entries] == [
        ("passed_over", 4, 2),
        ("promoted", 1, 2),
    ]


def test_nobody_is_written_down_as_passed_over_when_nobody_behind_them_got_a_place() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    pair, _other = booked(book, wish(slot)), booked(book, wish(slot))
    booked(book, wish(slot, adults=3))
    grant(book, Cancel(pair.id, Cause.VISITOR))
    assert book.log.entries == []


def test_the_line_keeps_its_order_after_someone_was_passed_over() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    one, other = booked(book, wish(slot)), booked(book, wish(slot))
    large, small = booked(book, wish(slot, adults=4)), booked(book, wish(slot, adults=1))
    last = booked(book, wish(slot, adults=4))
    for gone in (one, other, small):
        grant(book, Cancel(gone.id, Cause.VISITOR))
    assert (large.status, last.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)


def test_an_offer_keeps_the_place_until_it_ends_and_then_goes_on() -> None:
    slot = pool(1)
    book = ledger(slot, rules=OFFER)
    has, first, second = (booked(book, wish(slot)) for _ in range(3))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert (first.status, first.ends_by, slot.used) == (BookingStatus.OFFERED, NOW + timedelta(days=2), 1)
    later = ledger(slot, bookings=list(book.bookings.values()), rules=OFFER, moment=NOW + timedelta(days=2))
    later.release_ended()
    assert (first.status, first.cause, second.status) == (BookingStatus.CANCELLED, Cause.EXPIRY, BookingStatus.OFFERED)
    assert later.bookings[grant(later, Accept(second.id)).booking_id].status is BookingStatus.CONFIRMED
    assert slot.used == 1


def test_an_offer_that_ended_cannot_be_accepted() -> None:
    slot = pool(1)
    book = ledger(slot, rules=OFFER)
    has, first = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    later = ledger(slot, bookings=list(book.bookings.values()), rules=OFFER, moment=NOW + timedelta(days=2))
    later.release_ended()
    later.changes.clear()
    assert refused(later, Accept(first.id)) is Reason.NO_OFFER


def test_an_offer_never_outlasts_the_start_of_the_slot() -> None:
    slot = pool(1, starts_in=timedelta(hours=3))
    book = ledger(slot, rules=OFFER)
    has, first = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert first.ends_by == slot.starts_at


def test_a_second_attempt_of_the_same_visitor_leads_to_the_first_booking() -> None:
    slot, visitor = pool(5), uuid4()
    book = ledger(slot)
    first = grant(book, wish(slot, visitor=visitor))
    again = grant(book, wish(slot, visitor=visitor))
    assert (again.came, again.booking_id, slot.used) == (Came.AGAIN, first.booking_id, 1)
    assert steps(book)[-1] == ("asked_again", Cause.VISITOR)


def test_asking_ten_times_in_a_minute_makes_one_mail() -> None:
    slot, visitor = pool(5), uuid4()
    book = ledger(slot)
    for _ in range(10):
        grant(book, wish(slot, visitor=visitor))
    assert [what for what, _ in steps(book)] == ["confirmed", "asked_again"]


def test_a_double_click_on_the_last_place_is_one_booking_and_no_refusal() -> None:
    slot = pool(1)
    book = ledger(slot)
    sent = wish(slot, wait=False)
    first, second = grant(book, sent), grant(book, replace(sent, booking_id=uuid4()))
    assert (second.booking_id, [what for what, _ in steps(book)]) == (first.booking_id, ["confirmed"])


def test_on_a_full_slot_the_answer_does_not_say_who_is_coming() -> None:
    slot, visitor = pool(1), uuid4()
    book = ledger(slot)
    grant(book, wish(slot, visitor=visitor))
    book.changes.clear()
    assert refused(book, wish(slot, visitor=visitor, wait=False)) is Reason.FULL
    assert refused(book, wish(slot, visitor=uuid4(), wait=False)) is Reason.FULL


def test_two_slots_at_one_time_are_one_booking() -> None:
    one, other, visitor = pool(5), pool(5), uuid4()
    book = ledger(one, other)
    first = grant(book, wish(one, visitor=visitor))
    assert grant(book, wish(other, visitor=visitor)).booking_id == first.booking_id
    assert other.used == 0


def test_two_stands_at_different_times_are_two_bookings() -> None:
    one, later, visitor = pool(5), pool(5, starts_in=timedelta(days=10, hours=2)), uuid4()
    book = ledger(one, later)
    assert grant(book, wish(one, visitor=visitor)).booking_id != grant(book, wish(later, visitor=visitor)).booking_id


def test_one_stand_at_two_times_is_one_booking() -> None:
    stand, visitor = uuid4(), uuid4()
    one, later = pool(5, stand_id=stand), pool(5, stand_id=stand, starts_in=timedelta(days=10, hours=2))
    book = ledger(one, later)
    assert grant(book, wish(one, visitor=visitor)).booking_id == grant(book, wish(later, visitor=visitor)).booking_id


def test_coming_to_the_event_and_a_slot_there_go_together() -> None:
    day, slot, visitor = pool(50, slot=False), pool(5), uuid4()
    book = ledger(day, slot)
    grant(book, wish(day, visitor=visitor))
    assert grant(book, wish(slot, visitor=visitor)).came is Came.BOOKED


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        (EventWindow(False, False, None, None), Reason.UNKNOWN_PLACE),
        (EventWindow(True, True, None, None), Reason.CANCELLED),
        (EventWindow(True, False, NOW + timedelta(hours=1), None), Reason.NOT_OPEN_YET),
        (EventWindow(True, False, None, NOW), Reason.CLOSED),
        (EventWindow(True, False, None, None, ready=False), Reason.OPENS_SHORTLY),
    ],
)
def test_it_refuses_a_booking_outside_the_events_window(window: EventWindow, reason: Reason) -> None:
    slot = pool(5)
    assert refused(ledger(slot, window=window), wish(slot)) is reason


def test_it_refuses_a_slot_that_has_begun() -> None:
    slot = pool(5, starts_in=timedelta(0))
    assert refused(ledger(slot), wish(slot)) is Reason.STARTED


def test_it_refuses_a_slot_that_does_not_exist() -> None:
    slot = pool(5)
    assert refused(ledger(slot), replace(wish(slot), slot_id=uuid4())) is Reason.UNKNOWN_PLACE


def test_it_refuses_a_household_larger_than_the_organiser_takes() -> None:
    slot = pool(5)
    assert refused(ledger(slot, rules=EventRules(largest_household=4)), wish(slot, adults=5)) is Reason.TOO_LARGE


def test_it_refuses_a_household_that_could_never_fit() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    assert refused(ledger(slot), wish(slot, adults=5)) is Reason.TOO_LARGE


def test_a_walk_in_takes_no_place_unless_a_slot_is_named() -> None:
    slot = pool(1)
    book = ledger(slot)
    walk_in = replace(wish(slot), slot_id=None, walk_in=True, by_staff=True, stand_id=slot.stand_id)
    booking = booked(book, walk_in)
    assert (booking.status, slot.used, booking.event_id) == (BookingStatus.CONFIRMED, 0, EVENT)
