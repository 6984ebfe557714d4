"""Two services invented for these tests, in the schemas of two real ones: events tells, registrations listens."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from services.bus import NatsBus
from services.clock import MovedClock
from services.embedded.nats import EmbeddedNats
from services.embedded.postgres import EmbeddedPostgres
from services.keys import Keys
from services.migrate import migrate, secret_names
from services.service import Service
from services.settings import Settings
from tests.messaging import village

SERVICES = (Service("events", "test"), Service("registrations", "test"))


class Run:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.folder = Path(tempfile.mkdtemp(prefix="blest-m-"))
        self.thread.start()
        self.wait(self.start())

    def wait(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=90)

    async def start(self) -> None:
        self.secrets = self.folder / "secrets"
        for name in [*secret_names(SERVICES), "nats/events", "nats/registrations", "token-key"]:
            path = self.secrets / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_hex(24))
        keys = Keys(self.secrets)
        self.postgres = EmbeddedPostgres(self.folder / "postgres", durable=False)
        self.nats = EmbeddedNats(
            self.folder / "nats", {u: keys.secret(f"nats/{u}") for u in ("events", "registrations")}
        )
        await asyncio.gather(self.postgres.start(), self.nats.start())
        self.admin = self.postgres.admin_login()
        await migrate(self.admin, "blest_template", SERVICES, keys)

    async def end(self) -> None:
        await asyncio.gather(self.postgres.stop(), self.nats.stop())

    def stop(self) -> None:
        self.wait(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def where() -> Iterator[Run]:
    run = Run()
    yield run
    run.stop()


@pytest.fixture
def keys(where: Run) -> Keys:
    return Keys(where.secrets)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime(2026, 4, 13, 7, 0, tzinfo=UTC))


@pytest.fixture
async def database(where: Run) -> AsyncIterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE blest_template STRATEGY FILE_COPY')
        yield where.postgres.address(name)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@pytest.fixture
async def admin(where: Run, database: str) -> AsyncIterator[asyncpg.Connection]:
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
def settings(database: str, where: Run, folder: Path) -> Settings:
    return Settings(database=database, nats=where.nats.url, secrets=where.secrets, state=folder)


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
    where: Run, settings: Settings, keys: Keys, clock: MovedClock, schema: None, folder: Path
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
