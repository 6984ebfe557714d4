"""Walks through the whole house as people do, from link to link, and looks at each kind of page once.

As a guest from the front page, as an owner from the console's home; in a house where the demo's year was played. What a
walk does not reach (links in mails, what follows a form) is looked at by the journeys.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from services.chassis import CHASSIS
from services.clock import MovedClock
from services.identity import access
from services.process import Running
from services.registry import installed
from services.routes import Role
from tests.browser.harness import OpenPage, axe, screenshot, sideways
from tests.house.people import quick_hashes, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.all, pytest.mark.timeout(1200)]

TODAY = date(2026, 11, 23)
DAYS = 365
PROGRAMME = "blest-i-havlandet"
LEFT_ALONE = re.compile(r"^/(static|api|l)/|logout|\.(ics|svg|png|pdf|csv|xlsx|txt|zip|json)$|/data$")


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime.combine(TODAY - timedelta(days=DAYS), time(8), UTC))


@pytest.fixture
async def lived_in(house: Running, clock: MovedClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """The house after the demo's year."""
    quick_hashes(monkeypatch)
    for number in range(DAYS + 1):
        day = TODAY - timedelta(days=DAYS - number)
        clock.move_to(datetime.combine(day, time(8), UTC))
        for service in installed():
            if service.demo is not None:
                await service.demo(house.contexts[service.name], day)
                await house.drain()
        clock.move_to(datetime.combine(day, time(16), UTC))
        await house.run_due()
        await house.drain()
    yield house


class Walk:
    """A walk from link to link: one page of each route, each looked at by day on a laptop and by night on a phone."""

    def __init__(self, address: str, start: str) -> None:
        self._address = address
        self._ahead = deque([start])
        self._patterns = [
            (route.path, re.compile(re.sub(r"\\{(\w+)(:[^}]*)?\\}", "[^/]+", re.escape(route.path)) + "$"))
            for service in (CHASSIS, *installed())
            for route in service.routes
            if route.method == "GET"
        ]
        self.seen: dict[str, str] = {}
        self.found: list[str] = []

    async def go(self, laptop: Page, phone: Page) -> None:
        while self._ahead:
            path = self._ahead.popleft()
            kind = self._kind(path)
            if kind is None or kind in self.seen:
                continue
            self.seen[kind] = path
            if await self._look(laptop, kind, path):
                await self._look(phone, kind, path)

    def _kind(self, path: str) -> str | None:
        bare = urlsplit(path).path
        if LEFT_ALONE.search(bare):
            return None
        return next((name for name, pattern in self._patterns if pattern.match(bare)), None)

    async def _look(self, page: Page, kind: str, path: str) -> bool:
        answer = await page.goto(f"{self._address}{path}")
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            return False
        if answer.status != 200:
            self.found.append(f"{path}: {answer.status}")
            return False
        await expect(page.locator(".htmx-request")).to_have_count(0)
        width = (page.viewport_size or {"width": 0})["width"]
        self.found += [f"{path} at {width}: {one}" for one in await axe(page)]
        if beyond := await sideways(page):
            self.found.append(f"{path} at {width}: {beyond} pixels too wide")
        await screenshot(page, re.sub(r"\W+", "-", kind.replace("{lang}", "")).strip("-") or "front")
        links = await page.eval_on_selector_all("a[href]", "links => links.map(one => one.href)")
        self._ahead.extend(one.removeprefix(self._address) for one in links if one.startswith(f"{self._address}/"))
        return True


async def test_every_page_can_be_used_by_everyone(lived_in: Running, open_page: OpenPage) -> None:
    async with TestServer(lived_in.app) as server:
        address = str(server.make_url("")).rstrip("/")
        guest, owner = Walk(address, "/nb"), Walk(address, f"/nb/console/{PROGRAMME}")
        await guest.go(await open_page(1280), await open_page(360, scheme="dark"))
        pages = await open_page(1280), await open_page(360, scheme="dark")
        programme = await access.find_programme(lived_in.contexts["identity"], PROGRAMME)
        assert programme is not None
        kari = await sign_in(lived_in, "kari", programme.id, Role.OWNER, operator=True)
        for page in pages:
            for name, value in kari.cookies.items():
                await page.context.add_cookies([{"name": name, "value": value, "url": address}])
        await owner.go(*pages)
    assert guest.found + owner.found == []
    assert len(owner.seen) > 10
