from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.clock import MovedClock
from services.settings import Settings
from tests.http import village
from tests.servers import TEMPLATE, Where

_numbers = itertools.count()

Browser = TestClient[Any, Any]
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def token_key(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "token-key").write_text(secrets.token_hex(32))
    return folder


@pytest.fixture
def make_browser(token_key: Path, clock: MovedClock) -> Callable[..., Any]:
    """A browser before the village, without a database behind it; `settings` are changed as named."""

    @asynccontextmanager
    async def make(**given: Any) -> AsyncIterator[Browser]:
        url = given.pop("url", f"http://village-{next(_numbers)}.example")
        settings = Settings(url=url, secrets=token_key, **given)
        app = village.app_of(village.contexts(settings, clock))
        async with TestClient(TestServer(app)) as client:
            client.village = village.VILLAGE[url]  # type: ignore[attr-defined]
            yield client

    return make


@pytest.fixture
async def browser(make_browser: Callable[..., Any]) -> AsyncIterator[Browser]:
    async with make_browser() as client:
        yield client


@pytest.fixture(scope="session")
def village_database(where: Where) -> Iterator[str]:
    """One database for all tests that leave nothing in it but idempotency keys, which `housed` takes away."""
    name = f"test_{secrets.token_hex(6)}"

    async def do(statement: str) -> None:
        admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
        await admin.execute(statement)
        await admin.close()

    asyncio.run(do(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY'))
    yield where.database(name)
    asyncio.run(do(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def village_settings(village_database: str, where: Where, tmp_path: Path) -> Settings:
    url = f"http://village-{next(_numbers)}.example"
    return Settings(url=url, database=village_database, nats=where.nats, secrets=where.secrets, state=tmp_path)


@pytest.fixture
async def housed(village_settings: Settings, clock: MovedClock) -> AsyncIterator[Browser]:
    """A browser before the village with its database."""
    found = village.contexts(village_settings, clock)
    app = village.app_of(found)
    for context in found:
        await context.database.open()
    try:
        async with TestClient(TestServer(app)) as client:
            client.village = village.VILLAGE[village_settings.url]  # type: ignore[attr-defined]
            client.contexts = found  # type: ignore[attr-defined]
            yield client
        async with found[1].database.system() as tx:
            await tx.connection.execute("DELETE FROM idempotency_keys")
    finally:
        for context in found:
            await context.database.close()
