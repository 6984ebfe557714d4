"""Bookings that count once their visitor has answered our mail, or the organiser has said yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from registrations.domain import organising
from registrations.domain.asking import Approve, Came, Cancel, Confirm, Move
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import Awaits, BookingStatus, Cause
from tests.registrations.ledgers import NOW, booked, later, ledger, pool, refused, steps, wish

ADDRESS = EventRules(confirm_address=True)
APPROVAL = EventRules(approval=True)
BOTH = EventRules(confirm_address=True, approval=True)


def test_a_booking_keeps_its_place_until_its_visitor_answers_and_counts_from_then() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    mine = booked(book, wish(slot))
    assert (mine.status, mine.awaits, slot.used) == (BookingStatus.HELD, Awaits.ADDRESS, 1)
    assert grant(book, Confirm(mine.id)).came is Came.BOOKED
    assert (mine.status, mine.awaits, mine.ends_by, slot.used) == (BookingStatus.CONFIRMED, None, None, 1)
    assert steps(book) == [("held", Cause.VISITOR), ("confirmed", Cause.VISITOR)]


def test_a_link_opened_twice_confirms_once() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    mine = booked(book, wish(slot))
    grant(book, Confirm(mine.id))
    assert grant(book, Confirm(mine.id)).came is Came.UNCHANGED
    assert mine.version == 2


def test_whoever_confirmed_an_address_before_is_not_asked_again() -> None:
    slot = pool(1)
    assert booked(ledger(slot, rules=ADDRESS), wish(slot, address_known=True)).status is BookingStatus.CONFIRMED


def test_after_two_days_without_an_answer_the_place_goes_to_the_next() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    silent = booked(book, wish(slot))
    waits = booked(book, wish(slot, address_known=True))
    later(book, NOW + timedelta(hours=48) - timedelta(seconds=1), rules=ADDRESS)
    assert silent.status is BookingStatus.HELD
    later(book, NOW + timedelta(hours=48), rules=ADDRESS)
    assert (silent.status, silent.cause, silent.awaits) == (BookingStatus.CANCELLED, Cause.EXPIRY, None)
    assert (waits.status, slot.used) == (BookingStatus.CONFIRMED, 1)


def test_one_in_line_whose_address_is_not_known_is_passed_over_and_it_is_written_down() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    has = booked(book, wish(slot, address_known=True))
    silent, answers = booked(book, wish(slot)), booked(book, wish(slot, address_known=True))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert (silent.status, answers.status) == (BookingStatus.WAITING, BookingStatus.CONFIRMED)
    assert [(entry.decision, entry.reason) for entry in book.log.entries] == [
        ("passed_over", "address"),
        ("promoted", None),
    ]


def test_an_answer_from_the_line_gets_the_place_that_nobody_else_could_have() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    has, waits = booked(book, wish(slot, address_known=True)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert (waits.status, slot.free) == (BookingStatus.WAITING, 1)
    grant(book, Confirm(waits.id))
    assert (waits.status, slot.used) == (BookingStatus.CONFIRMED, 1)


def test_a_newcomer_takes_what_one_before_cannot_have_yet_and_the_line_is_told_why() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    has, waits = booked(book, wish(slot, address_known=True)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    newcomer = booked(book, wish(slot, address_known=True))
    assert (newcomer.status, waits.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)
    assert [(entry.decision, entry.booking_id, entry.reason) for entry in book.log.entries] == [
        ("passed_over", waits.id, "address"),
        ("taken", newcomer.id, None),
    ]


def test_the_organisers_yes_makes_a_booking_count() -> None:
    slot = pool(1)
    book = ledger(slot, rules=APPROVAL)
    mine = booked(book, wish(slot))
    assert (mine.status, mine.awaits, mine.ends_by) == (BookingStatus.HELD, Awaits.APPROVAL, slot.starts_at)
    grant(book, Approve(mine.id))
    assert (mine.status, steps(book)[-1]) == (BookingStatus.CONFIRMED, ("confirmed", Cause.STAFF))
    assert refused(book, Approve(mine.id)) is Reason.NOT_ASKED


def test_where_both_are_wanted_the_address_comes_first() -> None:
    slot = pool(1)
    book = ledger(slot, rules=BOTH)
    mine = booked(book, wish(slot))
    assert refused(book, Approve(mine.id)) is Reason.NOT_ASKED
    grant(book, Confirm(mine.id))
    assert (mine.status, mine.awaits, mine.ends_by) == (BookingStatus.HELD, Awaits.APPROVAL, slot.starts_at)
    grant(book, Approve(mine.id))
    assert mine.status is BookingStatus.CONFIRMED


def test_a_yes_to_one_in_line_lets_it_be_promoted() -> None:
    slot = pool(1)
    book = ledger(slot, rules=APPROVAL)
    has = booked(book, wish(slot, by_staff=True))
    waits = booked(book, wish(slot))
    grant(book, Approve(waits.id))
    assert (waits.status, steps(book)[-1]) == (BookingStatus.WAITING, ("waitlisted", Cause.STAFF))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert waits.status is BookingStatus.CONFIRMED


def test_what_staff_book_awaits_nothing() -> None:
    slot = pool(2)
    book = ledger(slot, rules=BOTH)
    assert booked(book, wish(slot, by_staff=True)).status is BookingStatus.CONFIRMED
    assert booked(book, wish(slot, by_staff=True, walk_in=True)).status is BookingStatus.CONFIRMED


def test_a_booking_that_awaits_a_yes_is_kept_until_its_slots_new_start() -> None:
    slot = pool(1)
    book = ledger(slot, rules=APPROVAL)
    mine = booked(book, wish(slot))
    tomorrow = slot.starts_at + timedelta(days=1)
    organising.retime(book, slot, tomorrow, tomorrow + timedelta(minutes=30))
    assert mine.ends_by == tomorrow


def test_an_answer_to_our_mail_is_not_awaited_beyond_the_slots_new_start() -> None:
    slot = pool(1)
    book = ledger(slot, rules=ADDRESS)
    mine = booked(book, wish(slot))
    sooner = NOW + timedelta(hours=5)
    organising.retime(book, slot, sooner, sooner + timedelta(minutes=30))
    assert mine.ends_by == sooner


def test_staff_book_nothing_that_was_taken_off_the_programme() -> None:
    slot = replace(pool(1), open=False)
    assert refused(ledger(slot), wish(slot, by_staff=True)) is Reason.CLOSED


def test_staff_who_put_somebody_where_it_has_begun_say_yes_by_it() -> None:
    slot, other = pool(1), pool(1)
    book = ledger(slot, other, rules=APPROVAL)
    booked(book, wish(slot))
    waits = booked(book, wish(slot))
    begun = later(book, other.starts_at, rules=APPROVAL)
    grant(begun, Move(waits.id, other.slot_id, Cause.STAFF))
    assert (waits.status, waits.awaits, waits.ends_by) == (BookingStatus.CONFIRMED, None, None)


def test_staff_who_put_somebody_where_it_has_not_begun_leave_it_to_whoever_approves() -> None:
    slot, other = pool(1), pool(1)
    book = ledger(slot, other, rules=APPROVAL)
    booked(book, wish(slot))
    waits = booked(book, wish(slot))
    grant(book, Move(waits.id, other.slot_id, Cause.STAFF))
    assert (waits.status, waits.awaits, waits.ends_by) == (BookingStatus.HELD, Awaits.APPROVAL, other.starts_at)


@pytest.mark.parametrize(
    ("rules", "cause", "declined"),
    [
        (APPROVAL, Cause.STAFF, True),
        (APPROVAL, Cause.EXPIRY, True),
        (APPROVAL, Cause.VISITOR, False),
        (APPROVAL, Cause.EVENT, False),
        (ADDRESS, Cause.EXPIRY, False),
        (EventRules(), Cause.STAFF, False),
    ],
)
def test_only_a_no_to_what_was_asked_for_is_one(rules: EventRules, cause: Cause, *, declined: bool) -> None:
    slot = pool(1)
    book = ledger(slot, rules=rules)
    mine = booked(book, wish(slot))
    book.end(mine, cause)
    assert (mine.status, mine.awaits, mine.declined) == (BookingStatus.CANCELLED, None, declined)


def test_a_mail_to_an_address_that_was_corrected_since_confirms_nothing() -> None:
    place = pool(1)
    book = ledger(place, rules=EventRules(confirm_address=True))
    mine = booked(book, wish(place))
    mine.rotation = 1
    assert refused(book, Confirm(mine.id, 0)) is Reason.UNKNOWN_BOOKING
    assert mine.awaits is not None
    assert grant(book, Confirm(mine.id, 1)).came is Came.BOOKED
