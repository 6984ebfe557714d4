"""Bookings that change place, event or hands, and those whose event was called off coming alive elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from registrations.domain import organising
from registrations.domain.asking import Accept, Came, Cancel, Move, Resize, TakeOver
from registrations.domain.records import EventRules, Pool
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import Awaits, BookingStatus, Cause
from tests.registrations.ledgers import NOW, OFFER, booked, later, ledger, pool, refused, steps, wish


def elsewhere(capacity: int, **more: object) -> Pool:
    """A slot of another event, three weeks from now."""
    return replace(pool(capacity, starts_in=timedelta(days=21)), event_id=uuid4(), **more)  # type: ignore[arg-type]


def test_a_booking_moves_to_another_event() -> None:
    slot, other = pool(1), elsewhere(1)
    book = ledger(slot, other)
    mine, waits = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Move(mine.id, other.slot_id, Cause.VISITOR, other.event_id))
    assert (mine.event_id, mine.stand_id, mine.slot_id) == (other.event_id, other.stand_id, other.slot_id)
    assert (mine.starts_at, mine.status, other.used) == (other.starts_at, BookingStatus.CONFIRMED, 1)
    assert (waits.status, slot.used) == (BookingStatus.CONFIRMED, 1)


def test_a_booking_moves_to_another_events_own_place() -> None:
    slot, day = pool(1), replace(pool(5, slot=False), event_id=uuid4())
    book = ledger(slot, day)
    mine = booked(book, wish(slot))
    grant(book, Move(mine.id, None, Cause.VISITOR, day.event_id))
    assert (mine.event_id, mine.slot_id, day.used, slot.used) == (day.event_id, None, 1, 0)


def test_a_move_to_where_its_visitor_already_is_is_refused() -> None:
    slot, other, visitor = pool(1), elsewhere(2), uuid4()
    book = ledger(slot, other)
    booked(book, wish(other, visitor=visitor))
    mine = booked(book, wish(slot, visitor=visitor))
    assert refused(book, Move(mine.id, other.slot_id, Cause.VISITOR, other.event_id)) is Reason.OVERLAPS


def test_a_visitor_moves_nothing_after_the_deadline_but_staff_do() -> None:
    slot, other = pool(1), pool(1, starts_in=timedelta(days=12))
    rules = EventRules(change_until=timedelta(days=2))
    book = ledger(slot, other, rules=rules)
    mine = booked(book, wish(slot))
    late = later(book, slot.starts_at - timedelta(days=1), rules=rules)
    assert refused(late, Move(mine.id, other.slot_id, Cause.VISITOR)) is Reason.TOO_LATE
    assert refused(late, Resize(mine.id, 1, 0, Cause.VISITOR)) is Reason.TOO_LATE
    grant(late, Move(mine.id, other.slot_id, Cause.STAFF))
    assert mine.slot_id == other.slot_id


def test_after_the_last_moment_to_cancel_a_visitor_no_longer_can() -> None:
    slot = pool(1)
    rules = EventRules(cancel_until=timedelta(days=2))
    book = ledger(slot, rules=rules)
    mine = booked(book, wish(slot))
    at_last = later(book, slot.starts_at - timedelta(days=2) + timedelta(seconds=1), rules=rules)
    assert refused(at_last, Cancel(mine.id, Cause.VISITOR)) is Reason.TOO_LATE_TO_CANCEL
    assert grant(later(book, slot.starts_at - timedelta(days=2), rules=rules), Cancel(mine.id, Cause.VISITOR))
    assert mine.status is BookingStatus.CANCELLED


def test_what_is_over_is_not_moved_to_another_day() -> None:
    slot, other = pool(1), pool(1, starts_in=timedelta(days=12))
    book = ledger(slot, other)
    mine = booked(book, wish(slot))
    assert refused(later(book, slot.ends_at), Move(mine.id, other.slot_id, Cause.VISITOR)) is Reason.HAS_BEGUN


def test_staff_move_nobody_to_what_was_taken_off_the_programme() -> None:
    slot, closed = pool(1), replace(pool(1), open=False)
    book = ledger(slot, closed)
    mine = booked(book, wish(slot))
    assert refused(book, Move(mine.id, closed.slot_id, Cause.STAFF)) is Reason.CLOSED


def test_a_booking_that_the_organiser_ended_comes_alive_where_its_visitor_chooses() -> None:
    slot, other = pool(1), elsewhere(1)
    book = ledger(slot, other)
    mine = booked(book, wish(slot))
    organising.close(book, slot)
    grant(book, Move(mine.id, other.slot_id, Cause.VISITOR, other.event_id))
    assert (mine.status, mine.event_id, slot.used, other.used) == (BookingStatus.CONFIRMED, other.event_id, 0, 1)
    assert steps(book)[-2:] == [("cancelled", Cause.EVENT), ("moved", Cause.VISITOR)]


def test_a_booking_that_its_visitor_ended_stays_so() -> None:
    slot, other = pool(1), elsewhere(1)
    book = ledger(slot, other)
    mine = booked(book, wish(slot))
    grant(book, Cancel(mine.id, Cause.VISITOR))
    assert refused(book, Move(mine.id, other.slot_id, Cause.VISITOR, other.event_id)) is Reason.OVER


def test_it_comes_alive_whole_or_not_at_all() -> None:
    slot, full = pool(1), elsewhere(0)
    book = ledger(slot, full)
    mine = booked(book, wish(slot))
    organising.close(book, slot)
    assert refused(book, Move(mine.id, full.slot_id, Cause.VISITOR, full.event_id)) is Reason.FULL
    assert mine.status is BookingStatus.CANCELLED


def test_at_an_event_where_the_organiser_says_yes_to_each_a_mover_awaits_it_too() -> None:
    slot, other = pool(1), elsewhere(1)
    book = ledger(slot, other)
    mine = booked(book, wish(slot))
    strict = later(book, NOW, rules=EventRules(approval=True))
    grant(strict, Move(mine.id, other.slot_id, Cause.VISITOR, other.event_id))
    assert (mine.status, mine.awaits, other.used) == (BookingStatus.HELD, Awaits.APPROVAL, 1)


def test_one_in_line_that_awaits_a_yes_awaits_it_where_it_moves_to() -> None:
    full, free = pool(0), pool(1, starts_in=timedelta(days=12))
    book = ledger(full, free, rules=EventRules(approval=True))
    mine = booked(book, wish(full))
    grant(book, Move(mine.id, free.slot_id, Cause.VISITOR))
    assert (mine.status, mine.line, steps(book)[-1][0]) == (BookingStatus.HELD, None, "held")


def test_moving_does_not_lengthen_the_time_to_answer_our_mail() -> None:
    slot, other = pool(1), pool(1, starts_in=timedelta(days=12))
    rules = EventRules(confirm_address=True)
    book = ledger(slot, other, rules=rules)
    mine = booked(book, wish(slot))
    grant(later(book, NOW + timedelta(hours=40), rules=rules), Move(mine.id, other.slot_id, Cause.VISITOR))
    assert mine.ends_by == NOW + timedelta(hours=48)


def test_cancelling_an_event_promotes_nobody_from_one_slot_into_the_next() -> None:
    slot, other = pool(1), pool(1)
    visitor = uuid4()
    book = ledger(slot, other, rules=OFFER)
    booked(book, wish(slot)), booked(book, wish(other))
    booked(book, wish(slot, visitor=visitor)), booked(book, wish(other))
    book.changes.clear()
    organising.close(book, slot, other)
    assert steps(book) == [("cancelled", Cause.EVENT)] * 4
    assert book.log.entries == []


def test_an_offer_moved_to_another_slot_is_answered_by_it() -> None:
    slot, other = pool(1), pool(1, starts_in=timedelta(days=12))
    book = ledger(slot, other, rules=OFFER)
    has, mine = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    grant(book, Move(mine.id, other.slot_id, Cause.VISITOR))
    assert (mine.status, mine.ends_by, slot.used, other.used) == (BookingStatus.CONFIRMED, None, 0, 1)


# Other hands ----------------------------------------------------------------------------------------------------------


def test_someone_else_comes_instead_and_what_was_sent_to_the_first_is_worthless() -> None:
    slot, other = pool(1), uuid4()
    book = ledger(slot)
    mine = booked(book, wish(slot))
    first = mine.visitor_id
    grant(book, TakeOver(mine.id, other))
    assert (mine.visitor_id, mine.rotation, mine.status, slot.used) == (other, 1, BookingStatus.CONFIRMED, 1)
    assert book.renewed == {mine.id}
    assert (book.changes[-1].what, book.changes[-1].previous_visitor_id) == ("handed_over", first)
    assert booked(book, wish(slot, visitor=first)).id != mine.id, "the first one has no booking any more"


def test_said_twice_it_changes_hands_once() -> None:
    slot, other = pool(1), uuid4()
    book = ledger(slot)
    mine = booked(book, wish(slot))
    grant(book, TakeOver(mine.id, other))
    assert grant(book, TakeOver(mine.id, other)).came is Came.UNCHANGED
    assert mine.rotation == 1


def test_who_is_somewhere_else_at_that_time_cannot_take_over() -> None:
    slot, at_once, other = pool(1), pool(1), uuid4()
    book = ledger(slot, at_once)
    mine = booked(book, wish(slot))
    booked(book, wish(at_once, visitor=other))
    assert refused(book, TakeOver(mine.id, other)) is Reason.OVERLAPS


def test_a_place_in_line_an_offer_and_what_is_over_are_nobodys_to_give() -> None:
    slot = pool(1)
    book = ledger(slot, rules=OFFER)
    mine, waits = booked(book, wish(slot)), booked(book, wish(slot))
    assert refused(book, TakeOver(waits.id, uuid4())) is Reason.NOT_ASKED
    grant(book, Cancel(mine.id, Cause.VISITOR))
    assert waits.status is BookingStatus.OFFERED
    assert refused(book, TakeOver(waits.id, uuid4())) is Reason.NOT_ASKED
    assert refused(book, TakeOver(mine.id, uuid4())) is Reason.OVER
    grant(book, Accept(waits.id))
    assert refused(later(book, slot.ends_at), TakeOver(waits.id, uuid4())) is Reason.STARTED


def test_once_it_has_begun_a_visitor_neither_cancels_moves_nor_changes_it_and_staff_still_do() -> None:
    slot, other = pool(3), pool(3, starts_in=timedelta(days=11))
    book = ledger(slot, other)
    mine = booked(book, wish(slot))
    book.moment = slot.starts_at
    for one in (
        Cancel(mine.id, Cause.VISITOR),
        Move(mine.id, other.slot_id, Cause.VISITOR),
        Resize(mine.id, 1, 0, Cause.VISITOR),
    ):
        assert refused(book, one) is Reason.HAS_BEGUN
    mine.asked_to_move_at = book.moment
    assert refused(book, Move(mine.id, other.slot_id, Cause.VISITOR)) is Reason.HAS_BEGUN
    assert grant(book, Cancel(mine.id, Cause.STAFF)).came is Came.CANCELLED


def test_a_moment_before_it_begins_a_visitor_still_cancels() -> None:
    slot = pool(3)
    book = ledger(slot)
    mine = booked(book, wish(slot))
    book.moment = slot.starts_at - timedelta(seconds=1)
    assert grant(book, Cancel(mine.id, Cause.VISITOR)).came is Came.CANCELLED
