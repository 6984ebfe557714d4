"""A post office and a world to write letters about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from services.clock import MovedClock
from services.identity.accounts import create_account
from services.identity.people import register_programme, set_roles
from services.process import Running
from services.routes import Role
from tests.browser.harness import browser, chromium, open_page
from tests.house.people import quick_hashes
from tests.notifications.post_office import PROGRAMME, PostOffice, World, post_office
from tests.registrations.desks import Desk
from tests.registrations.worlds import World as Registrations

__all__ = ["browser", "chromium", "open_page"]


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


@pytest.fixture
async def desk(
    house: Running, clock: MovedClock, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    quick_hashes(monkeypatch)
    context = house.contexts["registrations"]
    yield Desk(Registrations(context.database, context.keys, clock, PROGRAMME), client, house)


@pytest.fixture
async def hosts(world: World) -> dict[str, UUID]:
    """Two hosts of the programme, by the language that they read."""
    found = {}
    async with world.house.contexts["identity"].database.transaction(None) as tx:
        await register_programme(
            tx, PROGRAMME, slug="havlandet", name="Blest i Havlandet", language="nb", status="published"
        )
        for language in ("nl", "en", "nb", "nn"):
            found[language] = await create_account(
                tx, email=f"{language}@example.org", name=f"Vert {language}", language=language, password=None
            )
            await set_roles(tx, None, PROGRAMME, found[language], [Role.STAND_HOST])
    return found
