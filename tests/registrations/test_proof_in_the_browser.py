"""In Chromium: the sums of a rush are done beside the page, and who has no scripts is shown the other way."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from registrations.commands import guarding
from registrations.domain import proof
from services.settings import Settings
from tests.browser.harness import OpenPage, axe, browser, chromium, open_page, screenshot, sideways
from tests.registrations.conftest import PROGRAMME
from tests.registrations.desks import Desk

__all__ = ["browser", "chromium", "open_page"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"attack": 5})


async def rush(desk: Desk, times: int = 6) -> None:
    event = desk.world.event("fair", households=9)
    await desk.world.hear(event)
    for _ in range(times):
        try:
            await guarding.admit(desk.running.contexts["registrations"], PROGRAMME, event.event_id, uuid4(), "")
        except guarding.Unproved:
            continue


async def test_a_browser_does_the_sums_while_the_form_is_filled_in_and_the_booking_counts(
    desk: Desk, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With as many zeros as there ever are, and pressed at once: the form goes by itself when they are done."""
    monkeypatch.setattr(proof, "EASIEST", proof.HARDEST)
    await rush(desk)
    async with TestServer(desk.running.app) as server:
        page = await open_page(width=360)
        await page.goto(str(server.make_url("/en/register/fair")))
        await expect(page.locator(".proof [data-without]")).to_be_hidden()
        for width in (360, 1280):
            await screenshot(page, "registrations-register-rush", width)
            assert await sideways(page) == 0
            assert await axe(page) == []
        await page.reload()
        await page.fill("#name", "Sanne de Vries")
        await page.fill("#email", "sanne@example.org")
        await expect(page.locator("#website")).to_be_hidden()
        await page.get_by_role("button", name="Book", exact=True).click()
        await expect(page).to_have_url(re.compile("/receipt"), timeout=30_000)
    assert len(await desk.world.rows("SELECT 1 FROM bookings")) == 1
    assert await desk.world.rows("SELECT booked FROM spent_proofs WHERE booked") == [{"booked": True}]


async def test_without_scripts_the_form_says_how_else(desk: Desk, open_page: OpenPage) -> None:
    await rush(desk)
    async with TestServer(desk.running.app) as server:
        page = await open_page(width=360)
        await page.route(re.compile(r"/static/.*\.js"), lambda route: route.abort())
        await page.goto(str(server.make_url("/en/register/fair")))
        await page.fill("#name", "Sanne de Vries")
        await page.fill("#email", "sanne@example.org")
        await screenshot(page, "registrations-register-rush-plain", 360)
        await page.get_by_role("button", name="Book by mail").click()
        await expect(page).to_have_url(re.compile("first=mail"))
    assert await desk.world.rows("SELECT status, awaits FROM bookings") == [{"status": "waiting", "awaits": "address"}]
