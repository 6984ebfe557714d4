"""The whole house for the story: real PostgreSQL, real NATS JetStream, real SMTP, real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.chassis import CHASSIS
from services.clock import MovedClock
from services.embedded.mailbox import Mailbox
from services.embedded.nats import EmbeddedNats
from services.identity import access
from services.keys import Keys
from services.process import Running, started
from services.registry import installed
from services.routes import Role
from services.settings import Settings
from tests.house.people import quick_hashes, sign_in
from tests.journeys.actors import Family, Staff

PROGRAMME = "blest-i-havlandet"


@pytest.fixture
def clock() -> MovedClock:
    """The first of October, nine in the morning in Oslo: ten weeks before Christmas."""
    return MovedClock(datetime(2026, 10, 1, 7, 0, tzinfo=UTC))


@pytest.fixture
async def mailbox(folder: Path) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(folder / "mailbox")
    await mailbox.start()
    yield mailbox
    await mailbox.stop()


@pytest.fixture
async def nats(folder: Path, keys: Keys) -> AsyncIterator[EmbeddedNats]:
    """A nats-server of the story's own, with the permissions that services have."""
    users = {service.name: keys.secret(f"nats/{service.name}") for service in (CHASSIS, *installed())}
    server = EmbeddedNats(folder / "nats", users)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def house(
    settings: Settings, clock: MovedClock, mailbox: Mailbox, nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """All services, with the programme of the seed set up by its own commands."""
    quick_hashes(monkeypatch)
    given = settings.model_copy(update={"smtp": mailbox.address, "nats": nats.url})
    async with started(given, installed(), clock=clock, background=False) as running:
        programmes = running.contexts["programmes"]
        assert programmes.service.demo is not None
        await programmes.service.demo(programmes, clock.now().date())
        await running.drain()
        yield running


@pytest.fixture
async def staff(house: Running, client: TestClient[Any, Any]) -> dict[str, Staff]:
    """An organiser, someone from marketing, a host at the stand, someone at the door."""
    found = await access.find_programme(house.contexts["identity"], PROGRAMME)
    assert found is not None
    wanted = {"organiser": Role.ORGANISER, "marketing": Role.MARKETING, "host": Role.STAND_HOST, "door": Role.CHECK_IN}
    return {
        name: Staff(house, client, await sign_in(house, f"story-{name}", found.id, role), PROGRAMME)
        for name, role in wanted.items()
    }


@pytest.fixture
async def families(house: Running, mailbox: Mailbox) -> AsyncIterator[dict[str, Family]]:
    """The Dutch family of four, two that want the same time, and one that moved away and comes home."""
    async with TestServer(house.app) as server:
        dutch = Family(house, server, mailbox, "Anneke de Vries", "anneke@example.org", "nl")
        other = Family(house, server, mailbox, "Bram Jansen", "bram@example.org", "en")
        third = Family(house, server, mailbox, "Els Bakker", "els@example.org", "en")
        home = Family(house, server, mailbox, "Kari Utflytter", "kari@example.org", "nb")
        async with dutch, other, third, home:
            yield {"dutch": dutch, "other": other, "third": third, "home": home}
