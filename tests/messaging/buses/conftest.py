"""What `services/messages.py` promises, held by both buses: the real one over a nats-server, and the one in memory."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.bus import NatsBus
from services.clock import MovedClock
from services.embedded.nats import EmbeddedNats
from services.memory_bus import MemoryBus, MemoryServer
from services.messages import Bus
from tests.messaging.buses.bus_kinds import READER, STREAM, Kind


@pytest.fixture(params=["nats", "memory"])
async def kind(request: pytest.FixtureRequest, clock: MovedClock, folder: Path) -> AsyncIterator[Kind]:
    opened: list[Bus] = []
    if request.param == "memory":
        server = MemoryServer(clock)

        async def open_memory() -> Bus:
            bus = MemoryBus(server)
            await bus.connect()
            opened.append(bus)
            return bus

        async def move(seconds: float) -> None:
            clock.move(timedelta(seconds=seconds))
            server.changed()

        yield Kind("memory", open_memory, move)
    else:
        password = secrets.token_hex(8)
        nats = EmbeddedNats(folder, {"events": password, "admin": password})
        await nats.start()

        async def open_nats() -> Bus:
            bus = NatsBus(nats.url, "admin", password, "test", answer_within=3)
            await bus.connect()
            opened.append(bus)
            return bus

        yield Kind("nats", open_nats, asyncio.sleep)
    for bus in opened:
        await bus.close()
    if request.param == "nats":
        await nats.stop()


@pytest.fixture
async def bus(kind: Kind) -> Bus:
    bus = await kind.open()
    await bus.declare(STREAM, [READER])
    return bus
