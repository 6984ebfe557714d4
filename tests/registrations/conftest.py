"""The service's own database, and a world around it in which the other services have told of events and slots."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient, TestServer

from registrations.domain import proof
from registrations.statements import queries
from services import sql
from services.clock import MovedClock
from services.database import Database
from services.keys import Keys
from services.process import Running
from tests.house.people import quick_hashes
from tests.registrations.desks import Desk
from tests.registrations.worlds import World

PROGRAMME = UUID("0190a000-0000-7000-8000-000000000001")


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_hashes(monkeypatch)


@pytest.fixture
def small_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs of work that a test does at once."""
    monkeypatch.setattr(proof, "EASIEST", 3)
    monkeypatch.setattr(proof, "HARDEST", 5)


@pytest.fixture
async def registrations(database: str, keys: Keys, clock: MovedClock) -> AsyncIterator[Database]:
    """The service's own database, entered as its own roles; its statements are prepared as at a start."""
    opened = Database("registrations", database, keys, clock)
    await opened.open()
    async with opened.transaction(None) as tx:
        assert await sql.prepare(tx.connection, queries) > 20
    yield opened
    await opened.close()


@pytest.fixture
async def world(registrations: Database, keys: Keys, clock: MovedClock) -> World:
    return World(registrations, keys, clock, PROGRAMME)


@pytest.fixture
async def running(open_house: Callable[..., Any]) -> AsyncIterator[Running]:
    """registrations alone in a process, with nothing in the background."""
    async with open_house("registrations") as found:
        yield found


@pytest.fixture
async def desk(running: Running, clock: MovedClock) -> AsyncIterator[Desk]:
    """A browser without scripts before it, and what the other services have told."""
    context = running.contexts["registrations"]
    async with TestClient(TestServer(running.app)) as client:
        yield Desk(World(context.database, context.keys, clock, PROGRAMME), client, running)
