"""Places that are counted over a stand or an event, besides those of each slot: all of them or none."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from events.facts import Unit
from registrations.domain.asking import Cancel, Move, Resize
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import across, booked, ledger, pool, refused, wish


def test_a_booking_draws_on_its_slot_its_stand_and_its_event() -> None:
    stand = uuid4()
    slot, tables, persons = pool(3, stand_id=stand), across(2, unit=Unit.HOUSEHOLDS, stand_id=stand), across(9)
    book = ledger(slot, tables, persons)
    booked(book, wish(slot, adults=2, children=2))
    assert (slot.used, tables.used, persons.used) == (1, 1, 4)


def test_one_pool_that_is_full_is_enough_to_be_refused_and_nothing_is_taken_of_the_others() -> None:
    slot, persons = pool(3), across(3)
    book = ledger(slot, persons)
    booked(book, wish(slot, adults=2))
    assert refused(book, wish(slot, adults=2, wait=False)) is Reason.FULL
    assert (slot.used, persons.used) == (1, 2)


def test_the_tables_of_one_stand_are_nothing_to_another() -> None:
    slot, other, tables = pool(3), pool(3), across(0, unit=Unit.HOUSEHOLDS, stand_id=uuid4())
    tables.stand_id = slot.stand_id
    book = ledger(slot, other, tables)
    assert refused(book, wish(slot, wait=False)) is Reason.FULL
    assert booked(book, wish(other)).status is BookingStatus.CONFIRMED


def test_a_household_without_children_needs_none_of_the_places_for_children() -> None:
    slot, children = pool(3), across(0, unit=Unit.CHILDREN)
    book = ledger(slot, children)
    alone = booked(book, wish(slot, adults=2))
    assert (alone.status, alone.places) == (BookingStatus.CONFIRMED, {slot.id: 1})
    assert refused(book, wish(slot, adults=1, children=1, wait=False)) is Reason.FULL


def test_a_place_freed_at_one_slot_goes_to_whoever_waits_at_another_for_the_event() -> None:
    slot, other, persons = pool(3), pool(3), across(2)
    book = ledger(slot, other, persons)
    has, waits = booked(book, wish(slot)), booked(book, wish(other))
    assert (waits.status, other.used) == (BookingStatus.WAITING, 0)
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert (waits.status, slot.used, other.used, persons.used) == (BookingStatus.CONFIRMED, 0, 1, 2)


def test_lines_of_several_slots_are_one_line_where_they_wait_for_the_same() -> None:
    slot, other, persons = pool(3), pool(3), across(2)
    book = ledger(slot, other, persons)
    has = booked(book, wish(slot))
    first, second, third = (booked(book, wish(place)) for place in (other, slot, other))
    assert [one.line for one in (first, second, third)] == [1, 2, 3]
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert [one.status for one in (first, second, third)] == [
        BookingStatus.CONFIRMED,
        BookingStatus.WAITING,
        BookingStatus.WAITING,
    ]


def test_a_household_is_promoted_only_when_all_of_its_pools_have_room() -> None:
    slot, children = pool(2), across(1, unit=Unit.CHILDREN)
    book = ledger(slot, children)
    one, other = booked(book, wish(slot, children=1)), booked(book, wish(slot))
    waits = booked(book, wish(slot, children=1))
    grant(book, Cancel(other.id, Cause.VISITOR))
    assert (waits.status, slot.free, children.free) == (BookingStatus.WAITING, 1, 0)
    grant(book, Cancel(one.id, Cause.VISITOR))
    assert (waits.status, slot.used, children.used) == (BookingStatus.CONFIRMED, 1, 1)


def test_who_is_passed_over_is_written_down_with_the_pool_that_was_short() -> None:
    slot, children = pool(1), across(1, unit=Unit.CHILDREN)
    book = ledger(slot, children)
    has = booked(book, wish(slot))
    children.used = 1
    family, pair = booked(book, wish(slot, children=1)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert pair.status is BookingStatus.CONFIRMED
    passed, promoted = book.log.entries
    assert (passed.booking_id, passed.pool_id, passed.needed, passed.free) == (family.id, children.id, 1, 0)
    assert dict(passed.frees) == {slot.id: 1, children.id: 0}
    assert (promoted.booking_id, dict(promoted.needs), dict(promoted.frees)) == (pair.id, {slot.id: 1}, {slot.id: 1})


def test_a_move_between_slots_keeps_what_one_has_of_the_event() -> None:
    slot, other, persons = pool(1), pool(1, starts_in=timedelta(days=11)), across(2)
    book = ledger(slot, other, persons)
    mine = booked(book, wish(slot))
    grant(book, Move(mine.id, other.slot_id, Cause.VISITOR))
    assert (mine.slot_id, slot.used, other.used, persons.used) == (other.slot_id, 0, 1, 2)


def test_a_first_child_needs_a_place_for_children_and_a_last_one_gives_it_back() -> None:
    slot, children = pool(2), across(1, unit=Unit.CHILDREN)
    book = ledger(slot, children)
    mine, other = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Resize(mine.id, 2, 1, Cause.VISITOR))
    assert (children.used, mine.places) == (1, {slot.id: 1, children.id: 1})
    assert refused(book, Resize(other.id, 2, 1, Cause.VISITOR)) is Reason.FULL
    grant(book, Resize(mine.id, 2, 0, Cause.VISITOR))
    assert (children.used, mine.places, book.replaced) == (0, {slot.id: 1}, {mine.id})


def test_one_in_line_who_brings_a_child_keeps_their_number_in_the_line_for_children() -> None:
    slot, other, children = pool(1), pool(9), across(1, unit=Unit.CHILDREN)
    book = ledger(slot, other, children)
    has, first, second = (booked(book, wish(slot)) for _ in range(3))
    small = booked(book, wish(other, children=1))
    grant(book, Resize(second.id, 2, 1, Cause.VISITOR))
    after = booked(book, wish(slot, children=1))
    assert (second.line, children.waiting) == (2, 2)
    assert (after.line or 0) > (second.line or 0), "who asked later stands later, in every line"
    for gone in (small, has, first):
        grant(book, Cancel(gone.id, Cause.VISITOR))
    assert (second.status, after.status) == (BookingStatus.CONFIRMED, BookingStatus.WAITING)


def test_coming_to_the_event_and_a_slot_there_counts_in_both() -> None:
    day, slot, persons, visitor = pool(9, slot=False), pool(9), across(4), uuid4()
    book = ledger(day, slot, persons)
    booked(book, wish(day, visitor=visitor))
    booked(book, wish(slot, visitor=visitor))
    assert (day.used, slot.used, persons.used) == (1, 1, 4)
