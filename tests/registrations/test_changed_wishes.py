"""What is booked is changed or cancelled: one more or one fewer, another slot, another capacity, rule by rule."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from events.facts import Unit
from registrations.domain import organising
from registrations.domain.asking import Came, Cancel, Move, Resize
from registrations.domain.refusals import Reason, Refused
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import booked, ledger, pool, refused, steps, wish


def test_one_more_is_brought_where_there_is_room() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    booking = booked(book, wish(slot, adults=2))
    grant(book, Resize(booking.id, 2, 1, Cause.VISITOR))
    assert (booking.children, slot.used) == (1, 3)
    book.changes.clear()
    assert refused(book, Resize(booking.id, 2, 3, Cause.VISITOR)) is Reason.TOO_LARGE


def test_one_more_is_refused_where_there_is_no_room_and_the_old_places_are_kept() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    booking, _other = booked(book, wish(slot, adults=2)), booked(book, wish(slot, adults=2))
    book.changes.clear()
    assert refused(book, Resize(booking.id, 2, 1, Cause.VISITOR)) is Reason.FULL
    assert (booking.adults, booking.children) == (2, 0)


def test_leaving_one_out_lets_the_line_move() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    booking, waiting = booked(book, wish(slot, adults=4)), booked(book, wish(slot, adults=1))
    grant(book, Resize(booking.id, 3, 0, Cause.VISITOR))
    assert (waiting.status, slot.used) == (BookingStatus.CONFIRMED, 4)


def test_a_smaller_household_may_fit_where_the_larger_one_waited() -> None:
    slot = pool(4, unit=Unit.PERSONS)
    book = ledger(slot)
    booked(book, wish(slot, adults=3))
    waiting = booked(book, wish(slot, adults=2))
    grant(book, Resize(waiting.id, 1, 0, Cause.VISITOR))
    assert (waiting.status, slot.used, slot.waiting) == (BookingStatus.CONFIRMED, 4, 0)


def test_a_move_frees_the_old_slot_for_the_line() -> None:
    one, other = pool(1), pool(1)
    book = ledger(one, other)
    booking, waiting = booked(book, wish(one)), booked(book, wish(one))
    grant(book, Move(booking.id, other.slot_id or uuid4(), Cause.VISITOR))
    assert (booking.slot_id, waiting.status, one.used, other.used) == (other.slot_id, BookingStatus.CONFIRMED, 1, 1)
    moved = next(change for change in book.changes if change.what == "moved")
    assert moved.previous_slot_id == one.slot_id


def test_a_move_to_a_full_slot_is_refused_and_the_old_place_kept() -> None:
    one, other = pool(1), pool(1)
    book = ledger(one, other)
    booking, _there = booked(book, wish(one)), booked(book, wish(other))
    book.changes.clear()
    assert refused(book, Move(booking.id, other.slot_id or uuid4(), Cause.VISITOR)) is Reason.FULL
    assert booking.slot_id == one.slot_id


def test_who_waits_may_move_to_a_free_slot_and_is_then_confirmed() -> None:
    one, other = pool(0), pool(1)
    book = ledger(one, other)
    waiting = booked(book, wish(one))
    grant(book, Move(waiting.id, other.slot_id or uuid4(), Cause.VISITOR))
    assert (waiting.status, one.waiting, steps(book)[-1][0]) == (BookingStatus.CONFIRMED, 0, "confirmed")


def test_a_moved_slot_takes_its_bookings_along() -> None:
    slot = pool(1)
    book = ledger(slot)
    has, waits = booked(book, wish(slot)), booked(book, wish(slot))
    later = slot.starts_at + timedelta(hours=3)
    organising.retime(book, slot, later, later + timedelta(minutes=30))
    assert has.starts_at == waits.starts_at == later
    assert steps(book)[-2:] == [("moved", Cause.EVENT)] * 2


def test_a_closed_slot_cancels_its_bookings_and_promotes_nobody() -> None:
    slot = pool(1)
    book = ledger(slot)
    has, waits = booked(book, wish(slot)), booked(book, wish(slot))
    organising.close(book, slot)
    assert {has.status, waits.status} == {BookingStatus.CANCELLED}
    assert (slot.used, slot.waiting, book.log.entries) == (0, 0, [])


def test_a_capacity_is_never_set_below_what_is_taken() -> None:
    slot = pool(2)
    book = ledger(slot)
    booked(book, wish(slot)), booked(book, wish(slot))
    with pytest.raises(Refused) as caught:
        organising.set_capacity(book, slot, 1)
    assert (caught.value.reason, caught.value.values["used"], slot.capacity) == (Reason.BELOW_USED, 2, 2)


def test_more_capacity_lets_the_line_move() -> None:
    slot = pool(0)
    book = ledger(slot)
    first, second = booked(book, wish(slot)), booked(book, wish(slot))
    organising.set_capacity(book, slot, 1)
    assert (first.status, second.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)


def test_nobody_is_promoted_into_a_slot_that_has_begun() -> None:
    slot = pool(1)
    book = ledger(slot)
    has, waits = booked(book, wish(slot)), booked(book, wish(slot))
    late = ledger(slot, bookings=[has, waits], moment=slot.starts_at)
    grant(late, Cancel(has.id, Cause.STAFF))
    assert waits.status is BookingStatus.WAITING


def test_cancelling_twice_is_once() -> None:
    slot = pool(1)
    book = ledger(slot)
    booking = booked(book, wish(slot))
    grant(book, Cancel(booking.id, Cause.VISITOR))
    assert grant(book, Cancel(booking.id, Cause.VISITOR)).came is Came.UNCHANGED
    assert booking.version == 2


def test_what_was_attended_is_not_cancelled() -> None:
    slot = pool(1)
    book = ledger(slot)
    booking = booked(book, wish(slot))
    booking.status = BookingStatus.ATTENDED
    book.changes.clear()
    assert refused(book, Cancel(booking.id, Cause.VISITOR)) is Reason.OVER
