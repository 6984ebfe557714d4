"""A campaign's totals by a link: for whoever has it, without people in it, until it is withdrawn."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from campaigns.domain import Price
from campaigns.ledger import STEPS, Row
from campaigns.pages.sharing import READING
from campaigns.sharing import FEWEST, told
from services.clock import MovedClock
from services.keys import token_hash
from services.routes import Role
from tests.campaigns.desk import Desk
from tests.campaigns.test_counted import booking, clicks
from tests.house.people import sign_in

COST = {"what": "Trykk", "amount": 1_500, "currency": "NOK", "incurred_on": "2026-04-13"}


async def filled(desk: Desk, clock: MovedClock, families: int) -> str:
    """A campaign whose one placement cost something and brought so many families; its id."""
    campaign = await desk.campaign()
    placement = (await desk.placement(campaign, names={"nb": "Hemmelig plakat"}))["id"]
    status, _ = await desk.api("POST", f"placements/{placement}/costs", COST)
    assert status == 201
    if families:
        await desk.hear(clicks(desk, clock, placement, *range(1, families + 1)))
    await desk.hear(*(booking(desk, clock, number, number) for number in range(1, families + 1)))
    return campaign


async def shared(desk: Desk, campaign: str) -> str:
    """Share it by its form: the path of the link."""
    assert await desk.send(f"campaigns/{campaign}/share", {}) == 200
    return path(desk)


def path(desk: Desk) -> str:
    """The path of the link on the report's page."""
    [found] = re.findall(r'class="address"><a href="https?://[^/"]+(/en/shared/[a-z2-7]{26})"', desk.text)
    return str(found)


async def read(desk: Desk, path: str) -> tuple[int, str, Any]:
    """As a stranger, who has no session."""
    desk.client.session.cookie_jar.clear()
    answer = await desk.client.get(path)
    return answer.status, await answer.text(), answer.headers


async def test_whoever_has_the_link_reads_the_totals_and_nothing_of_single_placements(
    desk: Desk, clock: MovedClock
) -> None:
    campaign = await filled(desk, clock, FEWEST + 1)
    assert await desk.open(f"campaigns/{campaign}/report") == 200
    assert "Make a link" in desk.text and "/shared/" not in desk.text
    link = await shared(desk, campaign)
    status, page, headers = await read(desk, link)
    assert status == 200 and "Nederlandske familier" in page and "Blest i Havlandet" in page
    figure = r"Registrations</dt>\s*<dd class=\"stat-value\">5</dd>\s*<dd class=\"stat-note\">NOK300 each"
    assert re.search(figure, page), "the sixth does not show, not even in the price"
    assert re.search(r"Visits</dt>\s*<dd class=\"stat-value\">6</dd>", page), "visits are of nobody"
    assert "Figures of people are rounded down to fives, so that nobody can be found in them." in page
    assert page.count("too early to know before") == 2
    assert "Hemmelig plakat" not in page and "/console/" not in page and "visitors" not in page
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert 'name="robots" content="noindex"' in page


@pytest.mark.parametrize("families", [0, FEWEST - 1])
async def test_a_small_figure_of_people_is_told_as_none_is_without_a_price(
    desk: Desk, clock: MovedClock, families: int
) -> None:
    link = await shared(desk, await filled(desk, clock, families))
    _, page, _ = await read(desk, link)
    assert re.search(
        r"Registrations</dt>\s*<dd class=\"stat-value\">fewer than 5</dd>\s*<dd class=\"stat-source\"", page
    )


@pytest.mark.parametrize("step", [step for step in STEPS if step != "human"])
@pytest.mark.parametrize(
    ("count", "said"), [(0, None), (1, None), (4, None), (5, 5), (6, 5), (9, 5), (10, 10), (29, 25), (30, 30)]
)
def test_figures_of_people_are_told_in_fives_as_is_their_price(step: str, count: int, said: int | None) -> None:
    total = Row(
        placement_id=None, names={}, channel="", place="", copies=None, slug="", costs={"NOK": 1000}, impressions=None,
        people=None, sources=(), suspect=0, bot=0, scans=0, moved_persons=0,
        counts={**dict.fromkeys(STEPS, 0), step: count},
    )  # fmt: skip
    (found,) = [one for one in told(total) if one.step == step]
    assert found.count == said
    assert found.price == (Price(round(1000 / said), "NOK") if said else Price(None, None))


