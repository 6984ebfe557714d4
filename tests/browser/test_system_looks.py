"""The system page as operators see it, with nothing to tell and with much: on a laptop, on a phone, without scripts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page

from services.clock import MovedClock
from services.database import Transaction
from services.process import Running
from services.service import Check
from tests.browser.harness import OpenPage, axe, screenshot, sideways
from tests.house.people import found_programme, quick_hashes, sign_in
from tests.house.test_system_page import Village
from tests.messaging.village import moved

pytestmark = pytest.mark.browser


async def looked_at(page: Page, address: str, name: str) -> list[str]:
    found = []
    for path in ("/en/system", "/en/system/notifications"):
        await page.goto(f"{address}{path}")
        await screenshot(page, f"{name}{path.replace('/', '-')}")
        found += await axe(page)
        if beyond := await sideways(page):
            found.append(f"{path}: {beyond} pixels too wide")
    return found


@pytest.mark.parametrize(("width", "scheme"), [pytest.param(1280, "light", marks=pytest.mark.all), (360, "dark")])
async def test_the_system_page_can_be_used_by_everyone(
    house: Running, clock: MovedClock, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
) -> None:
    async def three(tx: Transaction) -> int:
        return 3

    quick_hashes(monkeypatch)
    drift = await sign_in(house, "drift", None, operator=True)
    async with TestServer(house.app) as server:
        address = str(server.make_url("")).rstrip("/")
        page = await open_page(width, scheme=scheme, scripts=True)
        await page.context.add_cookies([{"name": n, "value": v, "url": address} for n, v in drift.cookies.items()])
        assert await looked_at(page, address, "well") == []
        programme = await found_programme(house, "havlandet")
        context = house.contexts["notifications"]
        await Village(context).give_up(moved(clock.now(), place=3, programme=programme))
        context.service = replace(context.service, checks=(Check("roofs", "Every house has a roof.", three),))
        assert await looked_at(page, address, "ill") == []
        await page.goto(f"{address}/en/system")
        await page.get_by_role("button", name="Hand in again").click()
        assert await page.get_by_text("It failed again").is_visible()


async def test_a_table_wider_than_its_page_is_reached_by_keyboard(
    house: Running, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_hashes(monkeypatch)
    drift = await sign_in(house, "drift", None, operator=True)
    async with TestServer(house.app) as server:
        address = str(server.make_url("")).rstrip("/")
        page = await open_page(768)
        await page.context.add_cookies([{"name": n, "value": v, "url": address} for n, v in drift.cookies.items()])
        await page.goto(f"{address}/nl/system/identity")
        frame = page.locator(".table-frame").first
        assert await frame.evaluate("one => one.scrollWidth > one.clientWidth"), "nothing to scroll: choose a wider one"
        assert await axe(page) == []
        await frame.focus()
        assert await frame.evaluate("one => one === document.activeElement")
