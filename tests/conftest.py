"""What every test stands on: one real PostgreSQL and one real NATS for the run, a database of its own for each test.

The servers belong to the controlling process; xdist's workers are told where they are. A test's database is a copy of a
template that was migrated once, and tests connect as the services' own roles, never as superuser.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services import logs, sql
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

# How long an example takes says how busy the machine is, not whether it is right.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


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


LONGEST_FIRST = ("faults", "races", "setup", "browser", "journeys", "house", "messaging")
"""Folders whose tests take seconds each: run last, one of them would keep one worker busy while the other is done."""


def pytest_configure(config: pytest.Config) -> None:
    # Dozens of tests start Python anew, and each would compile all of Blest again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    logs.configure("plain")
    config.pluginmanager.register(Workers())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(config.rootpath / "tests").parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what was imported stays: there is no use in looking through it again and again


def pytest_unconfigure() -> None:
    if _servers is not None:
        _servers.stop()


@pytest.fixture(scope="session")
def where(request: pytest.FixtureRequest) -> Where:
    """The addresses and logins of the run's PostgreSQL and NATS."""
    given = getattr(request.config, "workerinput", {}).get("blest")
    return Where.unpacked(given) if given else _shared().where


_prepared: list[Any] = []
"""Statements that fit the template: a process of tests starts services a thousand times, on one schema."""


@pytest.fixture(autouse=True, scope="session")
def statements_prepared_once() -> Iterator[None]:
    """Each package's statements are prepared at the first start in this process and believed at the next."""
    prepare = sql.prepare

    async def once(connection: Any, queries: Any) -> int:
        if not any(queries is known for known in _prepared):
            await prepare(connection, queries)
            _prepared.append(queries)
        return len(queries.available_queries)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "prepare", once)
        yield


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