async def test_a_link_that_is_withdrawn_leads_nowhere_and_a_later_one_is_another(desk: Desk, clock: MovedClock) -> None:
    campaign = await filled(desk, clock, 1)
    first = await shared(desk, campaign)
    assert await shared(desk, campaign) == first, "asked for twice, it is the one that is out"
    assert await desk.send(f"campaigns/{campaign}/withdraw", {}) == 200
    assert "The link leads nowhere any more." in desk.text and "/shared/" not in desk.text
    status, page, _ = await read(desk, first)
    assert status == 410 and "Nederlandske" not in page
    second = await shared(desk, campaign)
    assert second != first
    assert [(await read(desk, one))[0] for one in (first, second)] == [410, 200]
    assert (await read(desk, f"/en/shared/{'a' * 26}"))[0] == 410


async def test_a_link_made_under_a_key_that_is_gone_leads_nowhere_and_the_next_one_is_of_the_new_key(
    desk: Desk, clock: MovedClock, admin: Any
) -> None:
    campaign = await filled(desk, clock, 1)
    await shared(desk, campaign)
    earlier = "b" * 26
    await admin.execute("UPDATE campaigns.share_directory SET token_hash = $1", token_hash(earlier))
    assert (await read(desk, f"/en/shared/{earlier}"))[0] == 410
    assert await desk.open(f"campaigns/{campaign}/report") == 200
    assert "Make a link" in desk.text
    link = await shared(desk, campaign)
    assert (await read(desk, link))[0] == 200


async def test_one_address_reads_so_often_and_again_after_a_while(desk: Desk, clock: MovedClock) -> None:
    link = f"/en/shared/{'a' * 26}"
    answers = {(await read(desk, link))[0] for _ in range(READING.times)}
    assert answers == {410}
    assert (await read(desk, f"/nl/shared/{'b' * 26}"))[0] == 429, "in whatever language, by whatever link"
    clock.move(timedelta(seconds=READING.seconds / READING.times))
    assert [(await read(desk, link))[0] for _ in range(2)] == [410, 429]


async def test_programs_give_it_out_and_withdraw_it_too(desk: Desk, clock: MovedClock) -> None:
    campaign = await filled(desk, clock, 1)
    status, made = await desk.api("PUT", f"campaigns/{campaign}/share")
    link = "/" + made["link"].split("/", 3)[3]
    assert status == 200 and await desk.api("PUT", f"campaigns/{campaign}/share") == (200, made)
    assert (await read(desk, link))[0] == 200
    assert (await desk.api("DELETE", f"campaigns/{campaign}/share"))[0] == 204
    assert (await read(desk, link))[0] == 410
    assert (await desk.api("PUT", f"campaigns/{UUID(int=9)}/share"))[0] == 404


async def test_who_may_not_change_campaigns_gives_out_no_link(desk: Desk, clock: MovedClock) -> None:
    campaign = await filled(desk, clock, 1)
    marketing, desk.person = desk.person, await sign_in(desk.house, "reader", desk.programme_id, Role.READER)
    assert await desk.send(f"campaigns/{campaign}/share", {}) == 403
    assert await desk.open(f"campaigns/{campaign}/report") == 200
    assert "Make a link" not in desk.text
    desk.person = marketing
    link = await shared(desk, campaign)
    desk.person = await sign_in(desk.house, "reader2", desk.programme_id, Role.READER)
    assert await desk.send(f"campaigns/{campaign}/withdraw", {}) == 403
    assert await desk.open(f"campaigns/{campaign}/report") == 200
    assert path(desk) == link and "/withdraw" not in desk.text, "they see that it is out"


async def test_what_was_shared_and_withdrawn_stands_in_the_audit_once(
    desk: Desk, clock: MovedClock, admin: Any
) -> None:
    campaign = await filled(desk, clock, 1)
    for form in ("share", "share", "withdraw", "withdraw"):
        assert await desk.send(f"campaigns/{campaign}/{form}", {}) == 200
    rows = await admin.fetch(
        "SELECT action, subject FROM identity.audit WHERE action LIKE 'campaign.%shared' ORDER BY id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("campaign.shared", f"campaign:{UUID(campaign)}"),
        ("campaign.unshared", f"campaign:{UUID(campaign)}"),
    ]
