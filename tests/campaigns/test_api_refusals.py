"""What the JSON API of campaigns refuses, with its fields named, and what may stay as it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from campaigns import reactions
from events.facts import EventStatus
from services.clock import MovedClock
from services.routes import Role
from tests.campaigns.desk import (
    CAMPAIGN,
    FAIR,
    FAMILIES,
    PLACEMENT,
    Desk,
    event,
    programme,
)
from tests.campaigns.test_api import COST, REACH
from tests.house.people import found_programme, sign_in

STRANGER = "01900000-0000-7000-8000-00000000dead"


def named(answer: Any) -> set[str]:
    """The fields that a refusal names."""
    return {one["field"] for one in answer["errors"]}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"names": {}}, {"names"}),
        ({"names": {"nb": ""}}, {"names.nb"}),
        ({"names": {"nn": "Familiar"}}, {"names.nn"}),
        ({"objectives": {"nn": "Familiar"}}, {"objectives.nn"}),
        ({"starts_on": "soon"}, {"starts_on"}),
        ({"budget": -1}, {"budget"}),
        ({"currency": "XYZ"}, {"currency"}),
        ({"goal_registrations": 0}, {"goal_registrations"}),
        ({"target_groups": [STRANGER]}, {"target_groups"}),
        (
            {"target_groups": [str(FAMILIES), STRANGER], "selling_points": [STRANGER]},
            {"target_groups", "selling_points"},
        ),
        ({"target_groups": ["families"]}, {"target_groups.0"}),
        ({"selling_points": [str(FAMILIES)]}, {"selling_points"}),
        ({"version": 2**31}, {"version"}),
        ({"version": 0}, {"version"}),
    ],
)
async def test_a_campaign_that_cannot_be_is_refused_with_its_fields_and_not_stored(
    desk: Desk, given: dict[str, Any], fields: set[str]
) -> None:
    status, problem = await desk.api("POST", "campaigns", {**CAMPAIGN, **given})
    assert (status, named(problem)) == (422, fields)
    assert (await desk.api("GET", "campaigns"))[1]["items"] == []


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"names": {"nn": "Brosjyre"}}, {"names.nn"}),
        ({"channel": "pigeon"}, {"channel"}),
        ({"copies": 0}, {"copies"}),
        ({"cost": 2_000_000_000}, {"cost"}),
        ({"language": "nn"}, {"language"}),
        ({"target": "/events/finst-ikkje"}, {"target"}),
        ({"target": "/events/"}, {"target"}),
        ({"target": "/console/havlandet"}, {"target"}),
        ({"target": "/programmes/another"}, {"target"}),
        ({"target": "//stranger.example"}, {"target"}),
        ({"target": "https://stranger.example"}, {"target"}),
        ({"target": "/events/kladden"}, {"target"}),
        ({"target": "/nowhere", "language": "nn"}, {"target", "language"}),
        ({"version": 2**31}, {"version"}),
    ],
)
async def test_a_placement_whose_link_would_lead_nowhere_is_refused_with_its_fields_and_not_stored(
    desk: Desk, clock: MovedClock, given: dict[str, Any], fields: set[str]
) -> None:
    draft = event(desk.programme_id, clock, UUID(int=7), "kladden", status=EventStatus.DRAFT)
    await desk.hear((reactions.keep_event, draft))
    campaign = await desk.campaign()
    status, problem = await desk.api("POST", f"campaigns/{campaign}/placements", {**PLACEMENT, **given})
    assert (status, named(problem)) == (422, fields)
    assert (await desk.api("GET", f"campaigns/{campaign}/placements"))[1]["items"] == []


@pytest.mark.parametrize(
    ("path", "given", "fields"),
    [
        ("costs", {**COST, "what": " "}, {"what"}),
        ("costs", {**COST, "amount": -1, "incurred_on": "13"}, {"amount", "incurred_on"}),
        ("costs", {**COST, "currency": "kr"}, {"currency"}),
        ("reach", {**REACH, "kind": "likes", "source": "rumour"}, {"kind", "source"}),
        ("reach", {**REACH, "amount": -1}, {"amount"}),
        ("reach", {**REACH, "starts_on": None}, {"starts_on"}),
    ],
)
async def test_a_cost_or_figure_that_cannot_be_is_refused_with_its_fields(
    desk: Desk, path: str, given: dict[str, Any], fields: set[str]
) -> None:
    made = await desk.placement(await desk.campaign())
    status, problem = await desk.api("POST", f"placements/{made['id']}/{path}", given)
    assert (status, named(problem)) == (422, fields)
    _, found = await desk.api("GET", f"placements/{made['id']}")
    assert (found["costs"], found["reach"]) == ([], [])


async def test_figures_of_overlapping_periods_are_refused(desk: Desk) -> None:
    made = await desk.placement(await desk.campaign())
    assert (await desk.api("POST", f"placements/{made['id']}/reach", REACH))[0] == 201
    status, problem = await desk.api("POST", f"placements/{made['id']}/reach", {**REACH, "ends_on": "2026-04-09"})
    assert (status, problem["code"]) == (409, "periods-overlap")


async def test_a_change_names_the_version_that_it_was_made_on(desk: Desk) -> None:
    campaign = await desk.campaign()
    placement = (await desk.placement(campaign))["id"]
    for address, body in ((f"campaigns/{campaign}", CAMPAIGN), (f"placements/{placement}", PLACEMENT)):
        status, problem = await desk.api("PUT", address, body)
        assert (status, named(problem)) == (422, {"version"})
        assert (await desk.api("PUT", address, {**body, "version": 1}))[0] == 200
        status, problem = await desk.api("PUT", address, {**body, "version": 1})
        assert (status, problem["code"]) == (409, "changed-meanwhile")


async def test_what_a_campaign_holds_already_may_stay_when_the_programme_drops_it(
    desk: Desk, clock: MovedClock
) -> None:
    campaign = await desk.campaign()
    made = await desk.placement(campaign)
    cancelled = event(desk.programme_id, clock, FAIR, "messe", status=EventStatus.CANCELLED)
    smaller = programme(desk.programme_id, clock, languages=("nb",), target_groups=(), selling_points=())
    await desk.hear((reactions.keep_terms, smaller), (reactions.keep_event, cancelled))
    assert (await desk.api("PUT", f"campaigns/{campaign}", {**CAMPAIGN, "version": 1}))[0] == 200
    assert (await desk.api("PUT", f"placements/{made['id']}", {**PLACEMENT, "version": 1}))[0] == 200
    for body in ({"target": "/events/messe"}, {"language": "nl"}):
        status, problem = await desk.api(
            "POST", f"campaigns/{campaign}/placements", {**PLACEMENT, "target": "/events", "language": None, **body}
        )
        assert (status, named(problem)) == (422, set(body)), "nothing new may use it"


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    for method, path, body in (
        ("GET", f"campaigns/{uuid4()}", None),
        ("PUT", f"campaigns/{uuid4()}", {**CAMPAIGN, "version": 1}),
        ("POST", f"campaigns/{uuid4()}/status", {"status": "running"}),
        ("GET", f"campaigns/{uuid4()}/figures", None),
        ("GET", f"campaigns/{uuid4()}/placements", None),
        ("POST", f"campaigns/{uuid4()}/placements", PLACEMENT),
        ("GET", f"placements/{uuid4()}", None),
        ("GET", "placements/brochure", None),
        ("PUT", f"placements/{uuid4()}", {**PLACEMENT, "version": 1}),
        ("POST", f"placements/{uuid4()}/costs", COST),
        ("DELETE", f"placements/{placement}/costs/first", None),
        ("POST", f"placements/{uuid4()}/reach", REACH),
    ):
        assert (await desk.api(method, path, body))[0] == 404, (method, path)


async def test_a_step_that_is_not_drawn_is_refused(desk: Desk) -> None:
    campaign = await desk.campaign()
    status, problem = await desk.api("POST", f"campaigns/{campaign}/status", {"status": "finished"})
    assert (status, problem["code"]) == (409, "step-not-allowed")
    status, problem = await desk.api("POST", f"campaigns/{campaign}/status", {"status": "draft"})
    assert (status, named(problem)) == (422, {"status"})


async def test_before_the_programme_is_heard_of_nothing_is_planned(desk: Desk) -> None:
    quiet = await found_programme(desk.house, "stille")
    person = await sign_in(desk.house, "stian", quiet, Role.MARKETING)
    answer = await desk.client.post(
        "/api/v1/programmes/stille/campaigns",
        json={**CAMPAIGN, "target_groups": [], "selling_points": []},
        headers={"X-CSRF-Token": person.csrf, "Sec-Fetch-Site": "same-origin"},
        cookies=person.cookies,
    )
    assert (answer.status, (await answer.json())["code"]) == (409, "opening-shortly")


async def test_another_events_slug_is_not_another_programmes(desk: Desk, clock: MovedClock) -> None:
    """The events that a link may lead to are this programme's."""
    other = await found_programme(desk.house, "fjord")
    async with desk.context.database.transaction(other) as tx:
        await reactions.keep_event(tx, event(other, clock, UUID(int=8), "fjorddag"), None)  # type: ignore[arg-type]
    campaign = await desk.campaign()
    status, problem = await desk.api(
        "POST", f"campaigns/{campaign}/placements", {**PLACEMENT, "target": "/events/fjorddag"}
    )
    assert (status, named(problem)) == (422, {"target"})


