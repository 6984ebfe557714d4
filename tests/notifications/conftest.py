"""A post office and a world to write letters about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.clock import MovedClock
from services.process import Running
from tests.notifications.post_office import PostOffice, World, post_office


@pytest.fixture
async def office(folder: Path) -> AsyncIterator[PostOffice]:
    async with post_office(folder / "smtp") as office:
        yield office


@pytest.fixture
async def world(house: Running, clock: MovedClock) -> World:
    """An event ten days from now, at noon in Oslo."""
    world = World(house, clock.now() + timedelta(days=10, hours=3))
    await world.begin()
    return world
