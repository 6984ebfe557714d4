"""Small worlds for the rules: a pool, a window, bookings, in as few words as a test can read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from events.facts import Unit
from registrations.domain.asking import Book, Choose, Wish
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, EventRules, EventWindow, Hold, LinePolicy, Pool
from registrations.domain.refusals import Reason, Refused
from registrations.domain.replay import Entry
from registrations.domain.wishes import grant
from registrations.facts import Cause, Scope

NOW = datetime(2026, 4, 13, 7, 0, tzinfo=UTC)
EVENT = UUID(int=1)
OPEN = EventWindow(published=True, cancelled=False, opens_at=None, closes_at=None)
OFFER = EventRules(line=LinePolicy.OFFER, offer_for=timedelta(hours=24))


def pool(
    capacity: int,
    *,
    unit: Unit = Unit.HOUSEHOLDS,
    slot: bool = True,
    stand_id: UUID | None = None,
    starts_in: timedelta = timedelta(days=10),
) -> Pool:
    """An empty slot (or, without `slot`, the event itself) of half an hour."""
    return Pool(
        id=uuid4(),
        event_id=EVENT,
        stand_id=(stand_id or uuid4()) if slot else None,
        slot_id=uuid4() if slot else None,
        unit=unit,
        capacity=capacity,
        used=0,
        waiting=0,
        last_line=0,
        open=True,
        starts_at=NOW + starts_in,
        ends_at=NOW + starts_in + timedelta(minutes=30),
        version=1,
    )


def across(capacity: int, *, unit: Unit = Unit.PERSONS, stand_id: UUID | None = None) -> Pool:
    """Places counted over the event, or over one stand of it, besides those of its slots."""
    laid = pool(capacity, unit=unit, slot=False)
    laid.scope, laid.stand_id = (Scope.EVENT if stand_id is None else Scope.STAND), stand_id
    return laid


def ledger(
    *pools: Pool,
    bookings: Iterable[Booking] = (),
    rules: EventRules | None = None,
    moment: datetime = NOW,
    window: EventWindow = OPEN,
    holds: Iterable[Hold] = (),
) -> Ledger:
    """What a transaction reads: the rules and the window are those of every event among the pools."""
    events = {EVENT} | {one.event_id for one in pools}
    given = dict.fromkeys(events, rules) if rules else {}
    return Ledger(pools, bookings, moment, dict.fromkeys(events, window), given, holds)


def later(book: Ledger, moment: datetime, *, rules: EventRules | None = None) -> Ledger:
    """The next transaction, at that moment, with what the clock ended."""
    found = ledger(
        *book.pools.values(), bookings=book.bookings.values(), holds=book.holds.values(), moment=moment, rules=rules
    )
    found.release_ended()
    return found


def wish(
    place: Pool, *, adults: int = 2, children: int = 0, wait: bool = True, visitor: UUID | None = None, **more: object
) -> Book:
    """A household that wants a place there."""
    return Book(
        booking_id=uuid4(),
        visitor_id=visitor or uuid4(),
        event_id=place.event_id,
        slot_id=place.slot_id,
        adults=adults,
        children=children,
        wait=wait,
        attempt=uuid4(),
        **more,  # type: ignore[arg-type]
    )


def choice(place: Pool, *, adults: int = 2, children: int = 0, attempt: UUID | None = None) -> Choose:
    """A form in which that place was chosen."""
    return Choose(attempt or uuid4(), place.event_id, place.slot_id, adults, children)


def refused(book: Ledger, asked: Wish) -> Reason:
    """Why it was refused, and that nothing came of it."""
    changes = len(book.changes)
    before = [(one.id, one.used, one.waiting, one.capacity) for one in book.pools.values()]
    with pytest.raises(Refused) as caught:
        grant(book, asked)
    assert [(one.id, one.used, one.waiting, one.capacity) for one in book.pools.values()] == before, (
        "a refusal leaves no trace"
    )
    assert len(book.changes) == changes
    return caught.value.reason


def booked(book: Ledger, asked: Wish) -> Booking:
    return book.bookings[grant(book, asked).booking_id]


def steps(book: Ledger) -> list[tuple[str, Cause]]:
    return [(change.what, change.cause) for change in book.changes]


def line_log(book: Ledger, decided: UUID, first: int = 1) -> list[Entry]:
    """Why its lines moved, as the rows of one transaction have it; their numbers begin at `first`."""
    return [
        Entry(
            id=number,
            decided=decided,
            turn=one.turn,
            booking_id=one.booking_id,
            event_id=book.pools[one.pool_id].event_id,
            pool_id=one.pool_id,
            decision=one.decision,
            line=one.line,
            needed=one.needed,
            free=one.free,
            needs=one.needs,
            frees=one.frees,
            reason=one.reason,
            why=one.why,
        )
        for number, one in enumerate(book.log.entries, first)
    ]
