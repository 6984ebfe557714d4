"""Two services invented for these tests, in the schemas of two real ones: events tells, registrations listens."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from services.bus import NatsBus
from services.clock import MovedClock
from services.embedded.nats import EmbeddedNats
from services.keys import Keys
from services.settings import Settings
from tests.messaging import village
from tests.servers import TEMPLATE, Servers, Where


@pytest.fixture(scope="session")
def where() -> Iterator[Where]:
    servers = Servers()
    servers.start()
    yield servers.where
    servers.stop()


@pytest.fixture
def keys(where: Where) -> Keys:
    return Keys(where.secrets)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime(2026, 4, 13, 7, 0, tzinfo=UTC))


@pytest.fixture
async def database(where: Where) -> AsyncIterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY')
        yield where.database(name)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@pytest.fixture
async def admin(where: Where, database: str) -> AsyncIterator[asyncpg.Connection]:
    name = database.split("/")[-1].split("?")[0] if "///" not in database else database.split("///")[1].split("?")[0]
    connection = await asyncpg.connect(**{**where.admin, "database": name})
    yield connection
    await connection.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="blest-test-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def settings(database: str, where: Where, folder: Path) -> Settings:
    return Settings(database=database, nats=where.nats, secrets=where.secrets, state=folder)


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
    where: Where, settings: Settings, keys: Keys, clock: MovedClock, schema: None, folder: Path
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
