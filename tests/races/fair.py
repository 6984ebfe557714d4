"""A fair with a place to race for: its own event, and visitors that nobody else has."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from events.facts import EventPublished, SlotOpened, Unit
from registrations.commands.opening import set_capacity
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
        found = cls(world, event, slots)
        if rules is not None:
            await found.go_by(rules)
        return found

    @property
    def api(self) -> str:
        return f"/api/v1/events/{self.event.slug}"

    async def go_by(self, rules: EventRules) -> None:
        """Give its places out by these rules from now on."""
        async with self.world.database.transaction(self.world.programme_id) as tx:
            await set_rules(tx, self.event.event_id, rules)

    async def fall_to(self, capacity: int) -> None:
        """Let the first slot have fewer places as they are given back."""
        async with self.world.database.transaction(self.world.programme_id) as tx:
            pool_id = await tx.connection.fetchval("SELECT id FROM pools WHERE slot_id = $1", self.slots[0].slot_id)
            await set_capacity(tx, pool_id, capacity, asking=True)

    async def booked(self, many: int = CLIENTS) -> list[Application]:
        """So many who each come alone have asked for the first slot, and wait where it is full."""
        found = [self.world.household(self.slots[0], household=ALONE) for _ in range(many)]
        await self.world.decide(*found)
        return found

    def mine(self, booking_id: UUID) -> str:
        """Where the visitor of a booking finds it, by the link in our mail."""
        return f"/api/v1/my-booking/{self.world.keys.token('booking', booking_id)}"
