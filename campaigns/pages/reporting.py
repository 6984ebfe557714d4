"""A campaign's report: its figures on one page to print, and as a file, with what each of them counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.web import StreamResponse

from campaigns.api import identifier
from campaigns.commands import terms_of
from campaigns.domain import known_from
from campaigns.ledger import BECAME, BROUGHT, Ledger, ledger
from campaigns.pages import queries
from campaigns.report import as_csv, explained
from campaigns.sharing import address, token_of
from campaigns.words import CHANNEL_NAMES, STEP_NAMES
from services.http.call import Call
from services.http.problems import NotFound
from services.pages.languages import text_in


@dataclass(frozen=True, slots=True)
class Reported:
    """A campaign with its ledger, and the figures that nobody can know yet with the day from which they can."""

    campaign: Any
    terms: Any
    book: Ledger
    too_early: dict[str, date]
    token: str
    """Of the link by which others read the totals; empty where none is out."""


async def reported(call: Call) -> Reported:
    """The campaign of the path as it stands now."""
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        campaign = await queries.find_campaign(tx.connection, id=campaign_id)
        if campaign is None:
            raise NotFound("campaign")
        terms = await terms_of(tx)
        book = ledger(await queries.figures_of_campaign(tx.connection, campaign_id=campaign_id))
        token = await token_of(tx, call.context.keys, campaign_id)
        today = tx.moment.date()
    too_early = {step: on for step, on in known_from(campaign["starts_on"]).items() if on > today}
    return Reported(campaign, terms, book, too_early, token)


async def show(call: Call) -> StreamResponse:
    found = await reported(call)
    return call.page(
        "campaigns/report.html",
        campaign=found.campaign,
        terms=found.terms,
        book=found.book,
        too_early=found.too_early,
        brought=BROUGHT,
        became=BECAME,
        step_names=STEP_NAMES,
        channels=CHANNEL_NAMES,
        explained=explained(call.translate),
        moment=call.context.clock.now(),
        link=address(call.context.settings.url, call.lang, found.token) if found.token else "",
    )


async def file(call: Call) -> StreamResponse:
    """The same as CSV."""
    found = await reported(call)
    body = as_csv(found.book, f"{call.context.settings.url}/l/", found.too_early, call.translate)
    name = f"{text_in(found.campaign['names'], call.lang)[0]} {call.context.clock.now():%Y-%m-%d}.csv"
    return web.Response(
        body=body,
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "no-store",
        },
    )
