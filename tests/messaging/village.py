"""Facts and reactions invented for these tests, and contexts for the two services that use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.clock import Clock
from services.context import Context
from services.database import Database, Transaction
from services.embedded.nats import EmbeddedNats
from services.facts import Envelope, Fact
from services.keys import Keys
from services.locks import Locks
from services.memory_bus import MemoryBus, MemoryServer
from services.messages import Bus
from services.relay import Relay
from services.schedule import Schedule
from services.service import Reaction, Service
from services.settings import Settings

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")
OTHER = UUID("01900000-0000-7000-8000-000000000002")


class Moved(Fact):
    """A house moved to another place."""

    subject = "events.house.moved"
    key = "house_id"
    house_id: UUID
    place: int


class Painted(Fact):
    subject = "events.house.painted"
    key = "house_id"
    house_id: UUID
    place: int = 0


def moved(
    moment: datetime, house: UUID | None = None, version: int = 1, place: int = 0, programme: UUID = PROGRAMME
) -> Moved:
    return Moved(programme_id=programme, version=version, at=moment, house_id=house or uuid4(), place=place)


SCHEMA = """
CREATE TABLE effects (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id uuid NOT NULL,
    house_id uuid NOT NULL,
    version integer NOT NULL,
    place integer NOT NULL,
    message_id uuid NOT NULL
);
SELECT fence('effects');
"""

INSERT = "INSERT INTO effects (programme_id, house_id, version, place, message_id) VALUES ($1, $2, $3, $4, $5)"


async def write_effect(tx: Transaction, fact: Any, envelope: Envelope) -> None:
    """What most reactions here do: one row per fact, so that a second effect would be seen."""
    await tx.connection.execute(INSERT, fact.programme_id, fact.house_id, fact.version, fact.place, envelope.message_id)


@dataclass
class Village:
    """events tells and registrations listens, each with a context of its own."""

    settings: Settings
    keys: Keys
    clock: Clock
    make_bus: Callable[[str], Bus]
    server: EmbeddedNats | None = None
    """The nats-server, where there is one."""
    contexts: dict[str, Context] = field(default_factory=dict)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def open(self, service: Service, bus: Bus | None = None) -> Context:
        database = Database(service.name, self.settings.database, self.keys, self.clock)
        await database.open()
        if bus is None:
            bus = self.make_bus(service.name)
            await bus.connect()
        context = Context(service, self.settings, self.keys, self.clock, database, bus)
        self.contexts[f"{service.name} {len(self.contexts)}"] = context
        return context

    def relay(self, context: Context, **options: float) -> Relay:
        """A relay that lets go of its connection when the test ends."""
        relay = Relay(context, **options)
        self.closing.append(relay.close)
        return relay

    def schedule(self, context: Context, **options: float) -> Schedule:
        schedule = Schedule(context, **options)
        self.closing.append(schedule.close)
        return schedule

    def locks(self, context: Context, purpose: str, **options: float) -> Locks:
        locks = Locks(context.database, purpose, **options)
        self.closing.append(locks.leave)
        return locks

    async def close(self) -> None:
        for close in self.closing:
            await close()
        for context in self.contexts.values():
            await context.bus.close()
            await context.database.close()

    async def publish(self, context: Context, *facts: Fact, programme: UUID = PROGRAMME) -> None:
        async with context.database.transaction(programme) as tx:
            tx.publish(*facts)

    async def effects(self, context: Context) -> list[tuple[UUID, int, int]]:
        async with context.database.system() as tx:
            rows = await tx.connection.fetch("SELECT house_id, version, place FROM effects ORDER BY id")
        return [(row["house_id"], row["version"], row["place"]) for row in rows]


TELLER = Service("events", "Moves houses.", facts=(Moved, Painted))


def listener(
    handle: Callable[[Transaction, Any, Envelope], Awaitable[None]] = write_effect,
    facts: Sequence[type[Fact]] = (Moved,),
    **more: Any,
) -> Service:
    """A service that listens with one reaction called `seats`."""
    return Service("registrations", "Listens.", reactions=(Reaction("seats", tuple(facts), handle, **more),))


@asynccontextmanager
async def village(
    settings: Settings, keys: Keys, clock: Clock, make_bus: Callable[[str], Bus] | None = None
) -> AsyncIterator[Village]:
    if make_bus is None:
        server = MemoryServer(clock)
        make_bus = lambda _: MemoryBus(server)  # noqa: E731
    made = Village(settings, keys, clock, make_bus)
    try:
        yield made
    finally:
        await made.close()
