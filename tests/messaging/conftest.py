"""Two services invented for these tests, in the schemas of two real ones: events tells, registrations listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.bus import NatsBus
from services.clock import MovedClock
from services.embedded.nats import EmbeddedNats
from services.keys import Keys
from services.settings import Settings
from tests.messaging import village


@pytest.fixture
async def schema(admin: asyncpg.Connection) -> None:
    """The table of effects, in the schema of the listening service and owned as its own tables are."""
    await admin.execute("SET ROLE registrations_owner; SET search_path TO registrations")
    await admin.execute(village.SCHEMA)
    await admin.execute("RESET ROLE; RESET search_path")


@pytest.fixture
async def memory_village(
    settings: Settings, keys: Keys, clock: MovedClock, schema: None
) -> AsyncIterator[village.Village]:
    """Both services over a bus in memory."""
    async with village.village(settings, keys, clock) as made:
        yield made


@pytest.fixture
async def real_village(
    settings: Settings, keys: Keys, clock: MovedClock, schema: None, folder: Path
) -> AsyncIterator[village.Village]:
    """Both services over a nats-server of the test's own, with the permissions that services have."""
    users = {name: keys.secret(f"nats/{name}") for name in ("events", "registrations")}
    server = EmbeddedNats(folder, users)
    await server.start()

    def make_bus(name: str) -> NatsBus:
        return NatsBus(server.url, name, users[name], name)

    async with village.village(settings, keys, clock, make_bus) as made:
        made.server = server
        yield made
    await server.stop()
