"""Grants a wish, or refuses it with a reason and without a trace."""

from __future__ import annotations

from datetime import timedelta

from registrations.domain import changing, line, tables
from registrations.domain.asking import (
    Accept,
    Approve,
    Book,
    Came,
    Cancel,
    Choose,
    Confirm,
    Granted,
    LetGo,
    Move,
    OfferByHand,
    Resize,
    TakeOver,
    Wish,
)
from registrations.domain.checks import (
    check_household,
    check_there,
    check_window,
    excludes,
    find,
    large_enough,
)
from registrations.domain.ledger import Ledger
from registrations.domain.records import COUNTED, HOLD_LASTS, Booking, Hold
from registrations.domain.refusals import Reason, Refused
from registrations.domain.settling import settle, standing
from registrations.domain.tables import Seat
from registrations.facts import Awaits, BookingStatus, Cause

ASKED_AGAIN_EVERY = timedelta(minutes=10)
"""A visitor who has a booking and books again is led to it by mail, but no oftener than this."""


def grant(ledger: Ledger, wish: Wish) -> Granted:
    """Grant one wish or raise `Refused`; then the ledger is as it was."""
    match wish:
        case Choose():
            return _choose(ledger, wish)
        case LetGo():
            ledger.let_go(wish.attempt)
            return Granted(Came.UNCHANGED, wish.attempt)
        case Book():
            return _book(ledger, wish)
        case Confirm():
            return _confirm(ledger, wish)
        case Approve():
            return _approve(ledger, wish)
        case Cancel():
            return changing.cancel(ledger, wish)
        case Resize():
            return changing.resize(ledger, wish)
        case Move():
            return changing.move(ledger, wish)
        case Accept():
            return _accept(ledger, wish)
        case TakeOver():
            return changing.take_over(ledger, wish)
        case OfferByHand():
            return _offer(ledger, wish)


# Getting a place ------------------------------------------------------------------------------------------------------


def _choose(ledger: Ledger, wish: Choose) -> Granted:
    """Keep a time for a form; what the form kept before goes back, unless this is refused."""
    pools = ledger.pools_for(wish.event_id, wish.slot_id)
    if not pools:
        raise Refused(Reason.UNKNOWN_PLACE)
    check_window(ledger, wish.event_id, pools)
    check_household(ledger, wish.event_id, wish.adults + wish.children, is_group=wish.is_group)
    if ledger.rules(wish.event_id).is_undrawn:
        raise Refused(Reason.UNDRAWN)
    seats = large_enough(ledger, tables.seats(ledger, wish.event_id, wish.slot_id, wish.adults, wish.children))
    seat = next((one for one in seats if ledger.fits(one.places, ledger.held(wish.attempt))), None)
    if seat is None:
        raise Refused(Reason.FULL)
    before = ledger.put_down(wish.attempt)
    own = seat.own
    ends_by = min(ledger.moment + HOLD_LASTS, own.starts_at)
    ledger.keep(
        Hold(wish.attempt, own.event_id, own.stand_id, own.slot_id, wish.adults, wish.children, ends_by, seat.places)
    )
    if before is not None:
        ledger.move_line(ledger.pools[pool_id] for pool_id in before.places)
    return Granted(Came.HELD, wish.attempt)


def _book(ledger: Ledger, wish: Book) -> Granted:
    takes_none = wish.walk_in and wish.slot_id is None
    pools = [] if takes_none else ledger.pools_for(wish.event_id, wish.slot_id)
    if not pools and not takes_none:
        raise Refused(Reason.UNKNOWN_PLACE)
    if wish.booking_id in ledger.bookings:
        return Granted(Came.AGAIN, wish.booking_id)
    if not wish.by_staff:
        check_window(ledger, wish.event_id, pools)
        check_household(ledger, wish.event_id, wish.adults + wish.children, is_group=wish.is_group)
    elif pools:
        check_there(ledger, wish.event_id, pools)
    mine = [one for one in ledger.of_visitor(wish.visitor_id) if one.status in COUNTED]
    for one in mine:
        if one.attempt == wish.attempt:
            return Granted(Came.AGAIN, one.id)
    tables_there = tables.seats(ledger, wish.event_id, wish.slot_id, wish.adults, wish.children)
    seats = [] if takes_none else large_enough(ledger, tables_there)
    # Fullness is judged before the visitor is known, so that nobody learns from the answer who is coming.
    undrawn = bool(pools) and ledger.rules(wish.event_id).is_undrawn
    free = (one for one in seats if not undrawn and ledger.fits(one.places, ledger.held(wish.attempt)))
    seat = next(free, None)
    fits = takes_none or seat is not None
    # Whoever books before lots are drawn takes part in them, and need not say that they would wait. Nobody does at the
    # door.
    takes_part = undrawn and not wish.walk_in
    if not fits and not (wish.wait or takes_part):
        raise Refused(Reason.FULL)
    held = ledger.put_down(wish.attempt)
    earlier = None if wish.walk_in else next((one for one in mine if excludes(one, pools)), None)
    if earlier is not None:
        if earlier.asked_again_at is None or ledger.moment - earlier.asked_again_at >= ASKED_AGAIN_EVERY:
            earlier.asked_again_at = ledger.moment
            ledger.changed(earlier, "asked_again", earlier.cause)
        _give_back(ledger, held)
        return Granted(Came.AGAIN, earlier.id)
    booking = _booking_of(ledger, wish, None if takes_none else seat or seats[0])
    booking.awaits = _awaits(ledger, wish)
    takes = fits and not wish.by_mail
    if takes:
        line.passed_by(ledger, booking)
        settle(ledger, booking)
        ledger.take(booking)
    else:
        booking.status = BookingStatus.WAITING
        ledger.queue(booking)
    ledger.add(booking)
    ledger.created.add(booking.id)
    ledger.changed(booking, standing(booking), booking.cause)
    _give_back(ledger, held)
    return Granted(Came.BOOKED if takes else Came.WAITING, booking.id)


