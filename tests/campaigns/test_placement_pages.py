"""The console's pages of placements, over HTTP: where a link leads, cost and reach by form, and the QR code."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from campaigns import reactions
from events.facts import EventStatus
from services.clock import MovedClock
from tests.campaigns.desk import FAIR, Desk, event, programme
from tests.campaigns.test_pages import PLACED

COST = {"what": "Trykk", "amount": "300", "currency": "NOK", "incurred_on": "2026-04-13"}
REACH = {
    "kind": "impressions",
    "amount": "9000",
    "source": "imported",
    "origin": "Rapport",
    "starts_on": "2026-04-01",
    "ends_on": "2026-04-07",
}


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
