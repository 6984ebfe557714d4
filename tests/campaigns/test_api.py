"""The JSON API of campaigns, over HTTP: everything made, read, changed and taken away."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from tests.campaigns.desk import (
    CAMPAIGN,
    FAMILIES,
    NATURE,
    PLACEMENT,
    RETURNERS,
    Desk,
)

COST = {"what": "Trykk", "amount": 300, "incurred_on": "2026-04-13"}
REACH = {
    "kind": "impressions",
    "amount": 9_000,
    "source": "imported",
    "starts_on": "2026-04-01",
    "ends_on": "2026-04-07",
}


async def test_a_campaign_is_planned_read_changed_and_started(desk: Desk) -> None:
    campaign = await desk.campaign()
    _, found = await desk.api("GET", f"campaigns/{campaign}")
    assert found == {
        **{name: CAMPAIGN[name] for name in ("names", "starts_on", "ends_on", "goal_registrations")},
        "id": campaign,
        "objectives": {},
        "status": "draft",
        "budget_minor": 140_000_00,
        "currency": "NOK",
        "target_groups": [str(FAMILIES)],
        "selling_points": [str(NATURE)],
        "version": 1,
    }
    changed = {**CAMPAIGN, "objectives": {"nb": "Førti familier"}, "target_groups": [str(RETURNERS)], "version": 1}
    assert (await desk.api("PUT", f"campaigns/{campaign}", changed))[0] == 200
    assert (await desk.api("POST", f"campaigns/{campaign}/status", {"status": "running"}))[0] == 200
    _, listed = await desk.api("GET", "campaigns")
    assert [(one["status"], one["target_groups"], one["version"]) for one in listed["items"]] == [
        ("running", [str(RETURNERS)], 3)
    ]


async def test_a_placement_is_added_read_changed_and_read_again(desk: Desk) -> None:
    campaign = await desk.campaign()
    made = await desk.placement(campaign)
    address = f"placements/{made['id']}"
    _, found = await desk.api("GET", address)
    assert (found["target"], found["language"], found["link"], found["version"]) == (
        "/events/messe",
        "nl",
        made["link"],
        1,
    )
    status, changed = await desk.api(
        "PUT", address, {**PLACEMENT, "target": "/events/hjemkomstdag", "copies": 40, "version": 1}
    )
    assert (status, changed["slug"]) == (200, made["slug"]), "what is printed stays"
    _, listed = await desk.api("GET", f"campaigns/{campaign}/placements")
    assert [(one["target"], one["copies"], one["version"]) for one in listed["items"]] == [
        ("/events/hjemkomstdag", 40, 2)
    ]
    answer = await desk.client.get(f"/l/{made['slug']}", allow_redirects=False)
    assert answer.headers["Location"].startswith("/nl/events/hjemkomstdag?via=")


async def test_costs_and_figures_answer_with_their_own_ids_and_a_cost_is_taken_away(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign(currency="EUR"))
    address = f"placements/{made['id']}"
    _, first = await desk.api("POST", f"{address}/costs", COST)
    _, second = await desk.api("POST", f"{address}/costs", {**COST, "what": "Porto", "currency": "SEK"})
    _, figure = await desk.api("POST", f"{address}/reach", REACH)
    _, again = await desk.api("POST", f"{address}/reach", {**REACH, "amount": 9_500})
    assert figure["id"] == again["id"], "the same period replaces its figure"
    _, found = await desk.api("GET", address)
    assert {one["id"]: (one["what"], one["currency"], one["amount_minor"]) for one in found["costs"]} == {
        first["id"]: ("Trykk", "EUR", 300_00),
        second["id"]: ("Porto", "SEK", 300_00),
    }
    assert [(one["id"], one["amount"]) for one in found["reach"]] == [(figure["id"], 9_500)]
    assert (await desk.api("DELETE", f"{address}/costs/{first['id']}"))[0] == 200
    assert (await desk.api("DELETE", f"{address}/costs/{first['id']}"))[0] == 200, "gone is gone"
    assert (await desk.api("DELETE", f"placements/{UUID(int=7)}/costs/{first['id']}"))[0] == 404
    _, found = await desk.api("GET", address)
    assert [one["id"] for one in found["costs"]] == [second["id"]]


async def test_who_did_what_is_in_the_audit(desk: Desk, admin: asyncpg.Connection) -> None:
    campaign = await desk.campaign()
    made = await desk.placement(campaign)
    address = f"placements/{made['id']}"
    _, cost = await desk.api("POST", f"{address}/costs", COST)
    for _ in range(2):
        await desk.api("DELETE", f"{address}/costs/{cost['id']}")
    await desk.api("POST", f"{address}/reach", REACH)
    await desk.api("PUT", address, {**PLACEMENT, "version": 1})
    await desk.api("POST", f"campaigns/{campaign}/status", {"status": "running"})
    entries = await admin.fetch(
        "SELECT action, subject, account_id, programme_id FROM identity.audit WHERE subject LIKE ANY ($1) ORDER BY id",
        ["campaign:%", "placement:%"],
    )
    assert {(one["account_id"], one["programme_id"]) for one in entries} == {
        (desk.person.account_id, desk.programme_id)
    }
    done = [(one["action"], one["subject"]) for one in entries]
    of_campaign, of_placement = f"campaign:{campaign}", f"placement:{made['id']}"
    assert [one for one in done if one[0] != "cost.entered" or one[1] != of_placement] == [
        ("campaign.planned", of_campaign),
        ("placement.added", of_placement),
        ("cost.removed", of_placement),
        ("reach.entered", of_placement),
        ("placement.changed", of_placement),
        ("campaign.status_set", of_campaign),
    ]
    assert ("cost.entered", of_placement) in done


async def test_the_first_cost_is_named_after_what_it_was_for_and_paid_in_the_campaigns_currency(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign(currency="EUR"), cost=300)
    _, found = await desk.api("GET", f"placements/{made['id']}")
    assert [(one["what"], one["currency"]) for one in found["costs"]] == [("Brosjyre", "EUR")]


@pytest.mark.parametrize("target", ["/events", "/events/messe", "/programmes/havlandet", "/interest/havlandet"])
async def test_a_link_may_lead_to_any_page_the_form_offers(desk: Desk, target: str) -> None:
    await desk.placement(await desk.campaign(), target=target)
