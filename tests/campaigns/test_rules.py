"""The pure rules of campaigns: steps, slugs, near misses, prices, verdicts."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import domain
from campaigns.facts import CampaignStatus, Verdict
from campaigns.ledger import STEPS, ledger
from campaigns.verdicts import judge

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) "
    "AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


@pytest.mark.parametrize(
    ("now", "wanted", "allowed"),
    [
        ("draft", "running", True),
        ("draft", "finished", False),
        ("running", "paused", True),
        ("running", "finished", True),
        ("paused", "running", True),
        ("finished", "running", False),
        ("running", "running", False),
    ],
)
def test_a_campaign_takes_only_the_steps_that_are_drawn(now: str, wanted: str, allowed: bool) -> None:
    assert domain.may_become(CampaignStatus(now), CampaignStatus(wanted)) is allowed


def test_a_slug_has_no_letters_that_paper_confuses() -> None:
    slugs = {domain.new_slug() for _ in range(200)}
    assert len(slugs) == 200
    assert not set("".join(slugs)) & set("01iloIO")


@pytest.mark.parametrize(
    ("typed", "meant"), [("hjem4x", "hjem4k"), ("HJEM4K", "hjem4k"), ("hjm4k", "hjem4k"), ("zzzzzz", None), ("", None)]
)
def test_a_mistyped_address_is_led_to_the_one_it_most_likely_meant(typed: str, meant: str | None) -> None:
    assert domain.nearest(typed, ["hjem4k", "strand", "brosje"]) == meant


def test_two_addresses_as_near_are_not_guessed_between() -> None:
    assert domain.nearest("havvaa", ["havvab", "havvac"]) is None


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_a_price_times_its_count_is_the_cost_within_half_a_unit_each(amount: int, count: int) -> None:
    found = domain.price({"NOK": amount}, count)
    assert found.amount_minor is not None
    assert abs(found.amount_minor * count - amount) <= count / 2


def test_nothing_has_no_price_and_currencies_are_never_mixed() -> None:
    assert domain.price({"NOK": 100}, 0).amount_minor is None
    assert domain.price({}, 3).amount_minor is None
    assert domain.price({"NOK": 100, "EUR": 5}, 1).amount_minor is None


@pytest.mark.parametrize(
    ("headers", "verdict", "rule", "device"),
    [
        ({"User-Agent": PHONE, "Accept-Language": "nl"}, Verdict.HUMAN, "browser", "phone"),
        (
            {"User-Agent": DESK, "Accept-Language": "nb", "Sec-Fetch-Dest": "document"},
            Verdict.HUMAN,
            "browser",
            "computer",
        ),
        ({"User-Agent": DESK}, Verdict.SUSPECT, "no-language", "computer"),
        (
            {"User-Agent": DESK, "Accept-Language": "nb", "Sec-Fetch-Dest": "image"},
            Verdict.SUSPECT,
            "embedded",
            "computer",
        ),
        (
            {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)", "Accept-Language": "en"},
            Verdict.BOT,
            "known-crawler",
            "bot",
        ),
        ({"User-Agent": "WhatsApp/2.23.20.0", "Accept-Language": "en"}, Verdict.BOT, "known-crawler", "bot"),
        ({}, Verdict.BOT, "no-agent", "unknown"),
        ({"User-Agent": "Thing/1", "Accept-Language": "en"}, Verdict.SUSPECT, "not-a-browser", "unknown"),
    ],
)
def test_a_verdict_comes_with_its_rule(headers: dict[str, str], verdict: Verdict, rule: str, device: str) -> None:
    found = judge("GET", headers)
    assert found is not None
    assert (found.verdict, found.rule, found.device) == (verdict, rule, device)


@pytest.mark.parametrize(
    ("method", "headers"),
    [("HEAD", {"User-Agent": PHONE}), ("GET", {"Sec-Purpose": "prefetch;prerender"}), ("GET", {"Purpose": "prefetch"})],
)
def test_asking_ahead_is_no_visit(method: str, headers: dict[str, str]) -> None:
    assert judge(method, headers) is None


def test_the_total_of_a_ledger_is_the_sum_of_its_rows_and_names_where_money_was_lost() -> None:
    row = {
        "id": UUID(int=1),
        "names": {"nb": "Plakat"},
        "channel": "poster",
        "place": "",
        "copies": 1000,
        "slug": "abc234",
        "costs": {"NOK": 90_000},
        "impressions": 500,
        "people": None,
        "sources": ["estimated"],
        "suspect": 1,
        "bot": 2,
        "scans": 5,
        "moved_persons": 4,
        **{step: number for number, step in enumerate(STEPS, start=1)},
    }
    dead = {
        **row,
        "id": UUID(int=2),
        "costs": {"NOK": 10_000},
        "copies": None,
        "impressions": None,
        **dict.fromkeys(STEPS, 0),
    }
    book = ledger([row, dead])
    assert book.total.counts == {step: number for number, step in enumerate(STEPS, start=1)}
    assert book.total.costs == {"NOK": 100_000}
    assert book.total.impressions == 500
    assert book.total.price("check_ins").amount_minor == 25_000
    assert book.rows[0].scans_per_thousand == 5
    assert book.rows[1].scans_per_thousand is None
    assert [one.placement_id for one in book.dead] == [UUID(int=2)]
