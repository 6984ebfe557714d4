"""The figures of a campaign on its page and in the API: every step with what each cost, for each placement."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from campaigns import reactions
from campaigns.facts import Click, ClicksRecorded
from campaigns.ledger import STEPS
from registrations.facts import (
    BookingAttended,
    BookingStatus,
    Cause,
    Interest,
    InterestRegistered,
    LeadNoted,
    OutcomeKind,
    OutcomeLogged,
    OutcomeSource,
)
from services.clock import MovedClock
from services.ids import new_id
from tests.campaigns.desk import FAIR, Desk

CLICK = UUID(int=5)


def everything_happens(desk: Desk, placement: str, clock: MovedClock) -> list[tuple[Any, Any]]:
    """One family takes every step there is, through one click."""
    base: dict[str, Any] = {"programme_id": desk.programme_id, "version": 1, "at": clock.now()}
    family: dict[str, Any] = {**base, "visitor_id": UUID(int=2), "via": CLICK}
    lead = UUID(int=4)
    click = Click(
        click_id=CLICK,
        at=clock.now(),
        placement_id=UUID(placement),
        source="qr",
        verdict="human",
        rule="browser",
        ruleset=1,
        device="phone",
    )
    came = BookingAttended(
        **family,
        booking_id=UUID(int=1),
        event_id=FAIR,
        status=BookingStatus.ATTENDED,
        cause=Cause.STAFF,
        adults=2,
        children=2,
    )
    outcomes = [
        OutcomeLogged(
            **family,
            outcome_id=new_id(clock.now()),
            lead_id=lead,
            kind=kind,
            source=OutcomeSource.SELF_REPORTED,
            on=clock.now().date() + timedelta(days=number),
            adults=2,
            children=2,
        )
        for number, kind in enumerate(OutcomeKind)
    ]
    return [
        (reactions.take_clicks, ClicksRecorded(**base, batch_id=UUID(int=9), clicks=(click,))),
        (reactions.take_interest, InterestRegistered(**family, interest_id=UUID(int=3))),
        (reactions.take_booking, came),
        (reactions.take_lead, LeadNoted(**family, lead_id=lead, interest=Interest.HOT)),
        *((reactions.take_outcome, one) for one in outcomes),
    ]


def cells(page: str, caption: str) -> list[list[str]]:
    """The words of a table's rows."""
    table = next(one for one in re.findall(r"<table.*?</table>", page, re.DOTALL) if caption in one)
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


async def test_every_step_has_its_figure_and_its_price_in_the_api(desk: Desk, clock: MovedClock) -> None:
    campaign = await desk.campaign()
    brochure = await desk.placement(campaign, cost=300)
    await desk.placement(campaign, names={"nb": "Plakat"}, channel="poster", cost=100)
    await desk.hear(*everything_happens(desk, brochure["id"], clock))
    _, figures = await desk.api("GET", f"campaigns/{campaign}/figures")
    assert figures["steps"] == list(STEPS)
    row, other = sorted(figures["placements"], key=lambda one: one["placement_id"] != brochure["id"])
    assert row["counts"] == dict.fromkeys(STEPS, 1)
    assert row["cost_per"] == dict.fromkeys(STEPS, 300_00)
    assert other["counts"] == dict.fromkeys(STEPS, 0)
    assert other["cost_per"] == dict.fromkeys(STEPS)
    assert figures["total"]["cost_per"] == dict.fromkeys(STEPS, 400_00)
    assert set(figures["unattributed"]) == {*STEPS, "moved_persons"} - {"human"}


async def test_every_step_has_its_figure_and_its_price_on_the_campaigns_page(desk: Desk, clock: MovedClock) -> None:
    campaign = await desk.campaign()
    brochure = await desk.placement(campaign, cost=300)
    await desk.hear(*everything_happens(desk, brochure["id"], clock))
    assert await desk.open(f"campaigns/{campaign}") == 200
    brought, together = cells(desk.text, "What each placement cost and brought")
    assert brought[3:] == ["1 NOK300"] * 5 == together[3:]
    [became, _] = cells(desk.text, "What became of the families it brought")
    assert became[1:] == ["1 NOK300"] * 6


async def test_what_no_link_led_to_stands_beside_it_step_by_step(desk: Desk, clock: MovedClock) -> None:
    campaign = await desk.campaign()
    brochure = await desk.placement(campaign, cost=300)
    click, *facts = everything_happens(desk, brochure["id"], clock)
    await desk.hear(*facts)
    assert await desk.open(f"campaigns/{campaign}") == 200
    assert {figure for _, figure in cells(desk.text, "Without a link")} == {"1"}
    await desk.hear(click)
    assert await desk.open(f"campaigns/{campaign}") == 200
    rest = cells(desk.text, "Without a link")
    assert [len(rest), {figure for _, figure in rest}] == [len(STEPS) - 1, {"0"}]


async def test_a_placements_own_page_shows_the_same(desk: Desk, clock: MovedClock) -> None:
    brochure = await desk.placement(await desk.campaign(), cost=300)
    await desk.hear(*everything_happens(desk, brochure["id"], clock))
    assert await desk.open(f"placements/{brochure['id']}") == 200
    stats = re.findall(r'<dl class="stat">.*?</dl>', desk.text, re.DOTALL)
    assert len(stats) == 2 + len(STEPS)
    assert all("NOK300" in one for one in stats if "Impressions" not in one)
