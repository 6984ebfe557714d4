"""Grants a wish, or refuses it with a reason and without a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from registrations.domain.ledger import Ledger
from registrations.domain.records import (
    COUNTED,
    LIVE,
    Accept,
    Book,
    Booking,
    Came,
    Cancel,
    Granted,
    Move,
    Pool,
    Resize,
    Wish,
)
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause

ASKED_AGAIN_EVERY = timedelta(minutes=10)
"""A visitor who has a booking and books again is led to it by mail, but no oftener than this."""


def grant(ledger: Ledger, wish: Wish) -> Granted:
    """Grant one wish or raise `Refused`; then the ledger is as it was."""
    match wish:
        case Book():
            return _book(ledger, wish)
        case Cancel():
            return _cancel(ledger, wish)
        case Resize():
            return _resize(ledger, wish)
        case Move():
            return _move(ledger, wish)
        case Accept():
            return _accept(ledger, wish)


def _book(ledger: Ledger, wish: Book) -> Granted:
    takes_none = wish.walk_in and wish.slot_id is None
    pools = [] if takes_none else ledger.pools_for(wish.event_id, wish.slot_id)
    if not pools and not takes_none:
        raise Refused(Reason.UNKNOWN_PLACE)
    if not wish.by_staff:
        _check_window(ledger, wish.event_id, pools)
        _check_household(ledger, wish.event_id, wish.adults + wish.children)
    mine = [one for one in ledger.of_visitor(wish.visitor_id) if one.status in COUNTED]
    for one in mine:
        if one.attempt == wish.attempt:
            return Granted(Came.AGAIN, one.id)
    places = {pool.id: pool.needs(wish.adults, wish.children) for pool in pools}
    _check_size(ledger, places)
    fits = ledger.fits(places)
    # Fullness is judged before the visitor is known, so that nobody learns from the answer who is coming.
    if not fits and not wish.wait:
        raise Refused(Reason.FULL)
    earlier = None if wish.walk_in else next((one for one in mine if _excludes(one, pools)), None)
    if earlier is not None:
        if earlier.asked_again_at is None or ledger.moment - earlier.asked_again_at >= ASKED_AGAIN_EVERY:
            earlier.asked_again_at = ledger.moment
            ledger.changed(earlier, "asked_again", earlier.cause)
        return Granted(Came.AGAIN, earlier.id)
    booking = _booking_of(ledger, wish, pools, places)
    if fits:
        booking.status = BookingStatus.CONFIRMED
        ledger.take(booking)
    else:
        booking.status = BookingStatus.WAITING
        ledger.queue(booking)
    ledger.add(booking)
    ledger.created.add(booking.id)
    ledger.changed(booking, "confirmed" if fits else "waitlisted", booking.cause)
    return Granted(Came.BOOKED if fits else Came.WAITING, booking.id)


def _booking_of(ledger: Ledger, wish: Book, pools: Sequence[Pool], places: dict[UUID, int]) -> Booking:
    first = pools[0] if pools else None
    return Booking(
        id=wish.booking_id,
        visitor_id=wish.visitor_id,
        event_id=wish.event_id,
        stand_id=first.stand_id if first else wish.stand_id,
        slot_id=wish.slot_id,
        status=BookingStatus.HELD,
        cause=Cause.STAFF if wish.by_staff else Cause.VISITOR,
        version=0,
        adults=wish.adults,
        children=wish.children,
        starts_at=first.starts_at if first else ledger.moment,
        ends_at=first.ends_at if first else ledger.moment,
        attempt=wish.attempt,
        created_at=ledger.moment,
        changed_at=ledger.moment,
        places=places,
        via=wish.via,
        heard_of=wish.heard_of,
        target_groups=wish.target_groups,
        walk_in=wish.walk_in,
    )


def _cancel(ledger: Ledger, wish: Cancel) -> Granted:
    booking = _find(ledger, wish.booking_id)
    if booking.status is BookingStatus.CANCELLED:
        return Granted(Came.UNCHANGED, booking.id)
    if booking.status not in LIVE:
        raise Refused(Reason.OVER)
    ledger.end(booking, wish.cause)
    return Granted(Came.CANCELLED, booking.id)


def _resize(ledger: Ledger, wish: Resize) -> Granted:
    booking = _live(ledger, wish.booking_id)
    if wish.cause is Cause.VISITOR:
        _check_household(ledger, booking.event_id, wish.adults + wish.children)
        if ledger.moment >= booking.ends_at:
            raise Refused(Reason.STARTED)
    wanted = {pool_id: ledger.pools[pool_id].needs(wish.adults, wish.children) for pool_id in booking.places}
    _check_size(ledger, wanted)
    if booking.is_taking:
        more = {pool_id: amount - booking.places[pool_id] for pool_id, amount in wanted.items()}
        if not ledger.fits(more):
            raise Refused(Reason.FULL)
        for pool_id, amount in more.items():
            ledger.use(pool_id, amount)
    booking.places = wanted
    booking.adults, booking.children = wish.adults, wish.children
    ledger.changed(booking, "changed", wish.cause)
    ledger.move_line(ledger.pools[pool_id] for pool_id in wanted)
    return Granted(Came.CHANGED, booking.id)


def _move(ledger: Ledger, wish: Move) -> Granted:
    booking = _live(ledger, wish.booking_id)
    if booking.slot_id == wish.slot_id:
        return Granted(Came.UNCHANGED, booking.id)
    pools = ledger.pools_for(booking.event_id, wish.slot_id)
    if not pools or booking.slot_id is None:
        raise Refused(Reason.UNKNOWN_PLACE)
    if wish.cause is Cause.VISITOR:
        _check_window(ledger, booking.event_id, pools)
    places = {pool.id: pool.needs(booking.adults, booking.children) for pool in pools}
    _check_size(ledger, places)
    if not ledger.fits(places):
        raise Refused(Reason.FULL)
    if any(_excludes(one, pools) for one in ledger.of_visitor(booking.visitor_id) if one.id != booking.id):
        raise Refused(Reason.OVERLAPS)
    left, previous, waited = list(booking.places), booking.slot_id, booking.status is BookingStatus.WAITING
    ledger.leave(booking)
    booking.places = places
    booking.stand_id, booking.slot_id = pools[0].stand_id, pools[0].slot_id
    booking.starts_at, booking.ends_at = pools[0].starts_at, pools[0].ends_at
    booking.status, booking.line, booking.ends_by = BookingStatus.CONFIRMED, None, None
    ledger.take(booking)
    ledger.changed(booking, "confirmed" if waited else "moved", wish.cause, previous_slot_id=previous)
    ledger.move_line(ledger.pools[pool_id] for pool_id in left)
    return Granted(Came.CHANGED, booking.id)


def _accept(ledger: Ledger, wish: Accept) -> Granted:
    booking = _find(ledger, wish.booking_id)
    if booking.status is BookingStatus.CONFIRMED:
        return Granted(Came.UNCHANGED, booking.id)
    if booking.status is not BookingStatus.OFFERED:
        raise Refused(Reason.NO_OFFER)
    booking.status, booking.ends_by = BookingStatus.CONFIRMED, None
    ledger.changed(booking, "confirmed", Cause.VISITOR)
    return Granted(Came.BOOKED, booking.id)


# What is looked at first ------------------------------------------------------------------------------------------


def _find(ledger: Ledger, booking_id: UUID) -> Booking:
    booking = ledger.bookings.get(booking_id)
    if booking is None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    return booking


def _live(ledger: Ledger, booking_id: UUID) -> Booking:
    booking = _find(ledger, booking_id)
    if booking.status not in LIVE:
        raise Refused(Reason.OVER)
    return booking


def _check_window(ledger: Ledger, event_id: UUID, pools: Sequence[Pool]) -> None:
    window = ledger.window(event_id)
    if window is None or not (window.published or window.cancelled):
        raise Refused(Reason.UNKNOWN_PLACE)
    if window.cancelled:
        raise Refused(Reason.CANCELLED)
    if window.opens_at is not None and ledger.moment < window.opens_at:
        raise Refused(Reason.NOT_OPEN_YET, opens_at=window.opens_at)
    if (window.closes_at is not None and ledger.moment >= window.closes_at) or not all(pool.open for pool in pools):
        raise Refused(Reason.CLOSED)
    if any(ledger.moment >= pool.starts_at for pool in pools):
        raise Refused(Reason.STARTED)


def _check_household(ledger: Ledger, event_id: UUID, persons: int) -> None:
    most = ledger.rules(event_id).largest_household
    if persons > most:
        raise Refused(Reason.TOO_LARGE, most=most)


def _check_size(ledger: Ledger, places: Mapping[UUID, int]) -> None:
    """A household larger than the whole place would wait for ever."""
    wholes = {pool_id: ledger.pools[pool_id].capacity for pool_id in places}
    short = [whole for pool_id, whole in wholes.items() if 0 < whole < places[pool_id]]
    if short:
        raise Refused(Reason.TOO_LARGE, most=min(short))


def _excludes(one: Booking, pools: Sequence[Pool]) -> bool:
    """Whether a booking stands in the way of the same visitor's place in `pools`: the event itself twice, the same
    stand twice, or two slots at one time. Coming to an event and booking a slot there go together."""
    if one.status not in COUNTED or one.walk_in:
        return False
    return any(
        (one.event_id == pool.event_id and one.stand_id == pool.stand_id)
        or (one.slot_id is not None and pool.slot_id is not None and one.overlaps(pool.starts_at, pool.ends_at))
        for pool in pools
    )
