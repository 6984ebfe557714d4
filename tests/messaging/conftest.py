"""Two services invented for these tests, in the schemas of two real ones: events tells, registrations listens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from nats.aio.client import Client

from services import jetstream
from services.bus import NatsBus
from services.clock import MovedClock
from services.context import Context
from services.embedded.nats import EmbeddedNats
from services.keys import Keys
from services.messages import ConsumerSpec, StreamSpec
from services.settings import Settings
from services.streams import declare
from tests.messaging import village
from tests.messaging.post import Post
from tests.messaging.village import TELLER, Village
from tests.servers import TEMPLATE, Where

PASSWORD = "not-a-secret-in-a-test"
STREAM = StreamSpec(name="EVENTS", subjects=("events.>",))
READER = ConsumerSpec(stream="EVENTS", name="registrations-seats", subjects=("events.>",), ack_wait=2.0)


@pytest.fixture(scope="session")
def database(where: Where) -> Iterator[str]:
    """One database for all tests of messaging, which are many and need little of it; `clean` empties it before each."""
    name = f"test_messaging_{secrets.token_hex(6)}"
    _at_once(_create(where, name))
    yield where.database(name)
    _at_once(_drop(where, name))


async def _create(where: Where, name: str) -> None:
    admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY')
    await admin.close()
    admin = await asyncpg.connect(**{**where.admin, "database": name})
    # In the schema of the listening service, and owned as its own tables are.
    await admin.execute("SET ROLE registrations_owner; SET search_path TO registrations")
    await admin.execute(village.SCHEMA)
    await admin.close()


async def _drop(where: Where, name: str) -> None:
    admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


def _at_once(work: Coroutine[Any, Any, None]) -> None:
    """Run on a thread of its own: a session's fixture has no loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture
async def clean(admin: asyncpg.Connection) -> None:
    """No row, no lock and no connection of an earlier test."""
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    tables = [
        f"{schema}.{table}"
        for schema in ("events", "registrations")
        for table in ("outbox", "inbox", "seen", "dead_letters", "task_runs")
    ]
    await admin.execute(f"TRUNCATE {', '.join(tables)}, registrations.effects RESTART IDENTITY")


@pytest.fixture
async def memory_village(
    settings: Settings, keys: Keys, clock: MovedClock, clean: None
) -> AsyncIterator[village.Village]:
    """Both services over a bus in memory."""
    async with village.village(settings, keys, clock) as made:
        yield made


@pytest.fixture
async def real_village(
    settings: Settings, keys: Keys, clock: MovedClock, clean: None, folder: Path
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


@pytest.fixture
async def events(memory_village: Village) -> Context:
    context = await memory_village.open(TELLER)
    await declare(context)
    return context


@pytest.fixture
def post(memory_village: Village, clock: MovedClock) -> Post:
    return Post(memory_village, clock)


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[EmbeddedNats]:
    server = EmbeddedNats(folder, {"admin": PASSWORD, "events": PASSWORD})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bus(server: EmbeddedNats) -> AsyncIterator[NatsBus]:
    bus = NatsBus(server.url, "admin", PASSWORD, "test", answer_within=0.6, retry_after=0.05)
    await bus.connect()
    await bus.declare(STREAM, [READER])
    yield bus
    await bus.close()


@pytest.fixture
async def plain(server: EmbeddedNats) -> AsyncIterator[Client]:
    """A client as the library gives it, to look with."""
    client = await nats.connect(server.url, user="admin", password=PASSWORD)
    yield client
    await client.close()


async def asked(bus: NatsBus, spec: ConsumerSpec) -> None:
    """Wait until a reader's question lies with the server: a task that has begun has not yet asked."""
    async with asyncio.timeout(5):
        while not (await bus._ask(f"{jetstream.API}.CONSUMER.INFO.{spec.stream}.{spec.name}", {}))["num_waiting"]:
            await asyncio.sleep(0.01)


async def arrived(client: Client) -> None:
    """Wait until the server has what this client has sent.

    One `flush` is not enough: nats-py (2.16) writes its PING at once, and subscriptions by a task of their own a moment
    later, so the PING may overtake them. By the time its answer is here they are on their way, before the second PING.
    """
    await client.flush()
    await client.flush()
