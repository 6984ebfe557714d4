"""In Chromium: the check-in's camera and its queue, and how our pages look and read on a phone and a laptop."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from events.facts import SlotOpened, StandChanged
from registrations.commands import rules
from registrations.commands.leads import Conversation, note_lead
from registrations.domain.applications import Application, Person
from registrations.domain.asking import Cancel
from registrations.domain.household import Household
from registrations.domain.questions import Kind
from registrations.domain.records import EventRules, LinePolicy
from registrations.facts import Cause, Interest
from services.pages.qr import qr_svg
from services.routes import Role
from tests.browser.harness import OpenPage, axe, browser, chromium, open_page, screenshot, sideways
from tests.registrations.asked import BED, PHOTOS, PITCH, SIGHTS, after, ask_for, question
from tests.registrations.desks import Desk

__all__ = ["browser", "chromium", "open_page"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HOME = "/en/console/havlandet"


@dataclass
class Hall:
    """The service behind a real address, with a fair of two stands, a few families, and somebody signed in."""

    desk: Desk
    address: str
    stand: StandChanged
    slots: list[SlotOpened]
    families: list[Application]

    async def open(self, open_page: OpenPage, path: str, role: Role | None = None, width: int = 1280) -> Page:
        page = await open_page(width=width)
        if role is not None:
            person = await self.desk.sign_in(role)
            cookies = [{"name": name, "value": value, "url": self.address} for name, value in person.cookies.items()]
            await page.context.add_cookies(cookies)  # type: ignore[arg-type]
        await page.goto(f"{self.address}{path}")
        return page

    def ticket(self, number: int) -> str:
        return self.desk.world.keys.token("ticket", self.families[number].booking_id)


@pytest.fixture
async def hall(desk: Desk) -> AsyncIterator[Hall]:
    world = desk.world
    event = world.event("fair", days=0.2, venue={"name": "Beurshal", "address": "Havenweg 12, Utrecht"})
    stand, other = (
        world.stand(event),
        world.stand(event, exhibitor="Storskjær", names={"nb": "Jobb og bolig", "en": "Work and homes"}),
    )
    slots = [world.slot(stand, capacity, days=0.2 + number / 48) for number, capacity in enumerate((2, 1, 5, 3))]
    await world.programme(contact="post@havlandet.example")
    await world.hear(event, stand, other, *slots, world.slot(other, 4, days=1.2))
    names = ("Sanne de Vries", "Ola Nordmann", "Åse Øien", "Jeroen van den Berg-Zijlstra")
    families = [
        world.household(
            slots[min(number, 1)],
            person=Person(name, f"{uuid4().hex[:8]}@example.org", "nl"),
            household=Household(2, children_3_5=1, children_6_12=number),
            lives_in="Utrecht",
            moving="this_year",
        )
        for number, name in enumerate(names)
    ]
    await world.decide(*families)
    async with TestServer(desk.running.app) as server:
        yield Hall(desk, str(server.make_url("")).rstrip("/"), stand, slots, families)


async def scans(hall: Hall) -> list[tuple[str, bool]]:
    rows = await hall.desk.world.rows("SELECT verdict, offline FROM check_ins ORDER BY received_at, id")
    return [(row["verdict"], row["offline"]) for row in rows]


# The door -----------------------------------------------------------------------------------------------------------


async def test_scans_without_a_network_wait_in_the_device_and_are_sent_once(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page, f"{HOME}/check-in/fair", Role.CHECK_IN)
    await page.context.set_offline(True)
    for number in (0, 1):
        await page.fill("#text", hall.ticket(number))
        await page.keyboard.press("Enter")
        await expect(page.locator(".light")).to_have_attribute("data-light", "amber")
        await expect(page.locator("#queue")).to_contain_text(str(number + 1))
    assert await scans(hall) == []
    await page.context.set_offline(False)
    await expect(page.locator("#queue")).to_be_hidden(timeout=15_000)
    assert await scans(hall) == [("admitted", True), ("admitted", True)]


async def test_what_was_scanned_offline_and_is_not_valid_is_told_later(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page, f"{HOME}/check-in/fair", Role.CHECK_IN)
    await hall.desk.world.decide(Cancel(hall.families[0].booking_id, Cause.VISITOR))
    await page.context.set_offline(True)
    await page.fill("#text", hall.ticket(0))
    await page.keyboard.press("Enter")
    await expect(page.locator("#queue")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.locator("#later li")).to_contain_text("Sanne de Vries", timeout=15_000)


async def test_a_hand_scanner_types_and_the_answer_comes_without_a_new_page(hall: Hall, open_page: OpenPage) -> None:
    page = await hall.open(open_page, f"{HOME}/check-in/fair", Role.CHECK_IN)
    await page.evaluate("window.stayed = true")
    await page.type("#text", f"{hall.address}/t/{hall.ticket(0)}\n")
    await expect(page.locator(".light")).to_have_attribute("data-light", "green")
    await expect(page.locator(".light")).to_contain_text("Sanne de Vries")
    await page.get_by_role("button", name="Take it back").click()
    await expect(page.locator(".light h2")).to_have_text("Taken back")
    assert await page.evaluate("window.stayed") is True
    assert {verdict for verdict, _ in await scans(hall)} == {"admitted", "undone"}


async def test_a_group_that_was_scanned_is_counted_without_a_new_page(hall: Hall, open_page: OpenPage) -> None:
    world = hall.desk.world
    party = Household(2, children_6_12=10)
    school = world.household(hall.slots[2], household=party, group_name="7B Skjervøy skole", by_staff=True)
    await world.decide(school)
    page = await hall.open(open_page, f"{HOME}/check-in/fair", Role.CHECK_IN)
    await page.type("#text", f"{hall.address}/t/{world.keys.token('ticket', school.booking_id)}\n")
    await expect(page.locator(".light")).to_contain_text("(7B Skjervøy skole)")
    counter = page.get_by_label("How many of the group came")
    await expect(counter).to_have_value("12")
    await counter.fill("7")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#result")).to_contain_text("Saved.")
    assert await world.rows("SELECT came FROM bookings WHERE is_group") == [{"came": 7}]


async def test_the_camera_reads_a_ticket(hall: Hall, open_page: OpenPage) -> None:
    """The camera is a canvas that shows the ticket's code; what reads it is what phones without a reader use."""
    page = await hall.open(open_page, f"{HOME}/check-in/fair", Role.CHECK_IN)
    drawing = str(qr_svg(f"{hall.address}/t/{hall.ticket(0)}")).replace("<svg ", '<svg width="400" height="400" ')
    await page.evaluate(
        """async drawing => {
            const picture = new Image();
            picture.src = "data:image/svg+xml;base64," + btoa(drawing);
            await picture.decode();
            const canvas = Object.assign(document.createElement("canvas"), {width: 480, height: 480});
            const draw = () => {
                canvas.getContext("2d").fillStyle = "#fff";
                canvas.getContext("2d").fillRect(0, 0, 480, 480);
                canvas.getContext("2d").drawImage(picture, 40, 40);
            };
            setInterval(draw, 50);
            draw();
            delete window.BarcodeDetector;
            const camera = {getUserMedia: async () => canvas.captureStream(20)};
            Object.defineProperty(navigator, "mediaDevices", {value: camera});
        }""",
        drawing,
    )
    await page.locator("#camera-button").evaluate("button => { button.hidden = false; button.click(); }")
    await expect(page.locator(".light")).to_have_attribute("data-light", "green", timeout=30_000)
    assert await scans(hall) == [("admitted", False)], "the same code before the lens is one scan"


