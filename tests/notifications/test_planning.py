"""What is planned from which facts: once each, in whatever order they come, and nothing that is no longer so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from events.facts import EventChanged, SlotMoved, Venue
from notifications import reactions
from registrations.facts import (
    BookingAskedAgain,
    BookingCancelled,
    BookingChanged,
    BookingConfirmed,
    BookingFact,
    BookingMoved,
    BookingOffered,
    BookingStatus,
    BookingWaitlisted,
    Cause,
    VisitorErased,
)
from services.clock import MovedClock
from tests.notifications.post_office import PROGRAMME, SLOT, World

CONFIRMED, WAITING, OFFERED, CANCELLED = (
    BookingStatus.CONFIRMED,
    BookingStatus.WAITING,
    BookingStatus.OFFERED,
    BookingStatus.CANCELLED,
)


async def test_a_confirmation_is_planned_at_once_and_a_reminder_for_the_day_before(world: World) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    assert await world.log() == [("confirmed", "planned"), ("reminder", "planned")]
    async with world.context.database.transaction(PROGRAMME) as tx:
        due = await tx.connection.fetchval("SELECT due_at FROM deliveries WHERE kind = 'reminder'")
    assert due == world.starts_at - timedelta(days=1)


async def test_the_same_fact_again_plans_nothing_again(world: World) -> None:
    visitor = await world.visitor()
    fact = world.booking(BookingConfirmed, CONFIRMED, 1, visitor)
    for _ in range(3):
        await world.tell(reactions.take_booking, fact)
    assert await world.log() == [("confirmed", "planned"), ("reminder", "planned")]


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (BookingWaitlisted, WAITING, "waitlisted"),
        (BookingOffered, OFFERED, "offered"),
        (BookingChanged, WAITING, "changed"),
        (BookingAskedAgain, WAITING, "again"),
        (BookingCancelled, CANCELLED, "cancelled"),
    ],
)
async def test_each_step_of_a_booking_has_its_message(
    world: World, kind: type, status: BookingStatus, told: str
) -> None:
    await world.tell(reactions.take_booking, world.booking(kind, status, 1, await world.visitor()))
    assert await world.log() == [(told, "planned")]


async def test_asking_again_and_again_is_answered_once_an_hour(world: World, clock: MovedClock) -> None:
    visitor = await world.visitor()
    for version, wait in enumerate((0, 10, 10, 60), start=1):
        clock.move(timedelta(minutes=wait))
        await world.tell(reactions.take_booking, world.booking(BookingAskedAgain, WAITING, version, visitor))
    assert await world.log() == [("again", "planned"), ("again", "planned")]


async def test_a_cancellation_overtakes_what_was_still_to_be_told(world: World) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    await world.tell(reactions.take_booking, world.booking(BookingCancelled, CANCELLED, 2, visitor))
    assert await world.log() == [("cancelled", "planned"), ("confirmed", "overtaken"), ("reminder", "overtaken")]


async def test_a_slot_that_moves_is_told_of_once_and_its_reminder_follows(world: World) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    moved = world.slot(SlotMoved, 2, later=timedelta(hours=2))
    follows = world.booking(BookingMoved, CONFIRMED, 2, visitor, cause=Cause.EVENT, previous_slot_id=SLOT)
    for react, fact in [(reactions.take_slot, moved), (reactions.take_booking, follows), (reactions.take_slot, moved)]:
        await world.tell(react, fact)
    assert await world.log() == [("confirmed", "planned"), ("moved", "planned"), ("reminder", "planned")]
    async with world.context.database.transaction(PROGRAMME) as tx:
        due = await tx.connection.fetchval("SELECT due_at FROM deliveries WHERE kind = 'reminder'")
    assert due == world.starts_at + timedelta(hours=2) - timedelta(days=1)


@pytest.mark.parametrize(("kind", "status"), [(BookingWaitlisted, WAITING), (BookingOffered, OFFERED)])
async def test_who_waits_for_a_slot_is_told_when_it_moves_and_reminded_of_nothing(
    world: World, kind: type[BookingFact], status: BookingStatus
) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(kind, status, 1, visitor))
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 2, later=timedelta(hours=2)))
    told = [kind for kind, _ in await world.log()]
    assert told == ["moved", "offered" if status is OFFERED else "waitlisted"]


@pytest.mark.parametrize("kind", [BookingMoved, BookingChanged, BookingAskedAgain])
async def test_a_booking_whose_confirmation_was_lost_is_confirmed_by_what_comes_next_and_once(
    world: World, kind: type[BookingFact]
) -> None:
    visitor = await world.visitor()
    cause = Cause.EVENT if kind is BookingMoved else Cause.VISITOR
    await world.tell(reactions.take_booking, world.booking(kind, CONFIRMED, 2, visitor, cause=cause))
    assert [kind for kind, _ in await world.log()] == ["confirmed", "reminder"]
    await world.tell(reactions.take_booking, world.booking(BookingChanged, CONFIRMED, 3, visitor))
    assert [kind for kind, _ in await world.log()] == ["changed", "confirmed", "reminder"]


async def test_who_is_promoted_is_confirmed_and_not_again_by_what_comes_next(world: World) -> None:
    visitor = await world.visitor()
    for kind, status, version in [
        (BookingWaitlisted, WAITING, 1),
        (BookingConfirmed, CONFIRMED, 2),
        (BookingChanged, CONFIRMED, 3),
    ]:
        await world.tell(reactions.take_booking, world.booking(kind, status, version, visitor))
    assert [kind for kind, _ in await world.log()] == ["changed", "confirmed", "reminder", "waitlisted"]


async def test_another_place_is_told_to_everyone_and_another_text_to_nobody(world: World) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    await world.tell(reactions.take_event, world.event(2, EventChanged, titles={"nb": "Hjem igjen"}))
    assert len(await world.log()) == 2
    await world.tell(reactions.take_event, world.event(3, EventChanged, venue=Venue(name="Skolen")))
    assert ("event_changed", "planned") in await world.log()


async def test_a_booking_known_before_its_event_gets_its_reminder_when_the_event_arrives(world: World) -> None:
    visitor, event = await world.visitor(), UUID(int=555)
    fact = world.booking(BookingConfirmed, CONFIRMED, 1, visitor, event_id=event, slot_id=None, stand_id=None)
    await world.tell(reactions.take_booking, fact)
    assert await world.log() == [("confirmed", "planned")]
    await world.tell(reactions.take_event, world.event(1, event_id=event))
    assert await world.log() == [("confirmed", "planned"), ("reminder", "planned")]


async def test_a_walk_in_gets_no_confirmation(world: World) -> None:
    fact = world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor(), walk_in=True)
    await world.tell(reactions.take_booking, fact)
    assert "confirmed" not in dict(await world.log())


async def test_an_erased_visitor_gets_nothing_also_after_a_republication(world: World) -> None:
    visitor = await world.visitor()
    fact = world.booking(BookingConfirmed, CONFIRMED, 1, visitor)
    await world.tell(reactions.take_booking, fact)
    erased = VisitorErased(programme_id=PROGRAMME, version=1, at=world.context.clock.now(), visitor_id=visitor)
    await world.tell(reactions.forget, erased)
    assert await world.log() == [("confirmed", "withheld"), ("reminder", "withheld")]
    await world.tell(reactions.take_booking, fact)
    await world.tell(reactions.take_booking, world.booking(BookingChanged, CONFIRMED, 2, visitor))
    assert await world.log() == [("confirmed", "withheld"), ("reminder", "withheld")]
    async with world.context.database.transaction(PROGRAMME) as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM known_bookings") == 0


async def test_who_waited_in_vain_is_not_thanked_and_whose_offer_ran_out_is_told(world: World) -> None:
    for status, kind, told in [(WAITING, BookingWaitlisted, False), (OFFERED, BookingOffered, True)]:
        visitor = await world.visitor(email=f"{status}@example.org")
        await world.tell(reactions.take_booking, world.booking(kind, status, 1, visitor))
        ended = world.booking(BookingCancelled, CANCELLED, 2, visitor, cause=Cause.EXPIRY)
        await world.tell(reactions.take_booking, ended)
        assert (("cancelled", "planned") in await world.log()) is told
