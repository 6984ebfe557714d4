"""Every figure of a campaign leads to the list of what it counts, with people for those alone who may see them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from campaigns import reactions
from campaigns.facts import Click, ClicksRecorded
from campaigns.ledger import STEPS
from campaigns.pages import counted
from registrations.facts import BookingConfirmed, BookingStatus, Cause
from services.clock import MovedClock
from services.ids import new_id
from services.routes import Role
from tests.campaigns.desk import FAIR, Desk
from tests.campaigns.test_figures import everything_happens
from tests.house.people import sign_in


def clicks(desk: Desk, clock: MovedClock, placement: str, *ids: int) -> tuple[Any, ClicksRecorded]:
    """Visits by people through a placement's link, which begin with these numbers."""
    found = [
        Click(
            click_id=UUID(int=number),
            at=clock.now(),
            placement_id=UUID(placement),
            source="qr",
            verdict="human",
            rule="browser",
            ruleset=1,
            device="phone",
        )
        for number in ids
    ]
    given = {"programme_id": desk.programme_id, "version": 1, "at": clock.now(), "batch_id": new_id(clock.now())}
    return reactions.take_clicks, ClicksRecorded(**given, clicks=tuple(found))


def booking(desk: Desk, clock: MovedClock, number: int, via: int) -> tuple[Any, BookingConfirmed]:
    """The booking of a family of four that came by a click."""
    fact = BookingConfirmed(
        programme_id=desk.programme_id,
        version=1,
        at=clock.now(),
        visitor_id=UUID(int=1000 + number),
        booking_id=UUID(int=2000 + number),
        event_id=FAIR,
        status=BookingStatus.CONFIRMED,
        cause=Cause.VISITOR,
        adults=2,
        children=2,
        via=UUID(int=via),
    )
    return reactions.take_booking, fact


def body(desk: Desk) -> list[str]:
    """The lines of the table on the page."""
    [table] = re.findall(r"<tbody.*?</tbody>", desk.text, re.DOTALL)
    return re.findall(r"<tr.*?</tr>", table, re.DOTALL)


async def test_every_figure_leads_to_as_many_lines_as_it_counts(desk: Desk, clock: MovedClock) -> None:
    campaign = await desk.campaign()
    placement = (await desk.placement(campaign))["id"]
    await desk.hear(*everything_happens(desk, placement, clock))
    for page in (f"campaigns/{campaign}", f"placements/{placement}"):
        assert await desk.open(page) == 200
        ways = re.findall(
            rf'href="/en/console/havlandet/(campaigns/{campaign}/counted/(\w+)[^"]*)" aria-label="[^"]+">([\d ]+)<',
            desk.text,
        )
        assert {step for _, step, _ in ways} == set(STEPS)
        for way, _, figure in ways:
            assert await desk.open(way) == 200
            assert len(body(desk)) == int(figure), way


async def test_a_figure_of_one_placement_lists_its_own_alone(desk: Desk, clock: MovedClock) -> None:
    campaign = await desk.campaign()
    one, other = [(await desk.placement(campaign, names={"nb": name}))["id"] for name in ("Brosjyre", "Plakat")]
    await desk.hear(clicks(desk, clock, one, 1), clicks(desk, clock, other, 2, 3))
    await desk.hear(*(booking(desk, clock, number, via) for number, via in ((1, 1), (2, 2), (3, 3))))
    listed = f"campaigns/{campaign}/counted/registrations"
    assert await desk.open(listed) == 200
    assert sorted("Brosjyre" in line for line in body(desk)) == [False, False, True]
    assert await desk.open(f"{listed}?placement={other}") == 200
    assert len(body(desk)) == 2 and all("Plakat" in line and ">4<" in line for line in body(desk))
    elsewhere = await desk.placement(await desk.campaign())
    assert await desk.open(f"{listed}?placement={elsewhere['id']}") == 404
    assert await desk.open(f"campaigns/{campaign}/counted/nothing") == 404


@pytest.mark.parametrize("step", ["human", "registrations"])
async def test_a_long_list_is_read_page_by_page_and_each_line_once(
    desk: Desk, clock: MovedClock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(counted, "ON_A_PAGE", 2)
    campaign = await desk.campaign()
    placement = (await desk.placement(campaign))["id"]
    await desk.hear(clicks(desk, clock, placement, *range(1, 6)))
    await desk.hear(*(booking(desk, clock, number, number) for number in range(1, 6)))
    way, seen = f"campaigns/{campaign}/counted/{step}?placement={placement}", 0
    for many in (2, 2, 1):
        assert await desk.open(way) == 200
        assert len(body(desk)) == many
        seen += many
        more = re.search(r'class="more"><a [^>]*href="/en/console/havlandet/([^"]+)"', desk.text)
        way = more[1].replace("&amp;", "&") if more else ""
    assert (seen, way) == (5, "")


async def test_what_came_without_a_link_is_listed_as_often_as_it_is_counted(
    desk: Desk, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "ON_A_PAGE", 2)
    campaign = await desk.campaign()
    placement = (await desk.placement(campaign))["id"]
    await desk.hear(clicks(desk, clock, placement, 1))
    await desk.hear(*(booking(desk, clock, number, number) for number in range(1, 5)))
    assert await desk.open(f"campaigns/{campaign}") == 200
    [(way, figure)] = re.findall(r'havlandet/(campaigns/without-link/[^"]+)" aria-label="[^"]+">([\d ]+)<', desk.text)
    assert (way, figure) == ("campaigns/without-link/registrations", "3"), "the fourth came by a link"
    assert await desk.open(way) == 200 and len(body(desk)) == 2
    more = re.search(r'class="more"><a [^>]*href="/en/console/havlandet/([^"]+)"', desk.text)
    assert more and await desk.open(more[1]) == 200 and len(body(desk)) == 1
    assert await desk.open("campaigns/without-link/moved") == 200 and "Nobody yet" in desk.text
    assert await desk.open("campaigns/without-link/human") == 404, "a visit is a click"


async def test_people_are_shown_to_organisers_and_to_nobody_once_they_are_forgotten(
    desk: Desk, clock: MovedClock
) -> None:
    campaign = await desk.campaign()
    placement = (await desk.placement(campaign))["id"]
    await desk.hear(clicks(desk, clock, placement, 1, 2), booking(desk, clock, 1, 1), booking(desk, clock, 2, 2))
    listed = f"campaigns/{campaign}/counted/registrations"
    assert await desk.open(listed) == 200
    assert "visitors/" not in desk.text and "Who they are is shown to organisers." in desk.text
    desk.person = await sign_in(desk.house, "organiser", desk.programme_id, Role.ORGANISER)
    assert await desk.open(listed) == 200
    assert f'visitors/{UUID(int=1001)}">See who</a>' in desk.text
    async with desk.context.database.transaction(desk.programme_id) as tx:
        await reactions.queries.forget_visitor(tx.connection, visitor_id=UUID(int=1001))
    assert await desk.open(listed) == 200
    assert len(body(desk)) == 2 and str(UUID(int=1001)) not in desk.text and "Deleted" in desk.text
