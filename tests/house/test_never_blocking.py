"""The watch over the whole house finds a call that blocks the event loop, wherever it is and whoever forgives it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from blockbuster import BlockingError

from services.clock import MovedClock
from services.process import Running


@pytest.fixture
def planted(watched: list[str], clock: MovedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that sleeps before it tells the time: everybody asks it."""
    moment = clock.now()

    def now(_: MovedClock) -> datetime:
        time.sleep(0.001)
        return moment

    monkeypatch.setattr(MovedClock, "now", now)


@pytest.mark.usefixtures("planted")
async def test_a_page_that_sleeps_is_found(client: TestClient[Any, Any], watched: list[str]) -> None:
    assert (await client.get("/nb")).status == 500
    assert [one for one in watched if one.startswith("time.sleep from services/")]
    watched.clear()


@pytest.mark.usefixtures("planted")
async def test_a_task_that_sleeps_is_found_though_its_failure_is_forgiven(house: Running, watched: list[str]) -> None:
    with suppress(BlockingError):
        await house.run_due()
    assert [one for one in watched if one.startswith("time.sleep from services/")]
    watched.clear()


async def test_the_house_at_rest_blocks_nothing(client: TestClient[Any, Any], watched: list[str]) -> None:
    assert (await client.get("/nb")).status == 200
    assert watched == []
