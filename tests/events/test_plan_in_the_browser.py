"""In Chromium: stands dragged by mouse and by finger, moved with the keys, written in the table; and how it looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Dialog, Locator, Page, expect

from tests.browser.harness import OpenPage, axe, browser, chromium, first_load, open_page, screenshot, sideways
from tests.events.conftest import STAND, Person, Village, published
from tests.events.test_plans import TWO, placed, plan

__all__ = ["browser", "chromium", "open_page"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LONG = {"names": {"nb": "Lysfjorden: gården som trenger folk", "en": "Lysfjorden: the farm that needs people"}}


@dataclass
class Hall:
    """An event with three stands behind a real address, one of them on the plan, and an organiser at a browser."""

    organiser: Person
    address: str
    event: dict[str, Any]
    stands: list[str] = field(default_factory=list)

    async def open(self, open_page: OpenPage, path: str = "", **given: Any) -> Page:
        page = await open_page(**given)
        name, _, value = self.organiser.headers["Cookie"].partition("=")
        await page.context.add_cookies([{"name": name, "value": value, "url": self.address}])
        await page.goto(self.address + (path or f"/en/console/blest/events/{self.event['event_id']}/stands/plan"))
        return page

    def drawn(self, page: Page, number: int = 0) -> Locator:
        return page.locator(f'[data-stand="{self.stands[number]}"]')

    async def written(self, page: Page, number: int = 0) -> tuple[str, str]:
        """Where the table says that a stand stands."""
        x, y = [await page.locator(f'[id="stands.{self.stands[number]}.{name}"]').input_value() for name in ("x", "y")]
        return x, y

    async def saved(self) -> dict[str, tuple[float | None, float | None]]:
        return placed(await self.organiser.asked("GET", f"events/{self.event['event_id']}/plan"))


@pytest.fixture
async def hall(village: Village, organiser: Person) -> AsyncIterator[Hall]:
    event, first, _ = await published(organiser)
    path = f"events/{event['event_id']}"
    others = [TWO, {**STAND, **LONG, "number": None}]
    stands = [first, *[await organiser.asked("POST", f"{path}/stands", one, 201) for one in others]]
    await organiser.asked("PUT", f"{path}/plan", plan((first["stand_id"], 1, 1)))
    async with TestServer(village.running.app) as server:
        yield Hall(organiser, str(server.make_url("")).rstrip("/"), event, [one["stand_id"] for one in stands])


async def middle(one: Locator) -> tuple[float, float]:
    box = await one.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def a_metre(page: Page) -> float:
    """In pixels of the screen."""
    scale: float = await page.evaluate("40 * document.querySelector('.events-hall').getScreenCTM().a")
    return scale


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def test_a_stand_is_dragged_with_the_mouse_and_lies_on_half_metres(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page)
    x, y = await middle(hall.drawn(page))
    metre = await a_metre(page)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 2 * metre, y + metre, steps=4)
    await page.mouse.move(x + 4.6 * metre, y + 2.1 * metre, steps=4)
    await page.mouse.up()
    assert await hall.written(page) == ("5.5", "3")
    await expect(page.get_by_role("status").last).to_have_text(
        "Stand A12 Møt oss: 5.5 m from the left, 3 m from the top"
    )
    await expect(hall.drawn(page)).to_be_focused()
    await save(page)
    assert (await hall.saved())["a12"] == (5.5, 3)


async def test_a_stand_is_dragged_with_a_finger_while_the_page_stays(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page, width=360, height=740, has_touch=True, is_mobile=True)
    await hall.drawn(page).scroll_into_view_if_needed()
    x, y = await middle(hall.drawn(page))
    metre = await a_metre(page)
    before = await page.evaluate("window.scrollY")
    fingers = await page.context.new_cdp_session(page)
    for kind, right, down in (
        ("touchStart", 0.0, 0.0), ("touchMove", 1.0, 2.0), ("touchMove", 3.0, 4.0), ("touchEnd", 3.0, 4.0),
    ):  # fmt: skip
        points = [] if kind == "touchEnd" else [{"x": x + right * metre, "y": y + down * metre}]
        await fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert await hall.written(page) == ("4", "5")
    assert await page.evaluate("window.scrollY") == before
    await save(page)
    assert (await hall.saved())["a12"] == (4, 5)


async def test_a_stand_is_moved_turned_and_taken_off_with_the_keys(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page)
    said = page.locator("#plan-says")
    await hall.drawn(page).focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Shift+ArrowDown")
    assert await hall.written(page) == ("1.5", "3")
    await expect(said).to_have_text("Stand A12 Møt oss: 1.5 m from the left, 3 m from the top")
    for _ in range(4):
        await page.keyboard.press("ArrowLeft")
    assert await hall.written(page) == ("0", "3"), "walls stop it"
    await page.keyboard.press("r")
    await expect(page.get_by_label("Stand A12 Møt oss – Turned")).to_be_checked()
    await save(page)
    assert (await hall.saved())["a12"] == (0, 3)
    await hall.drawn(page).focus()
    await page.keyboard.press("Delete")
    await expect(said).to_have_text("Stand A12 Møt oss is not on the plan any more.")
    assert await hall.written(page) == ("", "")
    await expect(hall.drawn(page)).to_be_hidden()
    await save(page)
    assert (await hall.saved())["a12"] == (None, None)


async def test_a_stand_that_waits_is_placed_by_its_button_and_told_of_in_each_other_s_way(
    hall: Hall, open_page: OpenPage
) -> None:
    page = await hall.open(open_page)
    await page.get_by_role("button", name="Stand B3 Jobb og bolig").click()
    assert await hall.written(page, 1) == ("5", "1")
    await expect(hall.drawn(page, 1)).to_be_focused()
    await page.keyboard.press("Shift+ArrowLeft")
    await expect(page.locator("#plan-says")).to_contain_text("It stands in the place of Stand A12 Møt oss.")
    await expect(page.locator("[data-wrong]")).to_have_count(2)
    assert await axe(page) == []
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text(
        "A12 Møt oss and B3 Jobb og bolig stand in each other's place"
    )
    await hall.drawn(page, 1).focus()
    await page.keyboard.press("Shift+ArrowRight")
    await save(page)
    assert await hall.saved() == {"a12": (1, 1), "b3": (5, 1), None: (None, None)}


async def test_whoever_leaves_before_saving_is_asked(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await hall.drawn(page).focus()
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("link", name="Description").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Stand plan")
    assert asked == ["beforeunload"]
    await save(page)
    await page.get_by_role("link", name="Description").click()
    await expect(page.get_by_role("heading", level=1)).not_to_contain_text("Stand plan")
    assert asked == ["beforeunload"]


async def test_what_the_table_says_the_drawing_shows(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page)
    label = "Stand A12 Møt oss – "
    await page.get_by_label(f"{label}From the left").fill("10")
    await page.get_by_label(f"{label}Width").fill("4")
    await page.get_by_label(f"{label}Number").fill("d7")
    await page.get_by_label("Width in metres").fill("40")
    one = hall.drawn(page)
    await expect(one).to_have_attribute("transform", "translate(400 40)")
    await expect(one.locator("rect")).to_have_attribute("width", "158")
    await expect(one).to_have_attribute("aria-label", "Stand D7 Møt oss: 10 m from the left, 1 m from the top")
    await expect(page.locator(".events-hall")).to_have_attribute("viewBox", "-2 -2 1604 484")
    await page.get_by_role("button", name="Place the others in rows").click()
    await expect(page.get_by_text("2 stands are placed in rows.")).to_be_visible()
    await save(page)
    assert await hall.saved() == {"d7": (10, 1), "b3": (1, 1), None: (5, 1)}


async def test_without_scripts_the_table_does_it_alone(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page, scripts=False)
    await expect(page.get_by_text("Drag a stand")).to_be_hidden()
    await page.get_by_label("Stand B3 Jobb og bolig – From the left").fill("8")
    await page.get_by_label("Stand B3 Jobb og bolig – From the top").fill("2.5")
    await save(page)
    assert (await hall.saved())["b3"] == (8, 2.5)
    await expect(page.get_by_role("img", name="Stand B3 Jobb og bolig: 8 m from the left")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "scheme", "lang"),
    [
        (320, "dark", "nl"),
        *(
            pytest.param(*one, marks=pytest.mark.all)
            for one in [(360, "light", "nb"), (1280, "light", "en"), (1280, "dark", "nn")]
        ),
    ],
)
async def test_the_plan_can_be_used_by_everyone(
    hall: Hall, open_page: OpenPage, width: int, scheme: str, lang: str
) -> None:
    spots = [(1, 1), (5, 1), (9, 4.5)]
    body = plan(*((stand, x, y) for stand, (x, y) in zip(hall.stands, spots, strict=True)))
    body["stands"][2] |= {"width": 4, "depth": 2.5, "turned": True}
    console = f"/{lang}/console/blest/events/{hall.event['event_id']}/stands/plan"
    for name, path in (("console", console), ("public", f"/{lang}/events/{hall.event['slug']}")):
        page = await hall.open(open_page, path, width=width, scheme=scheme)
        if name == "console":
            await screenshot(page, f"plan-empty-{scheme}")
            await hall.organiser.asked("PUT", f"events/{hall.event['event_id']}/plan", body)
            await page.reload()
        await expect(page.locator(".events-spot").first).to_be_visible()
        assert await axe(page) == []
        assert await sideways(page) == 0
        await screenshot(page, f"plan-{name}-{scheme}")
    link = page.get_by_role("link", name="Stand A12 M")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#stand-{hall.stands[0]}")).to_be_in_viewport()


async def test_a_fair_s_plan_weighs_little(hall: Hall, open_page: OpenPage) -> None:
    for number in range(60):
        stand = {**STAND, "number": f"x{number}"}
        made = await hall.organiser.asked("POST", f"events/{hall.event['event_id']}/stands", stand, 201)
        hall.stands.append(made["stand_id"])
    spots = [(one, (number % 10) * 4.0, number // 10 * 4.0) for number, one in enumerate(hall.stands)]
    body = plan(*spots, hall_width=60, hall_depth=40)
    await hall.organiser.asked("PUT", f"events/{hall.event['event_id']}/plan", body)
    page = await open_page()
    assert await first_load(page, f"{hall.address}/en/events/{hall.event['slug']}") < 100_000
    await expect(page.locator("a.events-spot")).to_have_count(len(hall.stands))
