"""What is looked at before a wish is granted: each check raises `Refused` with its reason, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from registrations.domain.ledger import Ledger
from registrations.domain.records import COUNTED, LIVE, Booking, Pool
from registrations.domain.refusals import Reason, Refused
from registrations.domain.tables import Seat


def find(ledger: Ledger, booking_id: UUID) -> Booking:
    booking = ledger.bookings.get(booking_id)
    if booking is None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    return booking


def live(ledger: Ledger, booking_id: UUID) -> Booking:
    booking = find(ledger, booking_id)
    if booking.status not in LIVE:
        raise Refused(Reason.OVER)
    return booking


def check_window(ledger: Ledger, event_id: UUID, pools: Sequence[Pool]) -> None:
    """Registration is open, the place (the first of its pools) too, and it has not begun. A copied event is not open
    before it has the first one's questions and rules: nobody is to get by them who comes early."""
    window = ledger.window(event_id)
    if window is None or not (window.published or window.cancelled):
        raise Refused(Reason.UNKNOWN_PLACE)
    if window.cancelled:
        raise Refused(Reason.CANCELLED)
    if window.opens_at is not None and ledger.moment < window.opens_at:
        raise Refused(Reason.NOT_OPEN_YET, opens_at=window.opens_at)
    if (window.closes_at is not None and ledger.moment >= window.closes_at) or not pools[0].open:
        raise Refused(Reason.CLOSED)
    if ledger.moment >= pools[0].starts_at:
        raise Refused(Reason.STARTED)
    if not window.ready:
        raise Refused(Reason.OPENS_SHORTLY)


def check_there(ledger: Ledger, event_id: UUID, pools: Sequence[Pool]) -> None:
    """What staff are held to as well: the event takes place, and the place is on its programme.

    Not that a copied event has the first one's questions and rules yet: those ask for answers and a yes of visitors,
    and staff, who say yes by booking and need not answer, put somebody in whatever they say."""
    window = ledger.window(event_id)
    if window is not None and window.cancelled:
        raise Refused(Reason.CANCELLED)
    if not pools[0].open:
        raise Refused(Reason.CLOSED)


def check_household(ledger: Ledger, event_id: UUID, persons: int, *, is_group: bool = False) -> None:
    """A household, or a group where the event lets groups book by themselves, is not too large."""
    rules = ledger.rules(event_id)
    if is_group and rules.largest_group is None:
        raise Refused(Reason.NO_GROUPS)
    most = rules.largest_group if is_group and rules.largest_group else rules.largest_household
    if persons > most:
        raise Refused(Reason.TOO_LARGE, most=most)


def check_size(ledger: Ledger, places: Mapping[UUID, int]) -> None:
    """A household larger than the whole place would wait for ever."""
    wholes = {pool_id: ledger.pools[pool_id].capacity for pool_id in places}
    short = [whole for pool_id, whole in wholes.items() if 0 < whole < places[pool_id]]
    if short:
        raise Refused(Reason.TOO_LARGE, most=min(short))


def large_enough(ledger: Ledger, seats: Sequence[Seat]) -> list[Seat]:
    """The tables that could hold a household if they were empty; `Refused` where it is larger than each of them."""
    found, refused = list[Seat](), list[Refused]()
    for seat in seats:
        try:
            check_size(ledger, seat.places)
        except Refused as short:
            refused.append(short)
        else:
            found.append(seat)
    if refused and not found:
        raise max(refused, key=lambda one: one.values["most"])
    return found


def check_deadline(ledger: Ledger, booking: Booking, before: timedelta | None, late: Reason = Reason.TOO_LATE) -> None:
    """The organiser's deadline, so long before a booking begins. None: until then. `late` says what it is for."""
    if ledger.moment >= booking.starts_at:
        raise Refused(Reason.HAS_BEGUN)
    if before is not None and ledger.moment > booking.starts_at - before:
        raise Refused(late, until=booking.starts_at - before)


def excludes(one: Booking, pools: Sequence[Pool]) -> bool:
    """Whether a booking stands in the way of the same visitor's place in `pools` (its own comes first).

    It does for the event itself twice, the same stand or session twice, and two slots at one time. Coming to an event
    and booking a slot there go together."""
    if one.status not in COUNTED or one.walk_in or not pools:
        return False
    own = pools[0]
    same_stand = one.event_id == own.event_id and one.stand_id is not None and one.stand_id == own.stand_id
    same_place = one.event_id == own.event_id and one.stand_id == own.stand_id and one.slot_id == own.slot_id
    at_once = one.slot_id is not None and own.slot_id is not None and one.overlaps(own.starts_at, own.ends_at)
    return same_stand or same_place or at_once
