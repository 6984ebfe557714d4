"""Offers: by the line or by hand, one at a time for each visitor, and within their waking hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from registrations.domain.asking import Accept, Came, Cancel, OfferByHand
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason
from registrations.domain.waking import after_waking
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import NOW, OFFER, booked, later, ledger, pool, refused, steps, wish

APART = timedelta(days=12)


def test_only_one_in_line_can_be_offered_a_place_by_hand() -> None:
    slot = pool(2)
    book = ledger(slot)
    has = booked(book, wish(slot))
    assert refused(book, OfferByHand(has.id, "A friend", None)) is Reason.NOT_WAITING


def test_an_offer_by_hand_goes_past_those_before_and_is_written_down_with_who_made_it_and_why() -> None:
    slot, staff = pool(1), uuid4()
    book = ledger(slot, rules=EventRules(approval=True))
    first, second = booked(book, wish(slot, by_staff=True)), booked(book, wish(slot))
    third = booked(book, wish(slot))
    grant(book, Cancel(first.id, Cause.STAFF))
    grant(book, OfferByHand(third.id, "They drive far", staff))
    assert (third.status, third.awaits, second.status) == (BookingStatus.OFFERED, None, BookingStatus.WAITING)
    assert steps(book)[-1] == ("offered", Cause.STAFF)
    entry = book.log.entries[-1]
    assert (entry.decision, entry.why, entry.account_id) == ("offered", "They drive far", staff)
    assert third.ends_by == after_waking(NOW, timedelta(hours=12), "Europe/Oslo")


def test_a_place_that_is_not_there_cannot_be_offered_by_hand_not_even_to_one_who_awaits_a_yes() -> None:
    slot = pool(1)
    book = ledger(slot, rules=EventRules(approval=True))
    booked(book, wish(slot))
    waits = booked(book, wish(slot))
    assert refused(book, OfferByHand(waits.id, "A friend", None)) is Reason.FULL


def test_nothing_is_offered_to_an_address_that_may_not_be_theirs() -> None:
    slot = pool(1)
    book = ledger(slot, rules=EventRules(confirm_address=True))
    has, waits = booked(book, wish(slot, address_known=True)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert refused(book, OfferByHand(waits.id, "A friend", None)) is Reason.NOT_ASKED


def test_a_visitor_has_one_offer_at_a_time_and_others_do_not_wait_for_their_answer() -> None:
    slot, apart, visitor = pool(1), pool(1, starts_in=APART), uuid4()
    book = ledger(slot, apart, rules=OFFER)
    has, there = booked(book, wish(slot)), booked(book, wish(apart))
    one, two = booked(book, wish(slot, visitor=visitor)), booked(book, wish(apart, visitor=visitor))
    other = booked(book, wish(apart))
    grant(book, Cancel(has.id, Cause.VISITOR))
    grant(book, Cancel(there.id, Cause.VISITOR))
    assert (one.status, two.status, other.status) == (
        BookingStatus.OFFERED,
        BookingStatus.WAITING,
        BookingStatus.OFFERED,
    )
    assert [(entry.booking_id, entry.reason) for entry in book.log.entries] == [
        (one.id, None),
        (two.id, "has_offer"),
        (other.id, None),
    ]


@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "declined"])
def test_an_answer_makes_its_visitor_eligible_elsewhere_at_once(accepted: bool) -> None:
    slot, apart, visitor = pool(1), pool(1, starts_in=APART), uuid4()
    book = ledger(slot, apart, rules=OFFER)
    has, there = booked(book, wish(slot)), booked(book, wish(apart))
    one, two = booked(book, wish(slot, visitor=visitor)), booked(book, wish(apart, visitor=visitor))
    grant(book, Cancel(has.id, Cause.VISITOR))
    grant(book, Cancel(there.id, Cause.VISITOR))
    assert (two.status, apart.free) == (BookingStatus.WAITING, 1)
    assert refused(book, OfferByHand(two.id, "A friend", None)) is Reason.HAS_OFFER
    grant(book, Accept(one.id) if accepted else Cancel(one.id, Cause.VISITOR))
    assert two.status is BookingStatus.OFFERED


def test_an_offer_that_ended_makes_its_visitor_eligible_elsewhere() -> None:
    slot, apart, visitor = pool(1), pool(1, starts_in=APART), uuid4()
    book = ledger(slot, apart, rules=OFFER)
    has, there = booked(book, wish(slot)), booked(book, wish(apart))
    one, two = booked(book, wish(slot, visitor=visitor)), booked(book, wish(apart, visitor=visitor))
    grant(book, Cancel(has.id, Cause.VISITOR))
    grant(book, Cancel(there.id, Cause.VISITOR))
    later(book, NOW + timedelta(days=2), rules=OFFER)
    assert (one.status, two.status) == (BookingStatus.CANCELLED, BookingStatus.OFFERED)


def test_accepting_twice_is_once() -> None:
    slot = pool(1)
    book = ledger(slot, rules=OFFER)
    has, mine = booked(book, wish(slot)), booked(book, wish(slot))
    grant(book, Cancel(has.id, Cause.VISITOR))
    assert grant(book, Accept(mine.id)).came is Came.BOOKED
    assert grant(book, Accept(mine.id)).came is Came.UNCHANGED
    assert slot.used == 1


def oslo(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


@pytest.mark.parametrize(
    ("made", "hours", "ends"),
    [
        (oslo(13, 9), 4, oslo(13, 13)),
        (oslo(13, 18), 12, oslo(14, 18)),
        (oslo(13, 23), 1, oslo(14, 9)),
        (oslo(13, 3), 1, oslo(13, 9)),
        (oslo(13, 19), 1, oslo(13, 20)),
        (oslo(13, 20), 12, oslo(14, 20)),
        (oslo(13, 8), 36, oslo(15, 20)),
    ],
    ids=["by day", "over night", "late", "early", "to the last minute", "at bedtime", "three days"],
)
def test_an_offers_time_runs_by_day_only(made: datetime, hours: int, ends: datetime) -> None:
    assert after_waking(made, timedelta(hours=hours), "Europe/Oslo") == ends


def test_waking_hours_are_those_of_the_wall_clock_when_it_changes() -> None:
    """The night to 29 March 2026: two becomes three. Evening before at 18:00, twelve hours later it is 18:00 again."""
    made = datetime(2026, 3, 28, 17, 0, tzinfo=UTC)
    assert after_waking(made, timedelta(hours=12), "Europe/Oslo") == datetime(2026, 3, 29, 16, 0, tzinfo=UTC)


def test_waking_hours_are_those_where_the_event_is() -> None:
    made = datetime(2026, 4, 13, 7, 0, tzinfo=UTC)
    assert after_waking(made, timedelta(hours=1), "America/New_York") == datetime(2026, 4, 13, 13, 0, tzinfo=UTC)
