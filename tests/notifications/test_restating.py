"""A repair that says once more what is: everything is known, and nobody is mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from events.facts import SlotMoved, Venue
from notifications import reactions
from registrations.domain.applications import NewHousehold
from registrations.domain.household import Household
from registrations.facts import BookingConfirmed, BookingStatus, Cause
from services import repairs
from services.clock import MovedClock
from services.facts import Fact
from services.process import Running
from tests.notifications.post_office import PROGRAMME, World
from tests.registrations.worlds import World as Registrations


async def test_restating_mails_nobody_whose_booking_was_changed_since_it_was_confirmed(
    house: Running, clock: MovedClock
) -> None:
    told = Told(house, clock)
    event = told.registrations.event()
    stand = told.registrations.stand(event)
    slot = told.registrations.slot(stand)
    await told.say("events", event, stand, slot)
    booking = told.registrations.household(slot)
    await told.registrations.decide(booking)
    await told.registrations.decide(NewHousehold(booking.booking_id, Household(adults=3), Cause.VISITOR))
    await house.drain()
    before = await told.log()
    assert sorted(kind for kind, _ in before) == ["changed", "confirmed", "reminder"]
    assert await repairs.restate(house.contexts["registrations"], [PROGRAMME]) >= 2
    await house.drain()
    assert await told.log() == before


async def test_what_is_restated_to_one_who_had_never_heard_it_is_kept_and_only_reminded_of(world: World) -> None:
    visitor = await world.visitor()
    fact = world.booking(BookingConfirmed, BookingStatus.CONFIRMED, 3, visitor)
    await world.tell(reactions.take_booking, fact, restated=True)
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 2, later=timedelta(hours=1)), restated=True)
    await world.tell(reactions.take_event, world.event(2, venue=Venue(name="Skolen")), restated=True)
    assert await world.log() == [("reminder", "planned")]
    async with world.context.database.transaction(PROGRAMME) as tx:
        due = await tx.connection.fetchval("SELECT due_at FROM deliveries")
    assert due == world.starts_at + timedelta(hours=1) - timedelta(days=1)


class Told:
    """The whole house, told of an event as its own service would tell it."""

    def __init__(self, house: Running, clock: MovedClock) -> None:
        context = house.contexts["registrations"]
        self.registrations = Registrations(context.database, context.keys, clock, PROGRAMME)
        self.house = house

    async def say(self, service: str, *facts: Fact) -> None:
        async with self.house.contexts[service].database.transaction(PROGRAMME) as tx:
            for fact in facts:
                tx.publish(fact)
        await self.house.drain()

    async def log(self) -> list[tuple[Any, Any]]:
        async with self.house.contexts["notifications"].database.transaction(PROGRAMME) as tx:
            rows = await tx.connection.fetch("SELECT kind, cause FROM deliveries ORDER BY kind, cause")
        return [(row["kind"], row["cause"]) for row in rows]
