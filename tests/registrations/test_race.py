"""A thousand at once for one place, over HTTP: one is confirmed, the others wait or are refused as they chose.

First the race is shown to exist: the same thousand, decided by a variant that reads without a lock, into a pool without
its CHECK, surely give the place away several times. Then the service itself is asked.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import TCPConnector
from aiohttp.test_utils import TestClient, TestServer

from events.facts import SlotOpened
from registrations.commands.together import BOOKINGS
from registrations.domain.applications import Application
from registrations.domain.asking import Came, Granted
from services.clock import MovedClock
from services.context import Context
from services.memory_bus import MemoryBus, MemoryServer
from services.process import Running, started
from services.registry import chosen
from services.settings import Settings
from tests.registrations.conftest import PROGRAMME
from tests.registrations.worlds import World

CLIENTS = 1000
AT_ONCE = 200
"""Connections: as many callers are in flight at one moment, each from an address of its own."""
RACERS = 5
"""How many surely look before one takes, each in a transaction and so on a connection of its own."""


@pytest.fixture
async def running(settings: Settings, clock: MovedClock) -> AsyncIterator[Running]:
    """The service behind a proxy that says who calls, so that a thousand callers are a thousand addresses."""
    memory = MemoryServer(clock)
    behind = settings.model_copy(update={"trusted_proxies": ("127.0.0.1",), "attack": 10 * CLIENTS})
    async with started(
        behind, chosen(["registrations"]), clock=clock, bus=lambda _: MemoryBus(memory), background=False
    ) as found:
        yield found


async def one_place(running: Running, clock: MovedClock) -> tuple[World, SlotOpened]:
    context = running.contexts["registrations"]
    world = World(context.database, context.keys, clock, PROGRAMME)
    event = world.event("fair")
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    return world, slot


async def ask_all(running: Running, slot: SlotOpened, wait: Callable[[int], bool]) -> Counter[tuple[int, str]]:
    """All of them at once; how many got which status and code."""
    connector = TCPConnector(limit=AT_ONCE)
    async with TestClient(TestServer(running.app), connector=connector) as client:

        async def one(number: int) -> tuple[int, str]:
            body = {
                "name": f"Family {number}",
                "email": f"family{number}@example.org",
                "slot_id": str(slot.slot_id),
                "adults": 2,
                "wait": wait(number),
            }
            headers = {"X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}
            async with client.post("/api/v1/events/fair/bookings", json=body, headers=headers) as response:
                answer = await response.json()
                return response.status, answer.get("code", "")

        return Counter(await asyncio.gather(*(one(number) for number in range(CLIENTS))))


class Unguarded:
    """What many booking systems do: look whether there is room, then take it. No lock, no CHECK, no batch.

    The first few to have looked take nothing until all of them have looked: the race is run, not hoped for.
    """

    def __init__(self, context: Context) -> None:
        self._database = context.database
        self._ahead = RACERS
        self._all_have_looked = asyncio.Event()

    async def submit(self, programme_id: UUID, item: Application) -> Granted:
        async with self._database.transaction(programme_id) as tx:
            pool = await tx.connection.fetchrow("SELECT id, used, capacity FROM pools WHERE slot_id = $1", item.slot_id)
            self._ahead -= 1
            if self._ahead <= 0:
                self._all_have_looked.set()
            await self._all_have_looked.wait()
            if pool["used"] >= pool["capacity"]:
                return Granted(Came.WAITING, item.booking_id)
            await tx.connection.execute("UPDATE pools SET used = used + 1 WHERE id = $1", pool["id"])
            return Granted(Came.BOOKED, item.booking_id)


async def test_without_the_guard_the_one_place_is_given_away_many_times(
    running: Running, clock: MovedClock, admin: asyncpg.Connection[Any]
) -> None:
    world, slot = await one_place(running, clock)
    await admin.execute("ALTER TABLE registrations.pools DROP CONSTRAINT pools_not_oversold")
    context = running.contexts["registrations"]
    context.resources[BOOKINGS.name] = Unguarded(context)
    answers = await ask_all(running, slot, lambda _: True)
    assert answers == {(202, ""): CLIENTS}
    (pool,) = await world.rows("SELECT used, capacity FROM pools")
    assert pool["capacity"] == 1
    assert pool["used"] >= RACERS, "no race was provoked: the test below would prove nothing"


async def test_a_thousand_at_once_for_one_place(running: Running, clock: MovedClock) -> None:
    world, slot = await one_place(running, clock)
    answers = await ask_all(running, slot, lambda number: number % 2 == 0)
    confirmed, waiting = await counts(world)
    assert confirmed == 1
    # Of the five hundred who would not wait at most one has the place; all others who would not were refused.
    refused = CLIENTS - 1 - waiting
    assert answers == {(202, ""): 1 + waiting, (409, "full"): refused}
    assert waiting in {CLIENTS // 2, CLIENTS // 2 - 1}
    lines = [
        row["line"] for row in await world.rows("SELECT line FROM bookings WHERE status = 'waiting' ORDER BY line")
    ]
    assert lines == list(range(1, waiting + 1)), "everyone has a place in line of their own"
    assert await world.rows("SELECT used, waiting FROM pools") == [{"used": 1, "waiting": waiting}]
    told = Counter(what for what, _ in await world.told() if what.startswith("booking."))
    assert told == {"booking.confirmed": 1, "booking.waitlisted": waiting}
    visitors = await world.rows("SELECT count(*) AS many FROM people.visitors")
    assert visitors == [{"many": 1 + waiting}], "nothing is kept of who was refused"


async def counts(world: World) -> tuple[int, int]:
    rows = {
        row["status"]: row["many"]
        for row in await world.rows("SELECT status, count(*) AS many FROM bookings GROUP BY 1")
    }
    return rows.get("confirmed", 0), rows.get("waiting", 0)
