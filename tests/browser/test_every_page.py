"""Walks through the whole house as people do, from link to link, and looks at each kind of page once.

As a guest from the front page, as an owner from the console's home; in a house where the demo's year was played, in
each language and at each width. What a walk does not reach (links in mails, what follows a form) is looked at by the
journeys.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from services.chassis import CHASSIS
from services.clock import MovedClock
from services.identity import access
from services.pages.languages import LANGUAGES
from services.process import Running
from services.registry import installed
from services.routes import Role
from tests.browser.harness import OpenPage, axe, screenshot, sideways
from tests.house.people import quick_hashes, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.all, pytest.mark.timeout(3600)]

TODAY = date(2026, 11, 23)
DAYS = 365
PROGRAMME = "blest-i-havlandet"
WIDTHS = {320: "dark", 360: "dark", 768: "light", 1280: "light"}
"""Pixels, and whether by night or by day. 320 is what WCAG 1.4.10 asks for, of a laptop's page too, made 400 %."""
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
    """A walk from link to link in one language: one page of each route, each looked at in every one of the `pages`."""

    def __init__(self, address: str, lang: str, start: str) -> None:
        self._address = address
        self._lang = lang
        self._ahead = deque([f"/{lang}{start}"])
        self._patterns = [
            (route.path, re.compile(re.sub(r"\\{(\w+)(:[^}]*)?\\}", "[^/]+", re.escape(route.path)) + "$"))
            for service in (CHASSIS, *installed())
            for route in service.routes
            if route.method == "GET"
        ]
        self.seen: dict[str, str] = {}
        self.found: list[str] = []

    async def go(self, pages: Sequence[Page]) -> None:
        while self._ahead:
            path = self._ahead.popleft()
            kind = self._kind(path)
            if kind is None or kind in self.seen:
                continue
            self.seen[kind] = path
            for page in pages:
                if not await self._look(page, kind, path):
                    break

    def _kind(self, path: str) -> str | None:
        bare = urlsplit(path).path
        if LEFT_ALONE.search(bare):
            return None
        if bare.split("/")[1] in LANGUAGES and bare.split("/")[1] != self._lang:
            return None  # the way to the same page in another language, which has a walk of its own
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
        if (spoken := await page.locator("html").get_attribute("lang")) != self._lang:
            self.found.append(f"{path} at {width}: speaks {spoken}")
        name = re.sub(r"\W+", "-", kind.replace("{lang}", "")).strip("-") or "front"
        await screenshot(page, name if self._lang == "nb" else f"{name}-{self._lang}")
        # Not `href`: that of a link in a drawing is no text.
        links = await page.eval_on_selector_all(
            "a[href]", "links => links.map(one => new URL(one.getAttribute('href'), document.baseURI).href)"
        )
        self._ahead.extend(one.removeprefix(self._address) for one in links if one.startswith(f"{self._address}/"))
        return True


async def test_every_page_can_be_used_by_everyone(lived_in: Running, open_page: OpenPage) -> None:
    programme = await access.find_programme(lived_in.contexts["identity"], PROGRAMME)
    assert programme is not None
    kari = await sign_in(lived_in, "kari", programme.id, Role.OWNER, operator=True)
    walks: list[Walk] = []
    async with TestServer(lived_in.app) as server:
        address = str(server.make_url("")).rstrip("/")
        # A house for all languages: the demo's year takes longer than the walks.
        for lang in LANGUAGES:
            guest, owner = Walk(address, lang, ""), Walk(address, lang, f"/console/{PROGRAMME}")
            pages = [await open_page(width, scheme=scheme) for width, scheme in WIDTHS.items()]
            await guest.go(pages)
            for page in pages:
                for name, value in kari.cookies.items():
                    await page.context.add_cookies([{"name": name, "value": value, "url": address}])
            await owner.go(pages)
            for page in pages:
                await page.close()
            walks += guest, owner
            assert len(guest.seen) > 5, lang
            assert len(owner.seen) > 10, lang
    found = [one for walk in walks for one in walk.found]
    assert not found, "\n".join(found)