# How they look ------------------------------------------------------------------------------------------------------


async def test_every_page_reads_well_on_a_phone_and_a_laptop(hall: Hall, open_page: OpenPage) -> None:
    world = hall.desk.world
    async with world.database.transaction(world.programme_id) as tx:
        said = Conversation(Interest.HOT, ("farm",), "A farm by the sea", "Send the list", "Call", tx.moment.date())
        lead_id = await note_lead(tx, hall.families[0].booking_id, said, consent_language="nl", noted_by=None)
    waiting = hall.families[3].booking_id
    pages = [
        ("register", f"/en/register/fair?stand={hall.stand.stand_id}", None),
        ("register-stands", "/en/register/fair", None),
        ("receipt", f"/en/receipt?event=fair&place={hall.slots[0].slot_id}", None),
        ("my-booking-door", f"/en/my-booking/{world.keys.token('booking', waiting)}", None),
        ("my-booking-closed", "/en/my-booking", None),
        ("ticket", f"/t/{hall.ticket(0)}", None),
        ("interest", "/en/interest/havlandet", None),
        ("attendee-events", f"{HOME}/attendees", Role.ORGANISER),
        ("attendees", f"{HOME}/attendees/fair?state=waiting", Role.ORGANISER),
        ("attendee", f"{HOME}/attendees/fair/{waiting}", Role.ORGANISER),
        ("capacity", f"{HOME}/attendees/fair/places", Role.ORGANISER),
        ("door", f"{HOME}/check-in/fair", Role.ORGANISER),
        ("stands", f"{HOME}/stands", Role.ORGANISER),
        ("stand", f"{HOME}/stands/{hall.stand.stand_id}", Role.ORGANISER),
        ("lead-new", f"{HOME}/leads/new?booking={hall.families[1].booking_id}", Role.ORGANISER),
        ("lead", f"{HOME}/leads/{lead_id}", Role.ORGANISER),
        ("leads", f"{HOME}/leads", Role.ORGANISER),
        ("outcomes", f"{HOME}/outcomes", Role.ORGANISER),
    ]
    page = await hall.open(open_page, "/en/my-booking", Role.ORGANISER)
    found: list[str] = []
    for name, path, _role in pages:
        await page.goto(f"{hall.address}{path}")
        await _judge(page, f"registrations-{name}", found)
    await _my_bookings(hall, page, found)
    assert found == []


