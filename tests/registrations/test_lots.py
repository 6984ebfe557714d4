"""A lottery: until its day everyone waits; then lots decide the order of the line, and anyone can draw them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from events.facts import Unit
from registrations.domain.asking import Cancel, Move, OfferByHand
from registrations.domain.ledger import Ledger
from registrations.domain.line import draw
from registrations.domain.records import Booking, EventRules, LinePolicy, Pool
from registrations.domain.refusals import Reason
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import EVENT, NOW, booked, ledger, pool, refused, wish

LOTTERY = EventRules(draw_at=NOW + timedelta(days=1))
SEED = bytes(range(32))


def asked(*pools: Pool, many: int = 4, rules: EventRules = LOTTERY) -> tuple[Ledger, list[Booking]]:
    """Pairs who asked for the first of the pools, one after the other, with ids that say so."""
    book = ledger(*pools, rules=rules)
    wishes = [replace(wish(pools[0]), booking_id=UUID(int=number)) for number in range(1, many + 1)]
    return book, [booked(book, one) for one in wishes]


def by_lot(bookings: list[Booking]) -> list[Booking]:
    """As anyone would draw them: no word of ours in it."""
    return sorted(bookings, key=lambda one: sha256(SEED + one.id.bytes).digest())


def test_until_lots_are_drawn_everyone_waits_whatever_is_free() -> None:
    slot = pool(2)
    _, bookings = asked(slot)
    assert {one.status for one in bookings} == {BookingStatus.WAITING}
    assert (slot.used, slot.waiting) == (0, 4)


def test_until_lots_are_drawn_whoever_books_takes_part_and_need_not_say_that_they_would_wait() -> None:
    slot = pool(2)
    one = booked(ledger(slot, rules=LOTTERY), wish(slot, wait=False))
    assert (one.status, one.line, slot.used) == (BookingStatus.WAITING, 1, 0)


def test_until_lots_are_drawn_nobody_waits_at_the_door_for_them() -> None:
    slot = pool(2)
    at_the_door = replace(wish(slot, wait=False), walk_in=True, by_staff=True)
    assert refused(ledger(slot, rules=LOTTERY), at_the_door) is Reason.FULL


def test_until_lots_are_drawn_nobody_gets_in_by_another_way() -> None:
    slot, other = pool(2), pool(2, starts_in=timedelta(days=12))
    book, bookings = asked(slot, other)
    assert refused(book, Move(bookings[0].id, other.slot_id, Cause.VISITOR)) is Reason.UNDRAWN
    assert refused(book, OfferByHand(bookings[0].id, "A friend", None)) is Reason.UNDRAWN
    grant(book, Cancel(bookings[0].id, Cause.VISITOR))
    assert slot.used == 0


def test_lots_decide_the_order_and_places_are_given_in_it() -> None:
    slot = pool(2)
    book, bookings = asked(slot)
    draw(book, EVENT, SEED)
    order = by_lot(bookings)
    assert order != bookings, "a seed that left the order as it was would prove nothing"
    assert [one.status for one in order] == [BookingStatus.CONFIRMED] * 2 + [BookingStatus.WAITING] * 2
    assert [one.line for one in order] == [1, 2, 3, 4]
    assert (slot.used, slot.waiting) == (2, 2)
    drawn = [entry.booking_id for entry in book.log.entries if entry.decision == "drawn"]
    assert drawn == [one.id for one in order]


def test_whom_the_lots_gave_no_place_is_told_so_in_a_step_of_its_own_and_nobody_else() -> None:
    slot = pool(2)
    book, bookings = asked(slot)
    assert {one.lots_at for one in book.changes} == {LOTTERY.draw_at}, "they are told when lots are drawn"
    before = len(book.changes)
    draw(book, EVENT, SEED)
    order = by_lot(bookings)
    told = [(one.what, one.booking.id, one.version, one.lots_at) for one in book.changes[before:]]
    assert told[:2] == [("confirmed", one.id, 2, None) for one in order[:2]]
    assert sorted(told[2:]) == sorted(("drawn", one.id, 2, None) for one in order[2:])
    grant(book, Cancel(order[0].id, Cause.VISITOR))
    assert [(one.what, one.booking.id, one.version) for one in book.changes[-1:]] == [("confirmed", order[2].id, 3)]


def test_another_seed_is_another_order() -> None:
    orders = set()
    for number in range(6):
        book, bookings = asked(pool(0))
        draw(book, EVENT, bytes([number]) * 32)
        orders.add(tuple(one.line for one in bookings))
    assert len(orders) > 3


def test_places_left_are_given_whole_also_by_lot() -> None:
    slot = pool(3, unit=Unit.PERSONS)
    book, bookings = asked(slot, many=3)
    alone = booked(book, replace(wish(slot, adults=1), booking_id=UUID(int=99)))
    draw(book, EVENT, SEED)
    assert slot.used in {2, 3}
    assert sum(one.adults for one in [*bookings, alone] if one.status is BookingStatus.CONFIRMED) == slot.used
    waiting = [one for one in [*bookings, alone] if one.status is BookingStatus.WAITING]
    assert all(one.adults > slot.free for one in waiting)


def test_where_places_are_offered_the_lot_brings_an_offer() -> None:
    slot = pool(2)
    book, bookings = asked(slot, rules=replace(LOTTERY, line=LinePolicy.OFFER))
    draw(book, EVENT, SEED)
    assert [one.status for one in by_lot(bookings)[:2]] == [BookingStatus.OFFERED] * 2


def test_from_the_draw_on_it_is_a_line_like_any_other() -> None:
    slot = pool(1)
    book, bookings = asked(slot)
    draw(book, EVENT, SEED)
    order = by_lot(bookings)
    newcomer = booked(book, wish(slot))
    assert newcomer.line == 5, "who comes after the draw stands behind those who were in it"
    for gone, follows in zip(order, [*order[1:], newcomer], strict=True):
        grant(book, Cancel(gone.id, Cause.VISITOR))
        assert follows.status is BookingStatus.CONFIRMED


def test_one_draw_is_for_all_slots_of_the_event_and_no_other() -> None:
    slot, other, apart = pool(0), pool(0), replace(pool(0), event_id=UUID(int=2))
    book = ledger(slot, other, apart, rules=LOTTERY)
    here = [booked(book, replace(wish(place), booking_id=UUID(int=n))) for n, place in enumerate((slot, other) * 2, 1)]
    there = booked(book, wish(apart))
    draw(book, EVENT, SEED)
    assert [one.line for one in by_lot(here)] == [1, 2, 3, 4]
    assert (there.line, book.drawn_events) == (1, {EVENT})
    assert booked(book, wish(apart, wait=False)).line == 2, "lots decide there still"
    assert refused(book, wish(slot, wait=False)) is Reason.FULL, "and here no more"
