from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.clock import MovedClock
from services.settings import Settings
from tests.http import village

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


@pytest.fixture
async def housed(settings: Settings, clock: MovedClock) -> AsyncIterator[Browser]:
    """A browser before the village with its database."""
    own = settings.model_copy(update={"url": f"http://village-{next(_numbers)}.example"})
    found = village.contexts(own, clock)
    app = village.app_of(found)
    for context in found:
        await context.database.open()
    try:
        async with TestClient(TestServer(app)) as client:
            client.village = village.VILLAGE[own.url]  # type: ignore[attr-defined]
            client.contexts = found  # type: ignore[attr-defined]
            yield client
    finally:
        for context in found:
            await context.database.close()
