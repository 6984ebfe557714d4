"""One reminder, at the right time, for those who want it, however often time and mind change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from events.facts import SlotMoved
from notifications import commands, reactions, sending
from registrations.facts import BookingConfirmed, BookingStatus
from services.clock import MovedClock
from tests.notifications.post_office import PROGRAMME, PostOffice, World

DAY = timedelta(days=1)


@pytest.fixture
async def visitor(world: World) -> UUID:
    """Someone who is booked for noon, ten days ahead."""
    made = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, BookingStatus.CONFIRMED, 1, made))
    return made


async def reminders(world: World) -> list[tuple[str, datetime]]:
    async with world.context.database.transaction(PROGRAMME) as tx:
        rows = await tx.connection.fetch("SELECT status, due_at FROM deliveries WHERE kind = 'reminder'")
    return [(row["status"], row["due_at"]) for row in rows]


async def choose(world: World, visitor: UUID, wanted: bool) -> None:
    async with world.context.database.transaction(PROGRAMME) as tx:
        await commands.set_preferences(tx, visitor, wanted)


async def test_who_declines_reminders_and_thinks_again_is_reminded(world: World, visitor: UUID) -> None:
    await choose(world, visitor, False)
    assert [status for status, _ in await reminders(world)] == ["withheld"]
    await choose(world, visitor, True)
    await choose(world, visitor, True)
    assert await reminders(world) == [("planned", world.starts_at - DAY)]


async def test_who_wants_them_again_is_reminded_of_the_time_as_it_is_now(world: World, visitor: UUID) -> None:
    await choose(world, visitor, False)
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 2, later=timedelta(hours=1)))
    assert [status for status, _ in await reminders(world)] == ["withheld"]
    await choose(world, visitor, True)
    assert sorted(await reminders(world)) == [
        ("planned", world.starts_at + timedelta(hours=1) - DAY),
        ("withheld", world.starts_at - DAY),
    ]


async def test_a_slot_that_is_moved_to_soon_takes_its_reminder_along(
    world: World, visitor: UUID, office: PostOffice, clock: MovedClock
) -> None:
    soon = clock.now() + timedelta(hours=2) - world.starts_at
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 2, later=soon))
    assert [status for status, _ in await reminders(world)] == ["overtaken"]
    clock.move_to(world.starts_at - DAY)
    await sending.send_due(world.context)
    assert "Snart: Hjemkomstdag" not in subjects(office)


async def test_a_slot_that_is_moved_to_soon_and_back_is_reminded_of_after_all(
    world: World, visitor: UUID, clock: MovedClock
) -> None:
    soon = clock.now() + timedelta(hours=2) - world.starts_at
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 2, later=soon))
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 3))
    assert await reminders(world) == [("planned", world.starts_at - DAY)]


async def test_nobody_is_reminded_of_what_is_over(
    world: World, visitor: UUID, office: PostOffice, clock: MovedClock
) -> None:
    async with world.context.database.transaction(PROGRAMME) as tx:
        await tx.connection.execute("UPDATE known_slots SET starts_at = $1", clock.now())
    clock.move_to(world.starts_at - DAY)
    await sending.send_due(world.context)
    assert "Snart: Hjemkomstdag" not in subjects(office)
    assert [status for status, _ in await reminders(world)] == ["overtaken"]


def subjects(office: PostOffice) -> list[Any]:
    return [mail["Subject"] for mail in office.mails]
