"""What every test stands on: one real PostgreSQL and one real NATS for the run, a database of its own for each test.

The servers belong to the controlling process; xdist's workers are told where they are. A test's database is a copy of a
template that was migrated once, and tests connect as the services' own roles, never as superuser.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services import logs
from services.clock import MovedClock
from services.database import address
from services.keys import Keys
from services.memory_bus import MemoryBus, MemoryServer
from services.process import Running, started
from services.registry import chosen, installed
from services.settings import Settings
from tests import databases
from tests.blocking import watch
from tests.servers import Servers, Where

_servers: Servers | None = None


def _shared() -> Servers:
    """The servers of this process, started when first needed."""
    global _servers
    if _servers is None:
        _servers = Servers()
        _servers.start()
    return _servers


class Workers:
    """Tells each xdist worker where the servers are; registered only where xdist is there."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["blest"] = _shared().where.packed()


def pytest_configure(config: pytest.Config) -> None:
    logs.configure("plain")
    config.pluginmanager.register(Workers())


def pytest_unconfigure() -> None:
    if _servers is not None:
        _servers.stop()


@pytest.fixture(scope="session")
def where(request: pytest.FixtureRequest) -> Where:
    """The addresses and logins of the run's PostgreSQL and NATS."""
    given = getattr(request.config, "workerinput", {}).get("blest")
    return Where.unpacked(given) if given else _shared().where


@pytest.fixture
def keys(where: Where) -> Keys:
    return Keys(where.secrets)


@pytest.fixture
def clock() -> MovedClock:
    """A Monday in spring, nine in the morning in Oslo."""
    return MovedClock(datetime(2026, 4, 13, 7, 0, tzinfo=UTC))


@pytest.fixture
async def database(where: Where, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A migrated, empty database that is the test's own while it runs; its address."""
    name = await databases.lend(where)
    yield where.database(name)
    await databases.give_back(where, name, spent="admin" in request.fixturenames)


@pytest.fixture
async def admin(where: Where, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the test's database: to look at the catalogue, never to stand in for a service."""
    name = address(database)["database"]
    connection = await asyncpg.connect(**{**where.admin, "database": name})
    yield connection
    await connection.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test's own."""
    made = Path(tempfile.mkdtemp(prefix="blest-test-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def settings(database: str, where: Where, folder: Path) -> Settings:
    return Settings(database=database, nats=where.nats, secrets=where.secrets, state=folder, smtp=f"unix:{folder}/smtp")


OpenHouse = Callable[..., Any]


@pytest.fixture
def open_house(settings: Settings, clock: MovedClock) -> OpenHouse:
    """`async with open_house("events") as running:` starts these services (all, where none is named) on a bus in
    memory, with nothing in the background: the test calls `running.drain()` and moves the clock."""

    @asynccontextmanager
    async def open_(*names: str) -> AsyncIterator[Running]:
        memory = MemoryServer(clock)
        services = chosen(names) if names else installed()
        async with started(
            settings, services, clock=clock, bus=lambda _: MemoryBus(memory), background=False
        ) as running:
            yield running

    return open_


@pytest.fixture
async def house(open_house: OpenHouse) -> AsyncIterator[Running]:
    """All installed services in one process, on a bus in memory."""
    async with open_house() as running:
        yield running


@pytest.fixture
async def client(house: Running) -> AsyncIterator[TestClient[Any, Any]]:
    """A browser without scripts, talking to the whole house; it does not follow redirects by itself."""
    async with TestClient(TestServer(house.app)) as client:
        yield client


@pytest.fixture
async def watched(house: Running) -> AsyncIterator[list[str]]:
    """The blocking calls that anything in the house makes on the event loop once it stands; at the end there is none.

    What a process does before it listens may block: nobody waits for it yet.
    """
    with watch() as found:
        yield found
    assert not found, "\n".join(sorted(set(found)))
