from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.clock import MovedClock
from services.routes import Role
from tests.campaigns.desk import Desk, hear_of_the_programme
from tests.house.people import found_programme, quick_hashes, sign_in


@pytest.fixture
async def desk(
    open_house: Callable[..., Any], clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """Somebody of marketing at a laptop, in a programme that campaigns has heard of."""
    quick_hashes(monkeypatch)
    async with open_house("campaigns") as house, TestClient(TestServer(house.app)) as client:
        programme_id = await found_programme(house, "havlandet")
        await hear_of_the_programme(house.contexts["campaigns"], programme_id, clock)
        yield Desk(house, client, await sign_in(house, "mia", programme_id, Role.MARKETING), programme_id)
