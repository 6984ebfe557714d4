from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from services.clock import MovedClock
from services.settings import Settings
from tests.browser import gallery
from tests.browser.harness import browser, chromium, open_page, page

__all__ = ["browser", "chromium", "open_page", "page"]


@pytest.fixture
async def address(tmp_path: Path, clock: MovedClock) -> AsyncIterator[str]:
    """The gallery, which shows every part of our pages; its address."""
    (tmp_path / "token-key").write_text(secrets.token_hex(32))
    async with TestServer(gallery.app(Settings(secrets=tmp_path), clock)) as server:
        yield str(server.make_url("")).rstrip("/")
