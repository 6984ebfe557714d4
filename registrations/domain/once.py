"""One booking per visitor of the event itself, of each stand and of each session: and the order in which rows are
written so that this is true at every moment.

PostgreSQL looks at a unique index row by row. Where somebody hands a booking over and books there anew in the same
decision, what leaves a place is written before what comes there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from registrations.domain.records import COUNTED, Booking
from registrations.facts import BookingStatus

SAVED = {BookingStatus.CANCELLED: 0, BookingStatus.OFFERED: 2}
"""Which rows are written first and last: whoever leaves one offer for the next is never in two."""

Spot = tuple[UUID, UUID, UUID]
"""A visitor, an event, and what of it can be booked once: a stand, a session, or the event itself."""


def spot(booking: Booking) -> Spot | None:
    """What this booking keeps its visitor from booking again; None where it keeps them from nothing."""
    if booking.status not in COUNTED or booking.walk_in:
        return None
    return booking.visitor_id, booking.event_id, booking.stand_id or booking.slot_id or booking.event_id


def in_order(changed: Sequence[Booking], stood: Mapping[UUID, Spot | None]) -> list[Booking]:
    """The bookings in an order in which nobody is anywhere twice in between. `stood` says where those were that were
    there before. Where some change places in a ring there is none, and the index refuses: each wish is then decided
    alone."""
    owners = {before: one for one in changed if (before := stood.get(one.id)) is not None and before != spot(one)}
    written: set[UUID] = set()

    def first(one: Booking) -> Iterator[Booking]:
        if one.id in written:
            return
        written.add(one.id)
        comes_to = spot(one)
        if comes_to is not None and comes_to in owners:
            yield from first(owners[comes_to])
        yield one

    usual = sorted(changed, key=lambda one: (SAVED.get(one.status, 1), one.created_at))
    return [each for one in usual for each in first(one)]
