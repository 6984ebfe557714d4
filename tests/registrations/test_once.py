"""Nobody is anywhere twice, also between two rows of one decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from registrations.domain.asking import Came, Granted, Move
from registrations.domain.once import in_order, spot
from registrations.domain.records import Booking
from registrations.facts import BookingStatus, Cause
from tests.registrations.ledgers import booked, ledger, pool, wish
from tests.registrations.worlds import World


def some() -> Booking:
    slot = pool(1)
    return booked(ledger(slot), wish(slot))


async def test_a_visitor_moves_on_from_where_their_other_booking_goes_in_the_same_decision(world: World) -> None:
    fair = world.event()
    stands = [world.stand(fair) for _ in range(3)]
    slots = [world.slot(stand, days=10 + number) for number, stand in enumerate(stands)]
    await world.programme()
    await world.hear(fair, *stands, *slots)
    older, newer = (world.household(slot, "sanne@example.org") for slot in slots[:2])
    await world.decide(older)
    world.clock.move(timedelta(minutes=1))
    await world.decide(newer)
    answers = await world.decide(
        Move(newer.booking_id, slots[2].slot_id, Cause.VISITOR, None),
        Move(older.booking_id, slots[1].slot_id, Cause.VISITOR, None),
    )
    assert [isinstance(one, Granted) and one.came for one in answers] == [Came.CHANGED, Came.CHANGED]
    rows = {row["id"]: row["slot_id"] for row in await world.rows("SELECT id, slot_id FROM bookings")}
    assert rows == {newer.booking_id: slots[2].slot_id, older.booking_id: slots[1].slot_id}


def test_what_leaves_a_place_is_written_before_what_comes_there_however_many_follow_each_other() -> None:
    last, middle, first = some(), some(), some()
    stood = {one.id: spot(one) for one in (last, middle, first)}
    spots = [one.stand_id for one in (last, middle, first)]
    for one, there in zip((middle, first), spots[:2], strict=True):
        one.visitor_id, one.event_id, one.stand_id = last.visitor_id, last.event_id, there
    last.stand_id = uuid4()
    # The middle one stood elsewhere, so that only the visitor's own spots follow each other.
    stood[middle.id] = (last.visitor_id, last.event_id, spots[1] or uuid4())
    assert in_order([first, middle, last], stood) == [last, middle, first]


def test_a_ring_ends_and_leaves_nobody_out() -> None:
    one, other = some(), some()
    stood = {one.id: spot(one), other.id: spot(other)}
    one.visitor_id, other.visitor_id = other.visitor_id, one.visitor_id
    one.event_id, other.event_id = other.event_id, one.event_id
    one.stand_id, other.stand_id = other.stand_id, one.stand_id
    assert {each.id for each in in_order([one, other], stood)} == {one.id, other.id}


def test_who_walks_in_or_is_gone_keeps_nobody_from_a_place() -> None:
    here = some()
    assert spot(here) == (here.visitor_id, here.event_id, here.stand_id)
    assert spot(replace(here, walk_in=True)) is None
    assert spot(replace(here, status=BookingStatus.CANCELLED)) is None
