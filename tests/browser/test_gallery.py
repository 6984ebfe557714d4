"""Every part of our pages, looked at in Chromium: in any width, by day and by night, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.harness import OpenPage, axe, first_load, screenshot, sideways

pytestmark = pytest.mark.browser

PAGES = {
    "public": "/nb/gallery/public",
    "form": "/nb/gallery/form",
    "bare": "/nb/gallery/bare",
    "console": "/nb/console/blest/campaigns",
    "home": "/nb/console/blest",
    "home-empty": "/nb/console/blest/empty",
    "my-programmes": "/nb/programmes-of-mine",
    "privacy": "/nb/privacy",
    "accessibility": "/nl/accessibility",
    "missing": "/nb/nowhere",
}
LARGEST_FIRST_LOAD = 100_000


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "light"),
        pytest.param(1280, "dark", marks=pytest.mark.all),
        pytest.param(320, "dark", marks=pytest.mark.all),
        pytest.param(320, "light", marks=pytest.mark.all),
        pytest.param(1280, "light", marks=pytest.mark.all),
    ],
)
async def test_every_part_can_be_used_by_everyone(address: str, open_page: OpenPage, width: int, scheme: str) -> None:
    page = await open_page(width=width, scheme=scheme)
    found = []
    for name, path in PAGES.items():
        await page.goto(f"{address}{path}")
        await expect(page.locator(".htmx-request")).to_have_count(0)
        found += [f"{name}: {one}" for one in await axe(page)]
        if await sideways(page):
            found.append(f"{name}: wider than {width} pixels")
        await screenshot(page, f"gallery-{name}-{scheme}")
    await page.goto(f"{address}{PAGES['form']}")
    await page.get_by_role("button", name="Bekreft").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    found += [f"form with errors: {one}" for one in await axe(page)]
    await screenshot(page, f"gallery-form-errors-{scheme}")
    assert found == []


async def test_the_judge_finds_what_is_wrong(address: str, page: Page) -> None:
    await page.goto(f"{address}{PAGES['bare']}")
    assert await axe(page) == []
    await page.evaluate("document.querySelector('main').append(new Image(40, 40))")
    (found,) = await axe(page)
    assert found.startswith("image-alt: ")


async def test_at_twice_the_size_nothing_is_lost(address: str, open_page: OpenPage) -> None:
    page = await open_page(width=640, device_scale_factor=2)
    for path in PAGES.values():
        await page.goto(f"{address}{path}")
        assert await sideways(page) == 0, path


async def test_a_first_visit_is_light(address: str, page: Page) -> None:
    assert await first_load(page, f"{address}{PAGES['public']}") < LARGEST_FIRST_LOAD


async def test_without_scripts_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    address: str, open_page: OpenPage
) -> None:
    page = await open_page(scripts=False)
    await page.goto(f"{address}{PAGES['form']}")
    await page.get_by_label("E-post").fill("anke@")
    await page.get_by_label("Navn").fill("<Anke>")
    await page.get_by_role("button", name="Bekreft").click()
    assert await page.title() == "Feil: Bestill en tid – Blest"
    await expect(page.get_by_label("Navn")).to_have_value("<Anke>")
    await page.get_by_role("link", name="E-post: Skriv en e-postadresse").click()
    await expect(page.get_by_label("E-post")).to_be_focused()


async def test_what_was_done_is_said_once(address: str, open_page: OpenPage) -> None:
    page = await open_page(scripts=False)
    await page.goto(f"{address}{PAGES['form']}")
    await page.get_by_label("10:15–10:30").check()
    await page.get_by_label("E-post").fill("anke@example.org")
    await page.get_by_label("Voksne").fill("2")
    await page.get_by_label("Språk").select_option("nl")
    await page.get_by_role("button", name="Bekreft").click()
    await expect(page.get_by_role("status")).to_have_text("Plassen er din, <Anke> & co.")
    await page.reload()
    await expect(page.get_by_role("status")).to_have_count(0)


async def test_panels_come_from_their_services_and_are_links_without_scripts(address: str, open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto(f"{address}{PAGES['home']}")
    await expect(page.get_by_text("84 husstander er ventet")).to_be_visible()
    broken = page.get_by_role("region", name="Feil")
    await expect(broken.get_by_role("alert")).to_contain_text("Dette går ikke nå")
    await expect(broken.get_by_role("banner")).to_have_count(0)

    page = await open_page(scripts=False)
    await page.goto(f"{address}{PAGES['home']}")
    await page.get_by_role("link", name="Åpne I dag").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("I dag")


async def test_the_keyboard_reaches_the_content_first_and_everything_after(address: str, page: Page) -> None:
    await page.goto(f"{address}{PAGES['console']}")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Hopp til innholdet")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("main").get_by_role("link", name="Kampanjer")).to_be_focused()
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 2


async def test_every_target_is_large_enough_for_a_thumb(address: str, open_page: OpenPage) -> None:
    """WCAG 2.5.8 asks for 24 pixels, or room around; we give buttons and inputs 40."""
    page = await open_page(width=360)
    for name in ("form", "console", "bare"):
        await page.goto(f"{address}{PAGES[name]}")
        boxes = await page.locator("main :is(button, .ds-button, select, textarea, input[type=text])").all()
        for one in boxes:
            box = await one.bounding_box()
            assert box is None or box["height"] >= 40, await one.evaluate("node => node.outerHTML")


async def test_another_language_is_the_same_page(address: str, page: Page) -> None:
    await page.goto(f"{address}{PAGES['privacy']}?q=1")
    await page.get_by_text("Bokmål").first.click()
    await page.get_by_role("link", name="English").click()
    assert page.url == f"{address}/en/privacy?q=1"
    assert await page.locator("html").get_attribute("lang") == "en"
