"""The console pages of campaigns: the list, one campaign with its ledger, and the panel at home."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from campaigns import commands
from campaigns.api import identifier
from campaigns.commands import terms_of
from campaigns.domain import known_from
from campaigns.facts import CampaignStatus
from campaigns.inputs import CampaignInput, StatusInput
from campaigns.ledger import BECAME, BROUGHT, STEPS, ledger
from campaigns.pages import attempt, queries
from campaigns.words import CHANNEL_NAMES, STEP_NAMES
from services.http.call import Call
from services.http.problems import Conflict, Invalid, NotFound
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import msgid


async def list_campaigns(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        rows = await queries.totals_by_campaign(tx.connection)
    return call.page("campaigns/list.html", campaigns=rows, step_names=STEP_NAMES)


async def new_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        terms = await terms_of(tx)
    first = call.context.clock.now().date()
    return call.form_page(
        "campaigns/edit.html",
        Form[CampaignInput].empty({"starts_on": first, "currency": "NOK"}),
        terms=terms,
        campaign=None,
    )


async def plan_campaign(call: Call) -> StreamResponse:
    form = await call.form(CampaignInput)
    made = await attempt(call, form, lambda tx, given: commands.plan_campaign(tx, given, by=call.principal))
    if made is None:
        async with call.transaction() as tx:
            return call.form_page("campaigns/edit.html", form, terms=await terms_of(tx), campaign=None)
    return call.redirect(
        call.console(f"campaigns/{made}"), flash=call.translate("The campaign is planned. Give it its first placement.")
    )


async def show_campaign(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        campaign = await queries.find_campaign(tx.connection, id=campaign_id)
        if campaign is None:
            raise NotFound("campaign")
        terms = await terms_of(tx)
        rows = await queries.figures_of_campaign(tx.connection, campaign_id=campaign_id)
        book = ledger(rows, await queries.heard_of(tx.connection))
        days = await queries.clicks_by_day(
            tx.connection, zone=terms["time_zone"], campaign_id=campaign_id, placement_id=None
        )
        rest = dict(await queries.unattributed(tx.connection))
        today = tx.moment.date()
    return call.page(
        "campaigns/campaign.html",
        campaign=campaign,
        terms=terms,
        book=book,
        rest=rest,
        days=days,
        steps=STEPS,
        brought=BROUGHT,
        became=BECAME,
        step_names=STEP_NAMES,
        channels=CHANNEL_NAMES,
        too_early={step: on for step, on in known_from(campaign["starts_on"]).items() if on > today},
    )


async def edit_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_campaign(tx.connection, id=identifier(call, "campaign", "campaign"))
        if row is None:
            raise NotFound("campaign")
        terms = await terms_of(tx)
    values = {**dict(row), "budget": row["budget_minor"] // commands.MINOR}
    return call.form_page("campaigns/edit.html", Form[CampaignInput].empty(values), terms=terms, campaign=row)


async def change_campaign(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    form = await call.form(CampaignInput)
    if (
        await attempt(call, form, lambda tx, given: commands.change_campaign(tx, campaign_id, given, by=call.principal))
        is None
    ):
        async with call.transaction() as tx:
            row = await queries.find_campaign(tx.connection, id=campaign_id)
            if row is None:
                raise NotFound("campaign")
            return call.form_page("campaigns/edit.html", form, terms=await terms_of(tx), campaign=row)
    return call.redirect(call.console(f"campaigns/{campaign_id}"), flash=call.translate("Saved."))


async def set_status(call: Call) -> StreamResponse:
    """One of the three buttons; where the step is not allowed any more, the campaign's page says why."""
    campaign_id = identifier(call, "campaign", "campaign")
    form = await call.form(StatusInput)
    if form.value is None:
        raise Invalid({"status": msgid("Choose what the campaign should become.")})
    wanted = CampaignStatus(form.value.status)
    back = call.console(f"campaigns/{campaign_id}")
    try:
        async with call.transaction() as tx:
            await commands.set_status(tx, campaign_id, wanted, by=call.principal)
    except Conflict as refused:
        answer = call.redirect(back)
        sentence = refused.said(call.translate)[1]
        flash.leave(answer, sentence, secure=call.context.settings.secure, tone="warning")
        return answer
    return call.redirect(back, flash=call.translate("Saved."))


async def panel(call: Call) -> StreamResponse:
    """The home's panel: what runs now and what it brought."""
    async with call.transaction() as tx:
        rows = [
            row
            for row in await queries.totals_by_campaign(tx.connection)
            if row["status"] in {"running", "draft", "paused"}
        ]
    return call.page("campaigns/panel.html", campaigns=rows)
