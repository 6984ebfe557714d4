"""The console pages of campaigns: the list, one campaign with its ledger, one placement with its link and QR code."""

from __future__ import annotations

import io
from typing import Any

import segno
from aiohttp import web
from aiohttp.web import StreamResponse

from campaigns import commands, links
from campaigns.api import identifier
from campaigns.facts import CampaignStatus
from campaigns.inputs import CHANNELS, CampaignInput, CostInput, PlacementInput, ReachInput, StatusInput
from campaigns.ledger import BECAME, BROUGHT, STEPS, ledger
from services import sql
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Conflict, NotFound
from services.pages.forms import Form
from services.pages.languages import msgid

queries = sql.load(__package__)

CLICKS_SHOWN = 15


async def list_campaigns(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        rows = await queries.totals_by_campaign(tx.connection)
    return call.page("campaigns/list.html", campaigns=rows)


async def new_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        terms = await _terms(tx)
    first = call.context.clock.now().date()
    return call.form_page(
        "campaigns/edit.html",
        Form[CampaignInput].empty({"starts_on": first, "currency": "NOK"}),
        terms=terms,
        campaign=None,
    )


async def plan_campaign(call: Call) -> StreamResponse:
    form = await call.form(CampaignInput)
    async with call.transaction() as tx:
        if form.value is None:
            return call.form_page("campaigns/edit.html", form, terms=await _terms(tx), campaign=None)
        made = await commands.plan_campaign(tx, form.value)
    return call.redirect(
        call.console(f"campaigns/{made}"), flash=call.translate("The campaign is planned. Give it its first placement.")
    )


async def show_campaign(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        campaign = await queries.find_campaign(tx.connection, id=campaign_id)
        if campaign is None:
            raise NotFound("campaign")
        terms = await _terms(tx)
        rows = await queries.figures_of_campaign(tx.connection, campaign_id=campaign_id)
        book = ledger(rows, await queries.heard_of(tx.connection))
        days = await queries.clicks_by_day(
            tx.connection, zone=terms["time_zone"], campaign_id=campaign_id, placement_id=None
        )
        rest = await queries.unattributed(tx.connection)
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
    )


async def edit_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_campaign(tx.connection, id=identifier(call, "campaign", "campaign"))
        if row is None:
            raise NotFound("campaign")
        terms = await _terms(tx)
    values = {**dict(row), "budget": row["budget_minor"] // commands.MINOR}
    return call.form_page("campaigns/edit.html", Form[CampaignInput].empty(values), terms=terms, campaign=row)


async def change_campaign(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    form = await call.form(CampaignInput)
    async with call.transaction() as tx:
        row = await queries.find_campaign(tx.connection, id=campaign_id)
        if row is None:
            raise NotFound("campaign")
        if form.value is not None:
            try:
                await commands.change_campaign(tx, campaign_id, form.value)
            except Conflict as conflict:
                form.fail("form", conflict.said(call.translate)[1])
        if form.value is None:
            return call.form_page("campaigns/edit.html", form, terms=await _terms(tx), campaign=row)
    return call.redirect(call.console(f"campaigns/{campaign_id}"), flash=call.translate("Saved."))


async def set_status(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    form = await call.form(StatusInput)
    if form.value is None:
        raise Conflict("step-not-allowed", msgid("Choose what the campaign should become."))
    async with call.transaction() as tx:
        await commands.set_status(tx, campaign_id, CampaignStatus(form.value.status))
    return call.redirect(call.console(f"campaigns/{campaign_id}"), flash=call.translate("Saved."))


async def new_placement(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        return await _placement_form(call, tx, Form[PlacementInput].empty({"currency": "NOK"}))


async def add_placement(call: Call) -> StreamResponse:
    form = await call.form(PlacementInput)
    async with call.transaction() as tx:
        if form.value is None:
            return await _placement_form(call, tx, form)
        made, slug = await commands.add_placement(tx, identifier(call, "campaign", "campaign"), form.value)
    await links.tell(call.context, slug)
    return call.redirect(
        call.console(f"placements/{made}"),
        flash=call.translate("The placement has its link. Print the QR code or copy the address."),
    )


async def edit_placement(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_placement(tx.connection, id=identifier(call, "placement", "placement"))
        if row is None:
            raise NotFound("placement")
        return await _placement_form(call, tx, Form[PlacementInput].empty(dict(row)), row)


async def change_placement(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    form = await call.form(PlacementInput)
    async with call.transaction() as tx:
        row = await queries.find_placement(tx.connection, id=placement_id)
        if row is None:
            raise NotFound("placement")
        if form.value is not None:
            try:
                await commands.change_placement(tx, placement_id, form.value)
            except Conflict as conflict:
                form.fail("form", conflict.said(call.translate)[1])
        if form.value is None:
            return await _placement_form(call, tx, form, row)
    await links.tell(call.context, row["slug"])
    return call.redirect(call.console(f"placements/{placement_id}"), flash=call.translate("Saved."))


async def show_placement(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        return await _placement_page(call, tx)


async def add_cost(call: Call) -> StreamResponse:
    form = await call.form(CostInput)
    async with call.transaction() as tx:
        if form.value is None:
            return await _placement_page(call, tx, cost=form)
        await commands.add_cost(tx, identifier(call, "placement", "placement"), form.value)
    return call.redirect(
        call.console(f"placements/{call.path('placement')}"), flash=call.translate("The cost is entered.")
    )


async def remove_cost(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        await commands.remove_cost(tx, identifier(call, "placement", "placement"), identifier(call, "cost", "cost"))
    return call.redirect(
        call.console(f"placements/{call.path('placement')}"), flash=call.translate("The cost line is gone.")
    )


async def set_reach(call: Call) -> StreamResponse:
    form = await call.form(ReachInput)
    async with call.transaction() as tx:
        if form.value is not None:
            try:
                await commands.set_reach(tx, identifier(call, "placement", "placement"), form.value)
            except Conflict as conflict:
                form.fail("starts_on", conflict.said(call.translate)[1])
        if form.value is None:
            return await _placement_page(call, tx, reach=form)
    return call.redirect(
        call.console(f"placements/{call.path('placement')}"), flash=call.translate("The figure is entered.")
    )


async def qr_file(call: Call) -> StreamResponse:
    """The QR code as SVG (for the printer) or PNG (for the web), with the quiet zone of four modules that ISO 18004
    asks for."""
    async with call.transaction() as tx:
        row = await queries.find_placement(tx.connection, id=identifier(call, "placement", "placement"))
    if row is None or call.path("kind") not in {"svg", "png"}:
        raise NotFound("placement")
    kind = call.path("kind")
    out = io.BytesIO()
    segno.make(f"{call.context.settings.url}/l/{row['slug']}?qr", error="m", micro=False).save(
        out, kind=kind, scale=12, border=4
    )
    return web.Response(
        body=out.getvalue(),
        content_type="image/svg+xml" if kind == "svg" else "image/png",
        headers={"Content-Disposition": f'attachment; filename="qr-{row["slug"]}.{kind}"'},
    )


async def panel(call: Call) -> StreamResponse:
    """The home's panel: what runs now and what it brought."""
    async with call.transaction() as tx:
        rows = [
            row
            for row in await queries.totals_by_campaign(tx.connection)
            if row["status"] in {"running", "draft", "paused"}
        ]
    return call.page("campaigns/panel.html", campaigns=rows)


async def _terms(tx: Transaction) -> Any:
    """The programme's words; Conflict while they are not here yet."""
    terms = await queries.programme_terms(tx.connection)
    if terms is None:
        raise Conflict("opening-shortly", msgid("This programme is just being opened here. Try again in a moment."))
    return terms


async def _placement_form(call: Call, tx: Transaction, form: Form[PlacementInput], row: Any = None) -> web.Response:
    campaign_id = row["campaign_id"] if row is not None else identifier(call, "campaign", "campaign")
    campaign = await queries.find_campaign(tx.connection, id=campaign_id)
    if campaign is None:
        raise NotFound("campaign")
    return call.form_page(
        "campaigns/placement_edit.html",
        form,
        campaign=campaign,
        placement=row,
        terms=await _terms(tx),
        events=await queries.landing_events(tx.connection),
        channels=CHANNELS,
    )


async def _placement_page(
    call: Call, tx: Transaction, *, cost: Form[CostInput] | None = None, reach: Form[ReachInput] | None = None
) -> web.Response:
    placement_id = identifier(call, "placement", "placement")
    row = await queries.find_placement(tx.connection, id=placement_id)
    if row is None:
        raise NotFound("placement")
    rows = await queries.figures_of_campaign(tx.connection, campaign_id=row["campaign_id"])
    today = call.context.clock.now().date()
    forms = [form for form in (cost, reach) if form is not None]
    return call.page(
        "campaigns/placement.html",
        status=422 if any(form.errors for form in forms) else 200,
        placement=row,
        campaign=await queries.find_campaign(tx.connection, id=row["campaign_id"]),
        terms=await _terms(tx),
        figures=next(one for one in ledger(rows).rows if one.placement_id == placement_id),
        steps=STEPS,
        costs=await queries.list_costs(tx.connection, placement_id=placement_id),
        reach=await queries.list_reach(tx.connection, placement_id=placement_id),
        clicks=await queries.last_clicks(tx.connection, placement_id=placement_id, most=CLICKS_SHOWN),
        link=f"{call.context.settings.url}/l/{row['slug']}",
        cost_form=cost or Form[CostInput].empty({"incurred_on": today, "currency": "NOK"}),
        reach_form=reach or Form[ReachInput].empty({"starts_on": row["starts_on"], "ends_on": row["ends_on"]}),
    )
