"""Facts that travel from events to registrations, as slowly or as quickly as a test wants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from services import dead_letters
from services.clock import MovedClock
from services.context import Context
from services.memory_bus import MemoryBus
from services.service import Service
from services.streams import declare
from tests.messaging.village import (
    PROGRAMME,
    TELLER,
    Village,
)


class Post:
    """Tells facts of events and lets registrations take them in."""

    def __init__(self, village: Village, clock: MovedClock) -> None:
        self.village, self.clock = village, clock
        self.events: Context
        self.registrations: Context

    async def open(self, service: Service) -> Post:
        self.events = await self.village.open(TELLER)
        self.registrations = await self.village.open(service)
        await declare(self.events)
        await declare(self.registrations)
        self.relay = self.village.relay(self.events)
        return self

    @property
    def server(self) -> Any:
        bus = self.events.bus
        assert isinstance(bus, MemoryBus)
        return bus.server

    async def tell(self, *facts: Any, programme: UUID = PROGRAMME) -> None:
        await self.village.publish(self.events, *facts, programme=programme)
        await self.relay.drain()

    def later(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))
        self.server.changed()

    async def effects(self) -> list[tuple[UUID, int, int]]:
        return await self.village.effects(self.registrations)

    async def letters(self) -> list[dead_letters.DeadLetter]:
        return await dead_letters.waiting(self.registrations)
