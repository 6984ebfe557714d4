"""The console's pages of campaigns, over HTTP: everything edited by form, errors at their inputs, and the QR code."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image

from campaigns import reactions
from campaigns.facts import Click, ClicksRecorded, Verdict
from events.facts import EventStatus
from services.clock import MovedClock
from services.ids import new_id
from tests.campaigns.desk import CAMPAIGN, FAIR, FAMILIES, NATURE, Desk, event, programme

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
COST = {"what": "Trykk", "amount": "300", "currency": "NOK", "incurred_on": "2026-04-13"}
REACH = {
    "kind": "impressions",
    "amount": "9000",
    "source": "imported",
    "origin": "Rapport",
    "starts_on": "2026-04-01",
    "ends_on": "2026-04-07",
}


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


async def test_a_placement_stands_under_campaigns_and_knows_no_more_than_they_do(desk: Desk) -> None:
    placement = await desk.placement(await desk.campaign(), starts_on="2026-04-01")
    assert await desk.open(f"placements/{placement['id']}") == 200
    assert "too early to know before 1 April 2027" in desk.text
    current = desk.text.partition('aria-current="page"')
    assert current[0].rpartition("<a ")[2].startswith('href="/en/console/havlandet/campaigns"')


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"names.nb": ""}, {"names"}),
        ({"channel": ""}, {"channel"}),
        ({"target": "/events/finst-ikkje"}, {"target"}),
        ({"language": "nn"}, {"language"}),
        ({"copies": "0", "cost": "-1"}, {"copies", "cost"}),
    ],
)
async def test_a_wrong_placement_is_shown_again_with_its_errors(
    desk: Desk, given: dict[str, Any], fields: set[str]
) -> None:
    campaign = await desk.campaign()
    assert await desk.send(f"campaigns/{campaign}/placements/new", {**PLACED, "place": "Utrecht", **given}) == 422
    assert set(desk.errors) == fields
    assert 'value="Utrecht"' in desk.text


@pytest.mark.parametrize("what", ["called off", "not heard of any more", "no longer in the programme's language"])
async def test_correcting_a_name_leaves_a_printed_link_where_it_leads(desk: Desk, clock: MovedClock, what: str) -> None:
    made = await desk.placement(await desk.campaign())
    if what == "called off":
        cancelled = event(desk.programme_id, clock, FAIR, "messe", status=EventStatus.CANCELLED)
        await desk.hear((reactions.keep_event, cancelled))
    elif what == "not heard of any more":
        async with desk.context.database.transaction(desk.programme_id) as tx:
            await tx.connection.execute("DELETE FROM landing_events")
    else:
        await desk.hear((reactions.keep_terms, programme(desk.programme_id, clock, languages=("nb",))))
    assert await desk.open(f"placements/{made['id']}/edit") == 200
    fields = desk.filled()
    assert await desk.send(f"placements/{made['id']}/edit", {**fields, "names.nb": "Brosjyren"}) == 200
    _, found = await desk.api("GET", f"placements/{made['id']}")
    assert (found["names"]["nb"], found["target"], found["language"]) == ("Brosjyren", "/events/messe", "nl")


async def test_the_form_says_that_the_event_a_link_leads_to_was_called_off(desk: Desk, clock: MovedClock) -> None:
    made = await desk.placement(await desk.campaign())
    cancelled = event(desk.programme_id, clock, FAIR, "messe", status=EventStatus.CANCELLED)
    await desk.hear((reactions.keep_event, cancelled))
    await desk.open(f"placements/{made['id']}/edit")
    assert '<option value="/events/messe" selected>Messe (called off)</option>' in desk.text


async def test_a_link_is_led_elsewhere_by_choosing_so(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign())
    await desk.open(f"placements/{made['id']}/edit")
    assert await desk.send(f"placements/{made['id']}/edit", {**desk.filled(), "target": "/events/hjemkomstdag"}) == 200
    answer = await desk.client.get(f"/l/{made['slug']}", allow_redirects=False)
    assert answer.headers["Location"].startswith("/nl/events/hjemkomstdag?via=")


async def test_a_cost_is_entered_and_taken_away(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign())
    assert await desk.send(f"placements/{made['id']}/costs", COST) == 200
    assert "The cost is entered." in desk.text
    assert "Trykk" in desk.text
    [remove] = re.findall(r"/console/havlandet/(placements/[0-9a-f-]+/costs/[0-9a-f-]+/remove)", desk.text)
    assert await desk.send(remove, {}) == 200
    assert "The cost line is gone." in desk.text
    assert "No cost entered." in desk.text
    assert await desk.send(remove, {}) == 200, "one already gone stays gone"


async def test_a_figure_is_entered_replaced_and_never_counted_twice(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign())
    for amount in ("9000", "9500"):
        assert await desk.send(f"placements/{made['id']}/reach", {**REACH, "amount": amount}) == 200
    assert "9,500" in desk.text
    assert "9,000" not in desk.text
    assert await desk.send(f"placements/{made['id']}/reach", {**REACH, "ends_on": "2026-04-09"}) == 422
    [(_, sentence)] = desk.errors.items()
    assert "2026-04-01 to 2026-04-07" in sentence


@pytest.mark.parametrize(
    ("path", "given", "fields"),
    [
        ("costs", {**COST, "what": ""}, {"what"}),
        ("costs", {**COST, "amount": "much", "incurred_on": ""}, {"amount", "incurred_on"}),
        ("reach", {**REACH, "amount": "-1"}, {"reach-amount"}),
        ("reach", {**REACH, "starts_on": "", "kind": "likes"}, {"reach-starts", "kind"}),
    ],
)
async def test_a_wrong_cost_or_figure_is_shown_again_with_its_errors(
    desk: Desk, path: str, given: dict[str, str], fields: set[str]
) -> None:
    made = await desk.placement(await desk.campaign())
    assert await desk.send(f"placements/{made['id']}/{path}", given) == 422
    assert set(desk.errors) == fields
    _, found = await desk.api("GET", f"placements/{made['id']}")
    assert (found["costs"], found["reach"]) == ([], [])


async def test_costs_in_several_currencies_have_no_price_and_the_page_says_why(desk: Desk) -> None:
    campaign = await desk.campaign(currency="EUR")
    made = await desk.placement(campaign, cost=300)
    await desk.open(f"placements/{made['id']}")
    assert 'value="EUR" selected' in desk.text, "a cost is most often in the campaign's currency"
    why = "Costs in several currencies are not added"
    assert why not in desk.text
    await desk.send(f"placements/{made['id']}/costs", COST)
    for page in (f"placements/{made['id']}", f"campaigns/{campaign}"):
        await desk.open(page)
        assert why in desk.text


@pytest.mark.parametrize("kind", ["png", "svg"])
async def test_the_qr_code_is_downloaded_and_leads_to_its_link(desk: Desk, kind: str) -> None:
    made = await desk.placement(await desk.campaign())
    address = f"/en/console/havlandet/placements/{made['id']}/qr.{kind}"
    answer = await desk.client.get(address, cookies=desk.person.cookies)
    body = await answer.read()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="qr-{made["slug"]}.{kind}"'
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(body)) if kind == "png" else drawn(body.decode()))
    assert [one.text for one in read] == [f"{made['link']}?qr"]


async def test_there_is_no_qr_code_of_another_kind(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign())
    assert await desk.open(f"placements/{made['id']}/qr.pdf") == 404


def drawn(svg: str) -> Image.Image:
    """Segno's SVG as a picture: one path of rows, each `m` a step and each `h` a stroke of so many modules."""
    size, scale = re.search(r'width="(\d+)"', svg), re.search(r"scale\((\d+)\)", svg)
    path = re.search(r' d="([^"]+)"', svg)
    assert size and scale and path, svg
    picture = Image.new("L", (int(size[1]), int(size[1])), 255)
    factor, x, y = int(scale[1]), 0.0, 0.0
    for step, across, down in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path[1]):
        if step == "h":
            left, top = round(x * factor), round((y - 0.5) * factor)
            picture.paste(0, (left, top, left + round(float(across) * factor), top + factor))
            x += float(across)
        else:
            x, y = (float(across), float(down)) if step == "M" else (x + float(across), y + float(down))
    return picture


async def test_the_panel_at_home_names_what_runs(desk: Desk) -> None:
    assert await desk.open("panels/campaigns") == 200
    assert "No campaign is running." in desk.text
    campaign = await desk.campaign(names={"nb": CAMPAIGN["names"]["nb"]})  # type: ignore[index]
    await desk.api("POST", f"campaigns/{campaign}/status", {"status": "running"})
    assert await desk.open("panels/campaigns") == 200
    assert "Nederlandske familier" in desk.text
