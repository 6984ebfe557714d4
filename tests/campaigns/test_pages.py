"""The console's pages of campaigns, over HTTP: everything edited by form, errors at their inputs."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from campaigns import reactions
from campaigns.facts import Click, ClicksRecorded, Verdict
from services.clock import MovedClock
from services.ids import new_id
from tests.campaigns.desk import CAMPAIGN, FAMILIES, NATURE, Desk

PLANNED = {
    "names.nb": "Nederlandske familier",
    "starts_on": "2026-04-01",
    "ends_on": "2026-06-30",
    "budget": "140000",
    "currency": "EUR",
    "goal_registrations": "40",
    "target_groups": [str(FAMILIES)],
    "selling_points": [str(NATURE)],
}
PLACED = {"names.nb": "Brosjyre", "channel": "brochure", "target": "/events/messe", "language": "nl", "copies": "4000"}


async def test_a_campaign_begins_at_the_empty_list_and_gets_its_first_placement(desk: Desk) -> None:
    assert await desk.open("campaigns") == 200
    assert "No campaign yet" in desk.text
    assert await desk.open("campaigns/new") == 200
    assert await desk.send("campaigns/new", PLANNED) == 200
    assert "Give it its first placement." in desk.text
    assert "No placement yet" in desk.text
    [address] = set(re.findall(r"/console/havlandet/(campaigns/[0-9a-f-]{36}/placements/new)", desk.text))
    assert await desk.open(address) == 200
    assert desk.filled()["currency"] == ["EUR"], "the campaign's"
    assert await desk.send(address, {**PLACED, "cost": "300"}) == 200
    assert "The placement has its link." in desk.text
    assert "€300" in desk.text
    assert await desk.open("campaigns") == 200
    assert "Nederlandske familier" in desk.text


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"names.nb": ""}, {"names"}),
        ({"starts_on": ""}, {"starts_on"}),
        ({"ends_on": "30.6."}, {"ends_on"}),
        ({"budget": "much", "goal_registrations": "none"}, {"budget", "goal_registrations"}),
        ({"target_groups": [str(UUID(int=9))]}, {"target_groups"}),
        ({"selling_points": [str(UUID(int=9))]}, {"selling_points"}),
    ],
)
async def test_a_wrong_campaign_is_shown_again_with_what_was_typed_and_its_errors(
    desk: Desk, given: dict[str, Any], fields: set[str]
) -> None:
    assert await desk.send("campaigns/new", {**PLANNED, "objectives.nb": "Førti familier", **given}) == 422
    assert {name.removesuffix("-0") for name in desk.errors} == fields
    assert "Førti familier" in desk.text
    assert (await desk.api("GET", "campaigns"))[1]["items"] == []


async def test_a_campaign_is_edited_and_a_stale_form_says_why(desk: Desk) -> None:
    campaign = await desk.campaign()
    assert await desk.open(f"campaigns/{campaign}/edit") == 200
    as_it_was = desk.filled()
    assert (as_it_was["target_groups"], as_it_was["selling_points"]) == ([str(FAMILIES)], [str(NATURE)])
    assert await desk.send(f"campaigns/{campaign}/edit", {**as_it_was, "names.nb": "Den første"}) == 200
    assert "Den første" in desk.text
    assert await desk.send(f"campaigns/{campaign}/edit", {**as_it_was, "names.nb": "Den andre"}) == 422
    assert "Somebody else has saved this since you opened it." in desk.text
    assert 'value="Den andre"' in desk.text
    _, found = await desk.api("GET", f"campaigns/{campaign}")
    assert found["names"]["nb"] == "Den første"


async def test_a_campaign_saved_untouched_stays_as_it_is(desk: Desk) -> None:
    campaign = await desk.campaign(objectives={"nb": "Førti familier"})
    _, before = await desk.api("GET", f"campaigns/{campaign}")
    await desk.open(f"campaigns/{campaign}/edit")
    assert await desk.send(f"campaigns/{campaign}/edit", desk.filled()) == 200
    _, after = await desk.api("GET", f"campaigns/{campaign}")
    assert after == {**before, "version": 2}


async def test_a_campaign_is_started_paused_and_finished_by_its_buttons(desk: Desk) -> None:
    campaign = await desk.campaign()
    for status in ("running", "paused", "running", "finished"):
        assert await desk.send(f"campaigns/{campaign}/status", {"status": status}) == 200
        assert (await desk.api("GET", f"campaigns/{campaign}"))[1]["status"] == status
    assert await desk.send(f"campaigns/{campaign}/status", {"status": "running"}) == 200
    assert "The campaign is in another state by now." in desk.text, "said on the campaign's page"
    assert await desk.send(f"campaigns/{campaign}/status", {"status": "forgotten"}) == 422


async def visited(desk: Desk, clock: MovedClock, placement: str) -> None:
    """One person came by the link."""
    click = Click(
        click_id=new_id(clock.now()),
        at=clock.now(),
        placement_id=UUID(placement),
        source="qr",
        verdict=Verdict.HUMAN,
        rule="browser",
        ruleset=1,
        device="phone",
    )
    told = ClicksRecorded(
        programme_id=desk.programme_id, version=1, at=clock.now(), batch_id=click.click_id, clicks=(click,)
    )
    await desk.hear((reactions.take_clicks, told))


async def test_campaigns_stand_beside_each_other_with_what_one_visit_cost(desk: Desk, clock: MovedClock) -> None:
    assert await desk.open("campaigns/compare") == 200
    assert "Nothing to compare yet" in desk.text
    made = []
    for name, cost, clicks in (("Den dyre", "300", 1), ("Den rimelige", "400", 4), ("Den tredje", "10", 0)):
        campaign = await desk.campaign(names={"nb": name})
        placement = await desk.placement(campaign, cost=int(cost))
        made.append(campaign)
        for _ in range(clicks):
            await visited(desk, clock, placement["id"])
    assert await desk.open("campaigns") == 200
    assert "campaigns/compare" in desk.text
    ticked = "&".join(f"campaign={one}" for one in made[:2])
    assert await desk.open(f"campaigns/compare?{ticked}") == 200
    table = desk.text.partition("<tbody")[2].partition("</tbody>")[0]
    visits = next(row for row in table.split("</tr>") if "Visits" in row)
    cells = {one.partition('"')[0]: one for one in visits.split('data-label="')[1:]}
    assert "cheapest" in cells["Den rimelige"] and "cheapest" not in cells["Den dyre"]
    assert "100" in cells["Den rimelige"] and "300" in cells["Den dyre"]
    assert "Den tredje" not in cells


async def test_a_year_must_pass_before_a_campaign_can_be_said_to_have_kept_nobody(desk: Desk) -> None:
    young, old = await desk.campaign(), await desk.campaign(starts_on="2025-01-01", ends_on="2025-02-01")
    for campaign in (young, old):
        await desk.placement(campaign)
    assert await desk.open(f"campaigns/{young}") == 200
    assert "too early to know before 1 April 2027" in desk.text
    assert "too early to know before 1 April 2028" in desk.text
    await desk.open(f"campaigns/{old}")
    assert "1 January 2026" not in desk.text, "here 0 says that nobody stayed a year"
    assert "too early to know before 1 January 2027" in desk.text


async def test_the_panel_at_home_names_what_runs(desk: Desk) -> None:
    assert await desk.open("panels/campaigns") == 200
    assert "No campaign is running." in desk.text
    campaign = await desk.campaign(names={"nb": CAMPAIGN["names"]["nb"]})  # type: ignore[index]
    await desk.api("POST", f"campaigns/{campaign}/status", {"status": "running"})
    assert await desk.open("panels/campaigns") == 200
    assert "Nederlandske familier" in desk.text
