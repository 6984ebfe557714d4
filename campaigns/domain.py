"""The rules of campaigns: what state may follow which, what a slug looks like, what a family costs. No I/O."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from campaigns.facts import CampaignStatus

# Letters and digits that are not mistaken for each other on paper: no 0 o, 1 l i.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
SLUG_LENGTH = 6

STEPS: Mapping[CampaignStatus, frozenset[CampaignStatus]] = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.RUNNING}),
    CampaignStatus.RUNNING: frozenset({CampaignStatus.PAUSED, CampaignStatus.FINISHED}),
    CampaignStatus.PAUSED: frozenset({CampaignStatus.RUNNING, CampaignStatus.FINISHED}),
    CampaignStatus.FINISHED: frozenset(),
}


def may_become(now: CampaignStatus, wanted: CampaignStatus) -> bool:
    """Whether a campaign may take this step; staying as it is is none."""
    return wanted in STEPS[now]


def new_slug() -> str:
    """Six letters and digits from 31: about 887 million, so a guess or a slip of the pen seldom meets another one."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SLUG_LENGTH))


def nearest(slug: str, known: Iterable[str]) -> str | None:
    """The one known slug that a mistyped `slug` most likely meant; None where none or several are as near."""
    close = difflib.get_close_matches(slug.lower(), list(known), n=2, cutoff=0.75)
    if not close:
        return None
    if len(close) == 1:
        return close[0]
    first, second = (difflib.SequenceMatcher(None, slug, one).ratio() for one in close)
    return close[0] if first > second else None


@dataclass(frozen=True, slots=True)
class Price:
    """What one of something cost, in minor units; None where there was none, or where costs are in several
    currencies."""

    amount_minor: int | None
    currency: str | None


def price(costs: Mapping[str, int], count: int) -> Price:
    """Cost per one of `count`, rounded to whole minor units, half up. Currencies are never mixed."""
    if len(costs) != 1 or count < 1:
        return Price(None, None)
    [(currency, amount)] = costs.items()
    return Price((2 * amount + count) // (2 * count), currency)


def known_from(starts_on: date) -> Mapping[str, date]:
    """From when on a campaign that began on `starts_on` can have brought somebody who stayed so long: whoever came by
    it moved no earlier than it began. Before that, 0 would say that nobody stayed."""
    return {"stayed_12": starts_on + relativedelta(months=12), "stayed_24": starts_on + relativedelta(months=24)}
