"""What a campaign's figures lead to, as people see it: the lists, the report, and the page that a shared link opens."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import expect

from services.clock import MovedClock
from services.process import Running
from services.routes import Role
from tests.browser.harness import OpenPage, axe, screenshot, sideways
from tests.campaigns.desk import Desk, hear_of_the_programme
from tests.campaigns.test_report import filled
from tests.house.people import found_programme, quick_hashes, sign_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [pytest.param(1280, "light", marks=pytest.mark.all), (320, "dark")])
async def test_a_campaigns_figures_can_be_read_by_everyone(
    house: Running, clock: MovedClock, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
) -> None:
    quick_hashes(monkeypatch)
    programme_id = await found_programme(house, "havlandet")
    await hear_of_the_programme(house.contexts["campaigns"], programme_id, clock)
    mia = await sign_in(house, "mia", programme_id, Role.MARKETING, Role.ORGANISER)
    async with TestServer(house.app) as server, TestClient(server) as client:
        address = str(server.make_url("")).rstrip("/")
        campaign = await filled(Desk(house, client, mia, programme_id), clock)
        page = await open_page(width, scheme=scheme)
        await page.context.add_cookies([{"name": n, "value": v, "url": address} for n, v in mia.cookies.items()])
        home = f"{address}/nb/console/havlandet/campaigns/{campaign}"
        await page.goto(f"{home}/report")
        await page.get_by_role("button", name="Lag en lenke").click()
        await page.get_by_text("Trekk lenken tilbake").click()
        shared = await page.locator(".address a").get_attribute("href")
        assert shared is not None
        found = []
        looks = {
            "campaign-report": "",
            "campaign": home,
            "campaign-visits": f"{home}/counted/human",
            "campaign-registrations": f"{home}/counted/registrations",
            "campaign-without-link": f"{home.rpartition('/')[0]}/without-link/registrations",
            "campaign-nobody": f"{home}/counted/moved?after=",
            "campaign-shared": f"{address}{shared[shared.index('/nb/') :]}",
        }
        for name, path in looks.items():
            if path:
                await page.goto(path)
            await screenshot(page, name)
            found += [f"{name}: {one}" for one in await axe(page)]
            if beyond := await sideways(page):
                found.append(f"{name}: {beyond} pixels too wide")
        assert found == []


@pytest.mark.parametrize(("width", "scheme"), [pytest.param(1280, "light", marks=pytest.mark.all), (320, "dark")])
async def test_a_placement_is_printed_by_everyone(
    house: Running, clock: MovedClock, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
) -> None:
    quick_hashes(monkeypatch)
    programme_id = await found_programme(house, "havlandet")
    await hear_of_the_programme(house.contexts["campaigns"], programme_id, clock)
    mia = await sign_in(house, "mia", programme_id, Role.MARKETING)
    async with TestServer(house.app) as server, TestClient(server) as client:
        address = str(server.make_url("")).rstrip("/")
        desk = Desk(house, client, mia, programme_id)
        placement = (await desk.placement(await desk.campaign()))["id"]
        page = await open_page(width, scheme=scheme)
        await page.context.add_cookies([{"name": n, "value": v, "url": address} for n, v in mia.cookies.items()])
        await page.goto(f"{address}/nb/console/havlandet/placements/{placement}")
        await page.get_by_role("link", name="Plakat, flyer og etiketter").click()
        await page.get_by_label("Bordskilt, A4").check()
        await page.get_by_role("button", name="Vis").click()
        await page.get_by_label("Et trykkeri").check()
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Last ned PDF").click()
        assert (await saved.value).suggested_filename.endswith("-sign-a4-nl-shop.pdf"), "what is chosen, shown or not"
        await page.get_by_label("Overskrift – Bokmål").fill("Kom og bo her")
        await page.get_by_role("button", name="Lagre tekstene").click()
        assert await page.get_by_label("Bordskilt, A4").is_checked()
        picture = page.get_by_role("img", name="Bordskilt, A4, med overskriften")
        await expect(picture).to_have_js_property("naturalWidth", 620)
        await screenshot(page, "placement-print")
        found = [*await axe(page)]
        if beyond := await sideways(page):
            found.append(f"{beyond} pixels too wide")
        assert found == []
