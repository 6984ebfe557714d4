"""Processes and servers killed outright, or frozen: nothing is lost, nothing happens twice, no aggregate's order turns.

After Jepsen's checker and DBOS's monkey: facts with unique numbers go in all the while, victims are
struck at random moments, and when all is quiet what came out is compared with what went in.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import pytest

from services.bus import NatsBus
from services.clock import MovedClock
from services.context import Context
from services.messages import ConsumerSpec
from tests.messaging.village import PROGRAMME, TELLER, Village, listener, moved

HOUSES = [uuid4() for _ in range(25)]
LOOK = ConsumerSpec(stream="EVENTS", name="registrations-look", subjects=("events.>",), max_ack_pending=100_000)


class Workers:
    """Some worker processes; whoever is killed is replaced."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.running: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.messaging.worker",
            env={**os.environ, **self._environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self.running.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while (line := await process.stdout.readline()) != b"ready\n":
                assert line, "a worker did not start"
        self._reader = asyncio.create_task(self._read(process.stdout))

    async def _read(self, pipe: asyncio.StreamReader) -> None:
        while await pipe.readline():
            pass

    async def kill(self, victim: asyncio.subprocess.Process) -> None:
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        self.running.remove(victim)

    async def stop(self) -> None:
        for process in list(self.running):
            with suppress(ProcessLookupError):
                await self.kill(process)


@asynccontextmanager
async def workers(village: Village, number: int) -> AsyncIterator[Workers]:
    assert village.server is not None
    settings = village.settings
    made = Workers(
        {
            "BLEST_DATABASE": settings.database,
            "BLEST_NATS": village.server.url,
            "BLEST_SECRETS": str(settings.secrets),
        }
    )
    try:
        await asyncio.gather(*(made.start() for _ in range(number)))
        yield made
    finally:
        await made.stop()


class Writer:
    """Writes facts without pause, as requests would; some transactions roll back."""

    def __init__(self, village: Village, events: Context, clock: MovedClock) -> None:
        self._village, self._events, self._clock = village, events, clock
        self.versions: dict[UUID, int] = defaultdict(int)
        self.enough = asyncio.Event()

    async def write(self, chance: random.Random) -> None:
        while not self.enough.is_set():
            house = chance.choice(HOUSES)
            version = self.versions[house] + 1
            with suppress(RuntimeError):
                async with self._events.database.transaction(PROGRAMME) as tx:
                    tx.publish(moved(self._clock.now(), house, version))
                    if chance.random() < 0.05:
                        raise RuntimeError("rolled back")
                self.versions[house] = version
            await asyncio.sleep(0.002)

    @property
    def written(self) -> int:
        return sum(self.versions.values())


async def everything_in_the_stream(village: Village) -> list[tuple[str, int]]:
    """(aggregate, version) of each message, in the stream's order."""
    bus = village.make_bus("registrations")
    assert isinstance(bus, NatsBus)
    await bus.connect()
    await bus.declare(None, [LOOK])
    reader = await bus.consume(LOOK)
    found = []
    while deliveries := await reader.fetch(500, 0.5):
        found += [(one.headers["Blest-Aggregate"], int(one.headers["Blest-Version"])) for one in deliveries]
        for one in deliveries:
            await one.ack()
    await bus.close()
    return found


async def newest(village: Village, listening: Context) -> dict[UUID, int]:
    """The version of each aggregate that had its effect last."""
    return {house: version for house, version, _ in await village.effects(listening)}


async def quiet(village: Village, listening: Context, writer: Writer) -> None:
    """Wait until the newest version of every aggregate written so far has had its effect."""
    wanted = dict(writer.versions)
    async with asyncio.timeout(60):
        while True:
            reached = await newest(village, listening)
            if all(reached.get(house, 0) >= version for house, version in wanted.items()):
                return
            await asyncio.sleep(0.1)


async def compare(village: Village, listening: Context, writer: Writer) -> None:
    """The stream holds every fact once and in order. Effects come once and in order; one that a dying process held
    while a newer version of its aggregate was taken in elsewhere is stale when it comes again, and has none."""
    in_stream = await everything_in_the_stream(village)
    effects = await village.effects(listening)
    for house, version in writer.versions.items():
        assert [one for other, one in in_stream if other == f"house:{house}"] == list(range(1, version + 1))
        taken_in = [one for other, one, _ in effects if other == house]
        assert taken_in == sorted(set(taken_in))
        assert taken_in[-1] == version
    assert len(effects) > writer.written * 0.5


async def strike(village: Village, rounds: int, clock: MovedClock, seed: int) -> None:
    """`rounds` kills of a worker or of the nats-server while facts are written."""
    chance = random.Random(seed)
    server = village.server
    assert server is not None
    events, listening = await village.open(TELLER), await village.open(listener())
    writer = Writer(village, events, clock)
    async with workers(village, 2) as working:
        writing = asyncio.create_task(writer.write(chance))
        for number in range(rounds):
            await asyncio.sleep(chance.uniform(0.1, 0.5))
            if number % 2:
                os.kill(server.pid, signal.SIGKILL)
                while server.alive:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                await server.start()
            else:
                await working.kill(chance.choice(working.running))
                await working.start()
        writer.enough.set()
        await writing
        await quiet(village, listening, writer)
    await compare(village, listening, writer)


async def test_killed_workers_and_servers_lose_nothing_and_do_nothing_twice(
    real_village: Village, clock: MovedClock
) -> None:
    await strike(real_village, 6, clock, seed=1)


@pytest.mark.all
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(2, 5))
async def test_many_kills_lose_nothing_and_do_nothing_twice(
    real_village: Village, clock: MovedClock, seed: int
) -> None:
    await strike(real_village, 40, clock, seed)


async def test_a_frozen_relay_loses_the_lead_and_does_no_harm_when_it_thaws(
    real_village: Village, clock: MovedClock
) -> None:
    events = await real_village.open(TELLER)
    registrations = await real_village.open(listener())
    writer, chance = Writer(real_village, events, clock), random.Random(1)
    async with workers(real_village, 1) as working:
        writing = asyncio.create_task(writer.write(chance))
        while writer.written < 50:
            await asyncio.sleep(0.02)
        leader = working.running[0]
        leader.send_signal(signal.SIGSTOP)
        await working.start()
        await quiet(real_village, registrations, writer)  # its successor goes on
        leader.send_signal(signal.SIGCONT)
        await quiet(real_village, registrations, writer)
        writer.enough.set()
        await writing
        await quiet(real_village, registrations, writer)
    await compare(real_village, registrations, writer)
