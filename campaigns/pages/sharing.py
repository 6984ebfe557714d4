"""The link by which a campaign's totals are read: given out, withdrawn, and the page that it leads to."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from campaigns import sharing
from campaigns.api import identifier
from campaigns.commands import terms_of
from campaigns.domain import known_from
from campaigns.ledger import ledger
from campaigns.pages import queries
from campaigns.report import explained
from campaigns.words import STEP_NAMES
from services.http.call import Call
from services.http.problems import Gone
from services.pages.languages import msgid
from services.routes import Limit

READING = Limit(times=60, seconds=300)
"""What one address may read: a council that opens its link at once, but no flood. Each reading adds up all clicks."""

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


async def share(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        await sharing.share(tx, call.context.keys, campaign_id, by=call.principal)
    back = call.console(f"campaigns/{campaign_id}/report")
    return call.redirect(back, flash=call.translate("Whoever has the link can read the totals."))


async def withdraw(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        await sharing.withdraw(tx, campaign_id, by=call.principal)
    back = call.console(f"campaigns/{campaign_id}/report")
    return call.redirect(back, flash=call.translate("The link leads nowhere any more."))


async def show(call: Call) -> StreamResponse:
    """The totals of a campaign, for whoever has its link; Gone where it was withdrawn, never given out, or made under
    another key."""
    async with call.transaction() as tx:
        found = await sharing.shared_by(tx, call.context.keys, call.path("token"))
    if found is None:
        raise Gone(msgid("This link no longer works. Ask whoever gave it to you for a new one."))
    async with call.transaction(found["programme_id"]) as tx:
        campaign = await queries.find_campaign(tx.connection, id=found["campaign_id"])
        terms = await terms_of(tx)
        total = ledger(await queries.figures_of_campaign(tx.connection, campaign_id=campaign["id"])).total
        moment = tx.moment
    return call.page(
        "campaigns/shared.html",
        headers=PRIVATE,
        campaign=campaign,
        terms=terms,
        total=total,
        told=sharing.told(total),
        fewest=sharing.FEWEST,
        too_early={step: on for step, on in known_from(campaign["starts_on"]).items() if on > moment.date()},
        step_names=STEP_NAMES,
        explained=explained(call.translate),
        moment=moment,
    )
