"""Identity by itself: its context on a database of the test's own, two programmes, and people made by its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from services.chassis import CHASSIS
from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.http.app import build_app
from services.identity import commands, passwords
from services.ids import new_id
from services.keys import Keys
from services.memory_bus import MemoryBus, MemoryServer
from services.routes import Role
from services.settings import Settings
from tests.identity.browser import Browser

PASSWORD = "vind over blanke skjær"
NewAccount = Callable[..., Awaitable[UUID]]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that argon2 takes: what is tested here is what is done with a hash, not how hard it is."""
    quick = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "BLANK", passwords._blank())


@pytest.fixture
async def context(settings: Settings, keys: Keys, clock: MovedClock) -> AsyncIterator[Context]:
    """The chassis's own context, connected as identity_app and identity_system."""
    database = Database(CHASSIS.name, settings.database, keys, clock)
    await database.open()
    keys.secret("token-key")  # as a process does at its start
    yield Context(CHASSIS, settings, keys, clock, database, MemoryBus(MemoryServer(clock)))
    await database.close()


@pytest.fixture
async def programme(context: Context) -> UUID:
    return await _programme(context, "havlandet", "Blest i Havlandet")


@pytest.fixture
async def neighbour(context: Context) -> UUID:
    """Another programme, whose people are none of ours."""
    return await _programme(context, "fjordriket", "Flytt til Fjordriket")


async def _programme(context: Context, slug: str, name: str) -> UUID:
    async with context.database.transaction(None) as tx:
        programme_id = new_id(tx.moment)
        await commands.register_programme(tx, programme_id, slug=slug, name=name, language="nb", status="open")
    return programme_id


@pytest.fixture
def new_account(context: Context) -> NewAccount:
    """`await new_account("kari", programme, Role.OWNER)` → the account's id; its address is kari@havlandet.example."""

    async def make(name: str, programme_id: UUID | None = None, *roles: Role, operator: bool = False) -> UUID:
        async with context.database.transaction(None) as tx:
            account_id = await commands.create_account(
                tx,
                email=f"{name}@havlandet.example",
                name=name.title(),
                language="nb",
                password=PASSWORD,
                operator=operator,
            )
            if programme_id is not None:
                await commands.grant(tx, None, programme_id, account_id, *roles)
        return account_id

    return make


@pytest.fixture
async def browsers(context: Context) -> AsyncIterator[Callable[[], Browser]]:
    """`browsers()` opens a browser of its own before identity's pages."""
    app = build_app([context])
    server = TestServer(app)
    await server.start_server()
    opened: list[TestClient[Any, Any]] = []

    def open_browser() -> Browser:
        opened.append(TestClient(server, cookie_jar=CookieJar(unsafe=True)))
        return Browser(opened[-1])

    yield open_browser
    for client in opened:
        await client.session.close()
    await server.close()


@pytest.fixture
async def browser(browsers: Callable[[], Browser]) -> Browser:
    return browsers()
