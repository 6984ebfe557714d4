"""What becomes of a booking that there is: cancelled, larger or smaller, at another place, in other hands."""

from __future__ import annotations

from uuid import UUID

from registrations.domain import line
from registrations.domain.asking import Came, Cancel, Granted, Move, Resize, TakeOver
from registrations.domain.checks import (
    check_deadline,
    check_household,
    check_size,
    check_there,
    check_window,
    excludes,
    find,
    live,
)
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, Pool
from registrations.domain.refusals import Reason, Refused
from registrations.domain.settling import needs, settle, standing
from registrations.facts import Awaits, BookingStatus, Cause


def cancel(ledger: Ledger, wish: Cancel) -> Granted:
    booking = find(ledger, wish.booking_id)
    if booking.status is BookingStatus.CANCELLED:
        return Granted(Came.UNCHANGED, booking.id)
    booking = live(ledger, wish.booking_id)
    if wish.cause is Cause.VISITOR and booking.status is BookingStatus.CONFIRMED:
        check_deadline(ledger, booking, ledger.rules(booking.event_id).cancel_until, Reason.TOO_LATE_TO_CANCEL)
    ledger.end(booking, wish.cause)
    return Granted(Came.CANCELLED, booking.id)


def resize(ledger: Ledger, wish: Resize) -> Granted:
    booking = live(ledger, wish.booking_id)
    if wish.cause is Cause.VISITOR:
        if wish.adults + wish.children > booking.adults + booking.children:
            check_household(ledger, booking.event_id, wish.adults + wish.children, is_group=booking.is_group)
        check_deadline(ledger, booking, ledger.rules(booking.event_id).change_until)
    pools = ledger.pools_for(booking.event_id, booking.slot_id) if booking.places else []
    wanted, had = needs(pools, wish.adults, wish.children), dict(booking.places)
    check_size(ledger, wanted)
    if booking.is_taking:
        if not ledger.fits(wanted, had):
            raise Refused(Reason.FULL)
        for pool_id in had.keys() | wanted.keys():
            ledger.use(pool_id, wanted.get(pool_id, 0) - had.get(pool_id, 0))
    elif wanted.keys() != had.keys():
        line.stand_elsewhere(ledger, booking, wanted)
    if wanted.keys() != had.keys():
        ledger.replaced.add(booking.id)
    booking.places = wanted
    booking.adults, booking.children = wish.adults, wish.children
    ledger.changed(booking, "changed", wish.cause)
    ledger.move_line(ledger.pools[pool_id] for pool_id in had.keys() | wanted.keys())
    return Granted(Came.CHANGED, booking.id)


def move(ledger: Ledger, wish: Move) -> Granted:
    booking = find(ledger, wish.booking_id)
    revived = booking.status is BookingStatus.CANCELLED and booking.cause is Cause.EVENT
    if not revived:
        booking = live(ledger, wish.booking_id)
    event_id = wish.event_id or booking.event_id
    if (event_id, wish.slot_id) == (booking.event_id, booking.slot_id) and not revived:
        return Granted(Came.UNCHANGED, booking.id)
    if wish.seen not in (None, (booking.event_id, booking.slot_id)):
        raise Refused(Reason.MOVED_MEANWHILE)
    pools = ledger.pools_for(event_id, wish.slot_id)
    if not pools or not (booking.places or revived) or (wish.event_id is None and booking.slot_id is None):
        raise Refused(Reason.UNKNOWN_PLACE)
    if wish.cause is Cause.VISITOR:
        if not revived:
            until = ledger.rules(booking.event_id).change_until if booking.asked_to_move_at is None else None
            check_deadline(ledger, booking, until)
        check_window(ledger, event_id, pools)
        if event_id != booking.event_id:
            check_household(ledger, event_id, booking.adults + booking.children, is_group=booking.is_group)
    else:
        check_there(ledger, event_id, pools)
    wanted, had = needs(pools, booking.adults, booking.children), booking.places if booking.is_live else {}
    check_size(ledger, wanted)
    if ledger.rules(event_id).is_undrawn:
        raise Refused(Reason.UNDRAWN)
    # What it has in a pool that both places draw on, it keeps.
    if not ledger.fits(wanted, had if booking.is_taking else {}):
        raise Refused(Reason.FULL)
    if any(excludes(one, pools) for one in ledger.of_visitor(booking.visitor_id) if one.id != booking.id):
        raise Refused(Reason.OVERLAPS)
    previous, before = booking.slot_id, booking.status
    if booking.is_live:
        ledger.leave(booking)
    if wish.cause is Cause.VISITOR and (revived or event_id != booking.event_id):
        booking.awaits = booking.awaits or (Awaits.APPROVAL if ledger.rules(event_id).approval else None)
    elif wish.cause is not Cause.VISITOR and ledger.moment >= pools[0].starts_at:
        # Staff who put a household where it has begun say yes by it: what was awaited until then can come no more.
        booking.awaits = None
    _put(ledger, booking, pools[0], wanted)
    what = standing(booking) if before is BookingStatus.WAITING else "moved"
    ledger.changed(booking, what, wish.cause, previous_slot_id=previous)
    ledger.move_line(ledger.pools[pool_id] for pool_id in had)
    if before is BookingStatus.OFFERED:
        ledger.answered(booking.visitor_id)
    return Granted(Came.CHANGED, booking.id)


def _put(ledger: Ledger, booking: Booking, own: Pool, places: dict[UUID, int]) -> None:
    booking.places = places
    booking.event_id, booking.stand_id, booking.slot_id = own.event_id, own.stand_id, own.slot_id
    booking.starts_at, booking.ends_at = own.starts_at, own.ends_at
    booking.line, booking.asked_to_move_at = None, None
    settle(ledger, booking)
    ledger.take(booking)
    ledger.replaced.add(booking.id)


def take_over(ledger: Ledger, wish: TakeOver) -> Granted:
    booking = live(ledger, wish.booking_id)
    if booking.status is not BookingStatus.CONFIRMED:
        raise Refused(Reason.NOT_ASKED)
    if booking.visitor_id == wish.visitor_id:
        return Granted(Came.UNCHANGED, booking.id)
    if ledger.moment >= booking.ends_at:
        raise Refused(Reason.STARTED)
    pools = ledger.pools_for(booking.event_id, booking.slot_id)
    if any(excludes(one, pools) for one in ledger.of_visitor(wish.visitor_id)):
        raise Refused(Reason.OVERLAPS)
    previous = booking.visitor_id
    ledger.hand_to(booking, wish.visitor_id)
    ledger.changed(booking, "handed_over", Cause.VISITOR, previous_visitor_id=previous)
    return Granted(Came.CHANGED, booking.id)
