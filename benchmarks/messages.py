"""Facts on their way: from the outbox to the stream (`relayed`), from the stream through the inbox (`consumed`), and
how long one takes from its commit to the commit of what it causes (`handled`, `handled_elsewhere`).

Two services are invented for it, in the schemas of two real ones, as `tests/messaging` has them: `events` tells of
houses that move, and `registrations` listens and does nothing besides noting that it heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from benchmarks.children import child, environment
from benchmarks.ground import Ground, Place
from benchmarks.rounds import Rounds, alone, by_turns
from services.clock import SystemClock
from services.consumers import Consumers
from services.context import Context
from services.database import Database, Transaction
from services.facts import Envelope
from services.messages import ConsumerSpec
from services.process import nats_bus
from services.relay import Relay
from services.service import Service
from services.streams import declare
from tests.messaging.village import PROGRAMME, TELLER, listener, moved

MANY = 10_000
HEARD = 4_000
"""Facts of one round of `consumed`."""
AT_ONCE = 500
HOUSES = 200
STEPS = 150
"""Facts of one round of `handled`."""
PAUSE = 0.02
"""Seconds between two of them: the house is idle when each comes."""


@asynccontextmanager
async def opened(place: Place, service: Service) -> AsyncIterator[Context]:
    """A service with its real role and NATS user, and nothing in the background."""
    database = Database(service.name, place.settings.database, place.keys, SystemClock())
    await database.open()
    bus = nats_bus(place.settings, place.keys)(service.name)
    await bus.connect()
    try:
        yield Context(service, place.settings, place.keys, SystemClock(), database, bus)
    finally:
        await bus.close()
        await database.close()


async def nothing(tx: Transaction, fact: Any, envelope: Envelope) -> None:
    """A reaction that only hears."""


async def relayed(ground: Ground) -> Rounds:
    """Facts a second from outbox to stream, each batch on the disk before its rows are marked."""
    async with ground.place("relayed") as place, opened(place, TELLER) as events:
        await declare(events)
        relay, houses = Relay(events), [uuid4() for _ in range(HOUSES)]

        async def drained() -> float:
            await fill(events, houses, MANY)
            began = perf_counter()
            assert await relay.drain() == MANY
            return MANY / (perf_counter() - began)

        try:
            return await alone(drained)
        finally:
            await relay.close()


async def consumed(ground: Ground) -> Rounds:
    """Facts a second that are fetched, noted in the inbox and acknowledged; against fetched and acknowledged."""
    service = listener(nothing)
    async with (
        ground.place("consumed") as place,
        opened(place, TELLER) as events,
        opened(place, service) as registrations,
    ):
        await declare(events)
        relay, consumers, houses = Relay(events), Consumers(registrations), [uuid4() for _ in range(HOUSES)]
        spec = ConsumerSpec("EVENTS", "registrations-plain", ("events.house.moved.>",))
        await registrations.bus.declare(None, [spec])
        plain = await registrations.bus.consume(spec)

        async def pulled() -> float:
            """Comes first in each round, so it puts the facts there."""
            await fill(events, houses, HEARD)
            await relay.drain()
            began, found = perf_counter(), 0
            while found < HEARD:
                for delivery in await plain.fetch(256, 5.0):
                    await delivery.ack()
                    found += 1
            return HEARD / (perf_counter() - began)

        async def handled() -> float:
            began = perf_counter()
            assert await consumers.drain() == HEARD
            return HEARD / (perf_counter() - began)

        try:
            return await by_turns(handled, pulled, rounds=3)
        finally:
            await consumers.close()
            await relay.close()


async def fill(events: Context, houses: Sequence[UUID], many: int) -> None:
    """Put facts about these houses into the outbox."""
    for start in range(0, many, AT_ONCE):
        async with events.database.transaction(PROGRAMME) as tx:
            numbers = range(start, start + AT_ONCE)
            # Moments are versions enough: each house's later fact is newer.
            tx.publish(
                *(moved(tx.moment, houses[number % HOUSES], 1 + int(perf_counter() * 1000)) for number in numbers)
            )


class Watched(Database):
    """Says when a transaction of its service was committed."""

    after: Callable[[], None] = staticmethod(lambda: None)

    @asynccontextmanager
    async def transaction(self, programme_id: UUID | None) -> AsyncIterator[Transaction]:
        async with super().transaction(programme_id) as tx:
            yield tx
        self.after()


async def handled(ground: Ground) -> Rounds:
    """Milliseconds within which 99 of 100 facts are handled, relay and consumer in this process."""
    async with ground.place("handled") as place:
        return await _handled(place)


async def handled_elsewhere(ground: Ground) -> Rounds:
    """The same where another process's relay leads: a hint tells it that there is something to publish."""
    async with ground.place("handled_elsewhere") as place:
        ready, given = place.folder / "leads", environment(place.settings, 0)
        settings = {**given, "BENCH_READY": str(ready)}
        async with child("benchmarks.leader", settings=settings, log=place.folder / "leader.log") as process:
            async with asyncio.timeout(30):
                while not ready.exists():
                    assert process.returncode is None, (place.folder / "leader.log").read_text()
                    await asyncio.sleep(0.05)
            return await _handled(place)


async def _handled(place: Place) -> Rounds:
    arrived: asyncio.Future[float] | None = None
    heard = False

    async def note(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        nonlocal heard
        heard = True

    def committed() -> None:
        if heard and arrived is not None and not arrived.done():
            arrived.set_result(perf_counter())

    service = listener(note)
    async with opened(place, TELLER) as events, opened(place, service) as registrations:
        registrations.database = Watched(service.name, place.settings.database, place.keys, SystemClock())
        registrations.database.after = committed
        await registrations.database.open()
        await declare(events)
        work = [asyncio.create_task(Relay(events).run()), asyncio.create_task(Consumers(registrations).run())]

        async def p99() -> float:
            nonlocal arrived, heard
            took = []
            for _ in range(STEPS):
                arrived, heard = asyncio.get_running_loop().create_future(), False
                async with events.database.transaction(PROGRAMME) as tx:
                    tx.publish(moved(tx.moment))
                began = perf_counter()
                async with asyncio.timeout(10):
                    took.append(await arrived - began)
                await asyncio.sleep(PAUSE)
            return sorted(took)[int(0.99 * STEPS)] * 1000

        try:
            return await alone(p99, rounds=3)
        finally:
            for one in work:
                one.cancel()
                with suppress(asyncio.CancelledError):
                    await one
            await registrations.database.close()
