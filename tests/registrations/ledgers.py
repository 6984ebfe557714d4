"""Small worlds for the rules: a pool, a window, bookings, in as few words as a test can read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from events.facts import Unit
from registrations.domain.asking import Book
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, EventRules, EventWindow, LinePolicy, Pool

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


def ledger(
    *pools: Pool,
    bookings: Sequence[Booking] = (),
    rules: EventRules | None = None,
    moment: datetime = NOW,
    window: EventWindow = OPEN,
) -> Ledger:
    return Ledger(pools, bookings, moment, {EVENT: window}, {EVENT: rules} if rules else {})


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
