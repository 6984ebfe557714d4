"""The tables of one stand at one time: to a household they are one thing, and those who wait for them are one line.

A visitor chooses a stand and a time, and not a table. Whoever finds theirs taken sits at the next, and whoever waits is
given whichever becomes free first; so a line at one table never moves past somebody who waits at the other. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from registrations.domain.records import Booking, Pool
from registrations.domain.settling import needs

if TYPE_CHECKING:
    from registrations.domain.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Seat:
    """A table (or session, or the event itself), and what a household takes there of each pool."""

    own: Pool
    places: dict[UUID, int]


def at_one_time(ledger: Ledger, own: Pool) -> list[Pool]:
    """A place, and the other tables of its stand at its time; a session or an event has none."""
    if own.stand_id is None or own.slot_id is None:
        return [own]
    stand = ledger.slots_of(own.event_id, own.stand_id)
    return [own, *(one for one in stand if one is not own and _same_time(one, own))]


def _same_time(one: Pool, other: Pool) -> bool:
    return (one.starts_at, one.ends_at) == (other.starts_at, other.ends_at)


def beside(ledger: Ledger, pools: Iterable[UUID]) -> list[UUID]:
    """These pools and the tables beside them, in the order of their ids: who waits for any of those is in one line."""
    found = set[UUID]()
    for pool_id in pools:
        found.add(pool_id)
        found.update(one.id for one in at_one_time(ledger, ledger.pools[pool_id]))
    return sorted(found)


def seats(ledger: Ledger, event_id: UUID, slot_id: UUID | None, adults: int, children: int) -> list[Seat]:
    """Where a household that chose a place could be put, that place first; none where it cannot be booked."""
    own = ledger.place(event_id, slot_id)
    if own is None:
        return []
    tables = [own, *(one for one in at_one_time(ledger, own)[1:] if one.open)]
    return [Seat(one, needs(ledger.pools_for(event_id, one.slot_id), adults, children)) for one in tables]


def seat_for(ledger: Ledger, booking: Booking) -> Seat | None:
    """Where somebody in line could be put now: all of them together, or nowhere."""
    return next((one for one in _seats_of(ledger, booking) if ledger.fits(one.places)), None)


def nearest(ledger: Ledger, booking: Booking) -> Mapping[UUID, int]:
    """What somebody in line, who fits nowhere, needs where least is lacking."""
    return min((one.places for one in _seats_of(ledger, booking)), key=lambda places: _lacking(ledger, places))


def _seats_of(ledger: Ledger, booking: Booking) -> list[Seat]:
    return seats(ledger, booking.event_id, booking.slot_id, booking.adults, booking.children)


def _lacking(ledger: Ledger, places: Mapping[UUID, int]) -> int:
    return sum(max(wanted - ledger.pools[pool_id].free, 0) for pool_id, wanted in places.items())


def left_open(ledger: Ledger, booking: Booking) -> Seat | None:
    """Where one whose table closes could go on at its stand and time: with its place where another table has room, in
    line where one could hold it."""
    others = _seats_of(ledger, booking)[1:]
    if booking.is_taking:
        return next((one for one in others if ledger.fits(one.places, booking.places)), None)
    return next((one for one in others if one.places[one.own.id] <= one.own.capacity), None)


def sit(ledger: Ledger, booking: Booking, seat: Seat) -> None:
    """Put one that has left its line where it was found to fit. Its stand and its time stay as they were."""
    if seat.own.slot_id != booking.slot_id:
        booking.slot_id = seat.own.slot_id
        booking.places = seat.places
        ledger.replaced.add(booking.id)