def _give_back(ledger: Ledger, held: Hold | None) -> None:
    if held is not None:
        ledger.move_line(ledger.pools[pool_id] for pool_id in held.places)


def _awaits(ledger: Ledger, wish: Book) -> Awaits | None:
    rules = ledger.rules(wish.event_id)
    if wish.by_staff or wish.walk_in:
        return None
    if wish.by_mail or (rules.confirm_address and not wish.address_known):
        return Awaits.ADDRESS
    return Awaits.APPROVAL if rules.approval else None


def _booking_of(ledger: Ledger, wish: Book, seat: Seat | None) -> Booking:
    first = seat.own if seat else None
    return Booking(
        id=wish.booking_id,
        visitor_id=wish.visitor_id,
        event_id=wish.event_id,
        stand_id=first.stand_id if first else wish.stand_id,
        slot_id=first.slot_id if first else None,
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
        places=seat.places if seat else {},
        via=wish.via,
        heard_of=wish.heard_of,
        target_groups=wish.target_groups,
        walk_in=wish.walk_in,
        is_group=wish.is_group,
    )


def _confirm(ledger: Ledger, wish: Confirm) -> Granted:
    booking = find(ledger, wish.booking_id)
    if wish.rotation not in (None, booking.rotation):
        raise Refused(Reason.UNKNOWN_BOOKING)
    if booking.awaits is not Awaits.ADDRESS:
        return Granted(Came.UNCHANGED, booking.id)
    approval = ledger.rules(booking.event_id).approval
    return _go_on(ledger, booking, Awaits.APPROVAL if approval else None, Cause.VISITOR)


def _approve(ledger: Ledger, wish: Approve) -> Granted:
    booking = find(ledger, wish.booking_id)
    if booking.awaits is not Awaits.APPROVAL:
        raise Refused(Reason.NOT_ASKED)
    return _go_on(ledger, booking, None, Cause.STAFF)


def _go_on(ledger: Ledger, booking: Booking, awaits: Awaits | None, cause: Cause) -> Granted:
    """What a booking awaited has come: it counts, waits its turn, or awaits the next yes."""
    booking.awaits = awaits
    if booking.status is BookingStatus.HELD:
        settle(ledger, booking)
    ledger.changed(booking, standing(booking), cause)
    if booking.status is BookingStatus.WAITING:
        ledger.move_line(ledger.pools[pool_id] for pool_id in booking.places)
    return Granted(Came.BOOKED if booking.status is BookingStatus.CONFIRMED else Came.CHANGED, booking.id)


def _accept(ledger: Ledger, wish: Accept) -> Granted:
    booking = find(ledger, wish.booking_id)
    if booking.status is BookingStatus.CONFIRMED:
        return Granted(Came.UNCHANGED, booking.id)
    if booking.status is not BookingStatus.OFFERED:
        raise Refused(Reason.NO_OFFER)
    booking.status, booking.ends_by = BookingStatus.CONFIRMED, None
    ledger.changed(booking, "confirmed", Cause.VISITOR)
    ledger.answered(booking.visitor_id)
    return Granted(Came.BOOKED, booking.id)


def _offer(ledger: Ledger, wish: OfferByHand) -> Granted:
    booking = find(ledger, wish.booking_id)
    if booking.status is not BookingStatus.WAITING:
        raise Refused(Reason.NOT_WAITING)
    if not ledger.may_promote(booking):
        raise Refused(Reason.UNDRAWN if ledger.rules(booking.event_id).is_undrawn else Reason.CLOSED)
    if booking.awaits is Awaits.ADDRESS:
        raise Refused(Reason.NOT_ASKED)
    if line.has_offer(ledger, booking):
        raise Refused(Reason.HAS_OFFER)
    if tables.seat_for(ledger, booking) is None:
        raise Refused(Reason.FULL)
    # Staff who offer a place say yes to the booking by it.
    booking.awaits = None
    line.promote(ledger, booking, ledger.log.next_turn(), why=wish.why, account_id=wish.account_id)
    return Granted(Came.CHANGED, booking.id)