async def test_names_in_a_language_that_the_programme_dropped_are_kept_by_who_saves_without_them(
    desk: Desk, clock: MovedClock
) -> None:
    dutch = {"names": {"nb": "Familier", "nl": "Gezinnen"}}
    campaign = await desk.campaign(**dutch, objectives={"nb": "Flere", "nl": "Meer"})
    placement = (await desk.placement(campaign, names={"nb": "Brosjyre", "nl": "Folder"}))["id"]
    await desk.hear((reactions.keep_terms, programme(desk.programme_id, clock, languages=("nb", "en"))))
    changed = {"names": {"nb": "Barnefamilier", "en": "Families"}, "objectives": {"en": "More"}, "version": 1}
    assert (await desk.api("PUT", f"campaigns/{campaign}", {**CAMPAIGN, **changed}))[0] == 200
    leaflet = {**PLACEMENT, "names": {"en": "Leaflet"}, "version": 1}
    assert (await desk.api("PUT", f"placements/{placement}", leaflet))[0] == 200
    _, found = await desk.api("GET", f"campaigns/{campaign}")
    assert found["names"] == {"nb": "Barnefamilier", "en": "Families", "nl": "Gezinnen"}
    assert found["objectives"] == {"en": "More", "nl": "Meer"}, "the others are as they were sent"
    _, found = await desk.api("GET", f"placements/{placement}")
    assert found["names"] == {"en": "Leaflet", "nl": "Folder"}
