"""Two bookings opened in one browser: what one tab shows is never done to what another tab opened since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from registrations.domain.applications import Application, Person
from registrations.domain.household import Household
from registrations.pages.routes import MINE, PAGES
from services.routes import Route
from tests.registrations.desks import OURS, Desk, Page
from tests.registrations.test_my_booking import booked, enter, fair

DOOR = f"{MINE}/{{token}}"
OWN = [one for one in PAGES if one.path.startswith(f"{MINE}/") and one.path != DOOR]
FORMS = [one for one in OWN if one.method == "POST"]
FILES = [one for one in OWN if one.method == "GET"]
ENTERED = {
    "adults": "5",
    "answer": "no",
    "choice": "00000000-0000-0000-0000-000000000007",
    "email": "kari@example.org",
    "language": "nl",
    "name": "Kari Nordmann",
    "news": "on",
    "sure": "on",
}
"""What any form of the page could take, all at once."""
KEPT = ("bookings", "people.visitors", "people.households", "people.consents", "hand_overs")
ANOTHER = "Another booking is open in this browser now"


def address(route: Route) -> str:
    return route.path.replace("{lang}", "en")


async def everything(desk: Desk) -> dict[str, Any]:
    return {table: await desk.world.rows(f"SELECT t::text FROM {table} t ORDER BY 1") for table in KEPT}


async def two(desk: Desk) -> tuple[Application, Page, Application, Page, Mapping[str, str]]:
    """The page of one family, then that of another in the same browser; and what is entered on the first."""
    first, second, free = await fair(desk, 1, 1, 1)
    ours = await booked(desk, first)
    theirs = await booked(desk, second, person=Person("Ola Nordmann", "ola@example.org", "en"))
    mine, other = await enter(desk, ours.booking_id), await enter(desk, theirs.booking_id)
    return ours, mine, theirs, other, {**ENTERED, "place": str(free.slot_id)}


def test_there_is_something_to_walk() -> None:
    assert len(FORMS) > 9 and len(FILES) > 2


@pytest.mark.parametrize("route", FORMS, ids=lambda one: one.path.removeprefix(f"{MINE}/"))
async def test_a_form_of_one_booking_changes_nothing_while_another_is_open(desk: Desk, route: Route) -> None:
    _, mine, _, other, entered = await two(desk)
    before = await everything(desk)
    for stale in (mine.made_for, "", "ĉ"):
        refused = await desk.send(address(route), {**entered, "made_for": stale})
        assert refused.status == 409 and refused.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in refused.headers, "what is open stays open"
        assert (ANOTHER in refused.text) == bool(stale)
    assert (await desk.send(address(route), entered)).status == 409, "as pages sent that were opened before the upgrade"
    assert await everything(desk) == before
    sent = await desk.send(address(route), {**entered, "made_for": other.made_for})
    assert sent.status in {200, 303, 409, 422} and ANOTHER not in sent.text, "it is the mark alone that was in the way"


@pytest.mark.parametrize("route", FILES, ids=lambda one: one.path.removeprefix(f"{MINE}/"))
async def test_a_file_of_one_booking_is_not_that_of_another(desk: Desk, route: Route) -> None:
    _, mine, _, other, _ = await two(desk)
    links = [re.search(rf'href="({address(route)}[^"]*)"', page.text) for page in (mine, other)]
    stale, right = (link[1] for link in links if link)
    refused = await desk.get(stale)
    assert refused.status == 409 and ANOTHER in refused.text and "Ola" not in refused.text
    assert (await desk.get(address(route))).status == 409
    answered = await desk.client.get(right, allow_redirects=False)
    assert answered.status == 200 and "attachment" in answered.headers["Content-Disposition"]


async def test_what_was_entered_waits_until_its_booking_is_open_again(desk: Desk) -> None:
    ours, mine, theirs, _, _ = await two(desk)
    refused = await desk.fill_in(mine, "/household", adults=3, children_6_12=["2"])
    assert refused.status == 409 and "open it again by the link in its mail" in refused.text
    again = await desk.fill_in(refused, "/household")
    assert again.status == 409, "the other one is open still"
    await enter(desk, ours.booking_id)
    saved = await desk.fill_in(again, "/household", follow=True)
    assert "3 adults, 2 children" in saved.text
    adults = {row["id"]: row["adults"] for row in await desk.world.rows("SELECT id, adults FROM bookings")}
    assert adults == {
        ours.booking_id: 3,
        theirs.booking_id: theirs.household.adults,
    }


async def test_what_no_page_can_show_is_not_shown_again(desk: Desk) -> None:
    _, mine, _, _, _ = await two(desk)
    body = b"adults=2&x=+2AA-&y=%3Cb%3E&made_for=" + mine.made_for.encode()
    headers = {**OURS, "Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}
    response = await desk.client.post("/en/my-booking/household", data=body, headers=headers, allow_redirects=False)
    assert response.status == 409 and "<b>" not in await response.text()


async def test_a_page_opened_before_the_booking_changed_hands_changes_nothing(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot, household=Household(2))
    before = await enter(desk, family.booking_id)
    await desk.fill_in(before, "/hand-over", name="Kari Nordmann", email="kari@example.org")
    (asked,) = await desk.world.rows("SELECT id FROM hand_overs")
    taken = await desk.get(f"/en/hand-over/{desk.world.keys.token('hand-over', asked['id'])}")
    now = await desk.fill_in(taken, "/hand-over", follow=True)
    assert "The booking is yours now." in now.text
    refused = await desk.fill_in(before, "/forget", sure="on")
    assert refused.status == 409 and ANOTHER in refused.text
    assert "Kari Nordmann" in (await desk.get("/en/my-booking")).text


async def test_a_page_whose_hour_is_over_says_so_as_before(desk: Desk) -> None:
    _, mine, _, _, _ = await two(desk)
    desk.client.session.cookie_jar.clear()
    assert (await desk.fill_in(mine, "/cancel")).status == 410
