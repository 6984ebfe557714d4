"""A link by which partners read a campaign's totals, without an account; given out and withdrawn by marketing.

Nobody should be found in it: figures of people are rounded down, so that neither two of them side by side nor one that
is looked at again and again lets a family be counted out. A price is that of the rounded figure, or it would give the
other away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from campaigns.domain import Price, price
from campaigns.ledger import STEPS, Row
from services import sql
from services.database import Transaction
from services.http.problems import NotFound
from services.identity import audit
from services.identity.principal import Principal
from services.keys import Keys, token_hash

queries = sql.load(__package__)

PURPOSE = "campaign"
FEWEST = 5
"""Of people or bookings: below it, whoever knows the village may guess who they are. Told are 5, 10, 15 and so on; the
pages call them fives."""
NOBODYS = frozenset({"human"})
"""Figures that are of nobody: visits, of which nothing is kept."""


async def share(tx: Transaction, keys: Keys, campaign_id: UUID, *, by: Principal | None = None) -> str:
    """The token of the campaign's link: that which is out, or a new one where none is."""
    if await queries.lock_campaign(tx.connection, id=campaign_id) is None:
        raise NotFound("campaign")
    row = await queries.share_of_campaign(tx.connection, campaign_id=campaign_id)
    if token := _token_of(keys, campaign_id, row):
        return token
    rotation = row["rotation"] + 1 if row else 0
    token = keys.token(PURPOSE, campaign_id, rotation)
    await queries.share_campaign(
        tx.connection,
        campaign_id=campaign_id,
        programme_id=tx.programme,
        rotation=rotation,
        token_hash=token_hash(token),
        moment=tx.moment,
    )
    await audit.record(tx, by, "campaign.shared", f"campaign:{campaign_id}")
    return token


async def withdraw(tx: Transaction, campaign_id: UUID, *, by: Principal | None = None) -> None:
    """The link leads nowhere from now on. Withdrawn twice, it is once."""
    if await queries.lock_campaign(tx.connection, id=campaign_id) is None:
        raise NotFound("campaign")
    if await queries.unshare_campaign(tx.connection, campaign_id=campaign_id) is not None:
        await audit.record(tx, by, "campaign.unshared", f"campaign:{campaign_id}")


async def token_of(tx: Transaction, keys: Keys, campaign_id: UUID) -> str:
    """The token of the link that is out; empty where none is, or where it was made under a key that is gone."""
    return _token_of(keys, campaign_id, await queries.share_of_campaign(tx.connection, campaign_id=campaign_id))


async def shared_by(tx: Transaction, keys: Keys, token: str) -> Any:
    """Which campaign, of which programme, the link leads to; None where it was withdrawn, never given out, or made
    under a key that is gone."""
    row = await queries.find_share(tx.connection, token_hash=token_hash(token))
    return row if row and _token_of(keys, row["campaign_id"], row) else None


def address(url: str, lang: str, token: str) -> str:
    """Where the link leads, in the language of whoever gives it out; the page is there in each. `url`: the site's."""
    return f"{url}/{lang}/shared/{token}"


def _token_of(keys: Keys, campaign_id: UUID, row: Any) -> str:
    if row is None or row["token_hash"] is None:
        return ""
    token = keys.token(PURPOSE, campaign_id, row["rotation"])
    return token if token_hash(token) == row["token_hash"] else ""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as strangers may read it. `count` is None where there are fewer than `FEWEST`, or none at all."""

    step: str
    count: int | None
    price: Price


def told(total: Row) -> list[Told]:
    """The figures of the whole campaign in the order of the funnel."""
    return [_told(total, step) for step in STEPS]


def _told(total: Row, step: str) -> Told:
    count = total.counts[step]
    if step not in NOBODYS:
        count -= count % FEWEST
        if not count:
            return Told(step, None, Price(None, None))
    return Told(step, count, price(total.costs, count))