async def test_the_form_where_lots_decide_fits_a_phone_and_keeps_no_time(hall: Hall, open_page: OpenPage) -> None:
    world = hall.desk.world
    async with world.database.transaction(world.programme_id) as tx:
        await rules.set_rules(tx, hall.slots[0].event_id, EventRules(draw_at=world.moment(0.1)))
    page = await hall.open(open_page, f"/en/register/fair?stand={hall.stand.stand_id}", Role.ORGANISER)
    found: list[str] = []
    await _judge(page, "registrations-lottery", found)
    await page.locator("label[for=place]").click()
    await expect(page.locator("input[name=place]").first).to_be_checked()
    await expect(page.get_by_role("button", name="Take part in the draw")).to_be_visible()
    assert await world.rows("SELECT 1 FROM holds") == []
    await page.goto(f"{hall.address}{HOME}/attendees/fair/places")
    await _judge(page, "registrations-lottery-rules", found)
    assert found == []


async def _my_bookings(hall: Hall, page: Page, found: list[str]) -> None:
    """A booking with its ticket, one that waits, one that was offered a place; what another tab is told; and what is
    left once the deadlines are over."""
    world = hall.desk.world
    async with world.database.transaction(world.programme_id) as tx:
        await rules.set_rules(tx, hall.slots[0].event_id, EventRules(LinePolicy.OFFER))
    for number, name in ((0, "confirmed"), (3, "waiting"), (2, "offered")):
        if name == "offered":
            await world.decide(Cancel(hall.families[1].booking_id, Cause.VISITOR))
        token = world.keys.token("booking", hall.families[number].booking_id)
        await page.goto(f"{hall.address}/en/my-booking/{token}")
        await page.get_by_role("button", name="Open my booking").click()
        await expect(page).to_have_url(re.compile("/en/my-booking$"))
        await _judge(page, f"registrations-my-booking-{name}", found)
    other = await page.context.new_page()
    await other.goto(f"{hall.address}/en/my-booking/{world.keys.token('booking', hall.families[0].booking_id)}")
    await other.get_by_role("button", name="Open my booking").click()
    await page.get_by_role("button", name="Yes, we come").click()
    await expect(page.get_by_role("button", name="Send it once more")).to_be_visible()
    await _judge(page, "registrations-my-booking-another", found)
    async with world.database.transaction(world.programme_id) as tx:
        late = timedelta(days=60)
        await rules.set_rules(tx, hall.slots[0].event_id, EventRules(change_until=late, cancel_until=late))
    await other.reload()
    await expect(other.get_by_text("You could cancel until")).to_be_visible()
    await _judge(other, "registrations-my-booking-late", found)


async def _judge(page: Page, name: str, found: list[str]) -> None:
    for width in (360, 1280):
        await screenshot(page, name, width)
        if wide := await sideways(page):
            found.append(f"{name} at {width}: {wide} px sideways")
        if width == 360:  # tests/browser/test_every_page.py judges at every width
            found.extend(f"{name}: {one}" for one in await axe(page))


# Questions ------------------------------------------------------------------------------------------------------------


async def test_questions_that_do_not_apply_are_hidden_and_are_all_there_without_scripts(
    hall: Hall, open_page: OpenPage
) -> None:
    world = hall.desk.world
    chained = question(Kind.TEXT, "Which crops?", longest=900, **after(SIGHTS, "farm"))
    if_agreed = question(Kind.DATE, "When may we come by?", **after(PHOTOS, "yes"))
    await ask_for(world, hall.slots[0].event_id, BED, PITCH, SIGHTS, chained, PHOTOS, if_agreed)
    address = f"/en/register/fair?stand={hall.stand.stand_id}"
    page = await hall.open(open_page, address)
    tent, crops = page.get_by_label(PITCH.labels["en"]), page.get_by_label("Which crops?")
    day = page.get_by_label("When may we come by?")
    for hidden in (tent, crops, day):
        await expect(hidden).to_be_hidden()
    await page.get_by_label("Tent", exact=True).check()
    await page.get_by_label("Farm", exact=True).check()
    await page.get_by_label(PHOTOS.labels["en"]).check()
    for shown in (tent, crops, day):
        await expect(shown).to_be_visible()
    await tent.fill("12")
    await page.get_by_label("Hotel", exact=True).check()
    await expect(tent).to_be_hidden()
    await page.get_by_label("Tent", exact=True).check()
    await expect(tent).to_have_value("12")
    found: list[str] = []
    await _judge(page, "registrations-register-questions", found)
    plain = await open_page(width=360, scripts=False)
    await plain.goto(f"{hall.address}{address}")
    await expect(plain.get_by_label(PITCH.labels["en"])).to_be_visible()
    await expect(plain.get_by_text("Only if you answered Tent to “Where do you sleep?”")).to_be_visible()
    await screenshot(plain, "registrations-register-questions-plain", 360)
    await plain.get_by_role("button", name="Book", exact=True).click()
    await screenshot(plain, "registrations-register-questions-wrong", 360)
    console = await hall.open(open_page, f"{HOME}/attendees/fair/questions", Role.ORGANISER)
    await _judge(console, "registrations-questions", found)
    for name, question_id in (("choice", BED.id), ("depending", PITCH.id)):
        await console.goto(f"{hall.address}{HOME}/attendees/fair/questions/{question_id}")
        await _judge(console, f"registrations-question-{name}", found)
    assert found == []
