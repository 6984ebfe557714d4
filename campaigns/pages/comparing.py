"""Campaigns beside each other: what each cost, whom it brought, and what one of each step cost."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from aiohttp.web import StreamResponse

from campaigns.domain import known_from
from campaigns.ledger import STEPS, Row, ledger
from campaigns.pages import queries
from campaigns.words import STEP_NAMES
from services.http.call import Call

BESIDE = 5
"""More columns than that nobody reads on a laptop."""


async def compare(call: Call) -> StreamResponse:
    """GET ?campaign=&campaign=: those ticked, or the newest where none is; never more than BESIDE."""
    ticked = set(call.request.query.getall("campaign", []))
    async with call.transaction() as tx:
        known = await queries.totals_by_campaign(tx.connection)
        chosen = [row for row in known if str(row["id"]) in ticked][:BESIDE] or known[:BESIDE]
        totals = {
            row["id"]: ledger(await queries.figures_of_campaign(tx.connection, campaign_id=row["id"])).total
            for row in chosen
        }
        today = tx.moment.date()
    return call.page(
        "campaigns/compare.html",
        known=known,
        chosen=chosen,
        totals=totals,
        steps=STEPS,
        step_names=STEP_NAMES,
        cheapest={step: cheapest(totals, step) for step in STEPS},
        early={row["id"]: {step for step, on in known_from(row["starts_on"]).items() if on > today} for row in chosen},
        most=BESIDE,
    )


def cheapest(totals: Mapping[UUID, Row], step: str) -> UUID | None:
    """For which campaign one of a step cost least; None where fewer than two have a price, or two the same, or where
    their currencies differ."""
    priced = {one: row.price(step) for one, row in totals.items()}
    amounts = sorted((price.amount_minor, one) for one, price in priced.items() if price.amount_minor is not None)
    currencies = {price.currency for price in priced.values() if price.amount_minor is not None}
    if len(amounts) < 2 or len(currencies) > 1 or amounts[0][0] == amounts[1][0]:
        return None
    return amounts[0][1]
