"""A campaign's report: the figures of its page, to print and for a spreadsheet, with what each of them counts."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest

from campaigns.words import MEANINGS
from services.clock import MovedClock
from services.pages.languages import translator
from tests.campaigns.desk import CAMPAIGN, Desk
from tests.campaigns.test_figures import everything_happens

COST = {"what": "Trykk", "amount": 1_500, "currency": "NOK", "incurred_on": "2026-04-13"}


async def filled(desk: Desk, clock: MovedClock, **given: Any) -> str:
    """A campaign with a brochure that brought a family to every step, and a poster that brought nobody; its id."""
    campaign = await desk.campaign(**given)
    brochure = (await desk.placement(campaign, names={"nb": "=Brosjyre"}, copies=4000))["id"]
    clock.move(timedelta(seconds=1))
    await desk.placement(campaign, names={"nb": "Plakat"}, channel="poster", place="Storskjær")
    status, _ = await desk.api("POST", f"placements/{brochure}/costs", COST)
    assert status == 201
    await desk.hear(*everything_happens(desk, brochure, clock))
    return campaign


async def table(desk: Desk, campaign: str, lang: str = "en") -> list[list[str]]:
    """The lines of the file, read as a spreadsheet reads them."""
    answer = await desk.client.get(
        f"/{lang}/console/havlandet/campaigns/{campaign}/report.csv", cookies=desk.person.cookies
    )
    body = await answer.read()
    assert (answer.status, answer.content_type) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''Nederland")
    assert body.startswith(b"\xef\xbb\xbf"), "for Excel"
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


async def test_the_file_has_a_line_per_placement_their_sum_and_what_each_figure_counts(
    desk: Desk, clock: MovedClock
) -> None:
    lines = await table(desk, await filled(desk, clock))
    header, brochure, poster, total = lines[:4]
    assert {len(line) for line in lines} == {len(header)}
    found = dict(zip(header, brochure, strict=True))
    assert found["Placement"] == "'=Brosjyre", "no formula"
    assert (found["Cost (NOK)"], found["Registrations"], found["Registrations: Cost per each (NOK)"]) == (
        "1500.00", "1", "1500.00",
    )  # fmt: skip
    assert (found["Copies printed"], found["Channel"]) == ("4000", "Brochure")
    assert re.fullmatch(r"https?://.+/l/[a-z2-9]{6}", found["Link"])
    empty = dict(zip(header, poster, strict=True))
    assert (empty["Place"], empty["Visits"], empty["Cost (NOK)"], empty["Visits: Cost per each (NOK)"]) == (
        "Storskjær", "0", "", "",
    )  # fmt: skip
    assert (total[0], dict(zip(header, total, strict=True))["Registrations"]) == ("Together", "1")
    said = {line[0]: line[1] for line in lines[6:]}
    assert list(said.values()) == list(MEANINGS.values())


@pytest.mark.parametrize(("lang", "amount"), [("nb", "1500,00"), ("nl", "1500,00"), ("en", "1500.00")])
async def test_it_is_written_in_the_readers_language(desk: Desk, clock: MovedClock, lang: str, amount: str) -> None:
    lines = await table(desk, await filled(desk, clock), lang)
    assert amount in lines[1] and lines[3][0] == translator(lang)("Together")


async def test_what_nobody_can_know_yet_is_left_empty(desk: Desk, clock: MovedClock) -> None:
    campaign = await desk.campaign()
    await desk.placement(campaign)
    header, line, *_ = await table(desk, campaign)
    found = dict(zip(header, line, strict=True))
    assert (found["Moved"], found["Still here after 12 months"]) == ("0", "")


async def test_the_page_has_the_same_figures_and_leads_to_the_file(desk: Desk, clock: MovedClock) -> None:
    campaign = await filled(desk, clock)
    assert await desk.open(f"campaigns/{campaign}") == 200
    on_page = re.findall(r"<tbody.*?</tbody>", desk.text, re.DOTALL)[:2]
    assert f"campaigns/{campaign}/report" in desk.text
    assert await desk.open(f"campaigns/{campaign}/report") == 200
    assert re.findall(r"<tbody.*?</tbody>", desk.text, re.DOTALL) == on_page
    assert f'campaigns/{campaign}/report.csv" download' in desk.text
    assert [desk.text.count(meaning.replace("'", "&#39;")) for meaning in MEANINGS.values()] == [1] * len(MEANINGS)
    assert CAMPAIGN["names"]["nb"] in desk.text


async def test_a_campaign_of_nobody_has_no_report(desk: Desk) -> None:
    assert await desk.open(f"campaigns/{'0' * 8}-0000-7000-8000-{'0' * 12}/report") == 404
    assert await desk.open(f"campaigns/{'0' * 8}-0000-7000-8000-{'0' * 12}/report.csv") == 404
