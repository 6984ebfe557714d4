"""A fair with a place to race for: its own event, and visitors that nobody else has."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from events.facts import EventPublished, SlotOpened, Unit
from registrations.commands.rules import set_rules
from registrations.domain.applications import Application
from registrations.domain.household import Household
from registrations.domain.records import EventRules
from tests.races.clients import CLIENTS
from tests.registrations.worlds import World

ALONE = Household(adults=1)


@dataclass
class Fair:
    world: World
    event: EventPublished
    slots: list[SlotOpened]

    @classmethod
    async def opened(
        cls, world: World, slug: str, *capacities: int, unit: Unit = Unit.HOUSEHOLDS, rules: EventRules | None = None
    ) -> Fair:
        """With a stand and a slot for each of these capacities, one day after the other."""
        event = world.event(slug)
        stands = [world.stand(event) for _ in capacities]
        slots = [
            world.slot(stand, most, unit=unit, days=10 + number)
            for number, (stand, most) in enumerate(zip(stands, capacities, strict=True))
        ]
        await world.hear(event, *stands, *slots)
        if rules is not None:
            async with world.database.transaction(world.programme_id) as tx:
                await set_rules(tx, event.event_id, rules)
        return cls(world, event, slots)

    @property
    def api(self) -> str:
        return f"/api/v1/events/{self.event.slug}"

    async def booked(self, many: int = CLIENTS) -> list[Application]:
        """So many who each come alone have asked for the first slot, and wait where it is full."""
        found = [self.world.household(self.slots[0], household=ALONE) for _ in range(many)]
        await self.world.decide(*found)
        return found

    def mine(self, booking_id: UUID) -> str:
        """Where the visitor of a booking finds it, by the link in our mail."""
        return f"/api/v1/my-booking/{self.world.keys.token('booking', booking_id)}"
