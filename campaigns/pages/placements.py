"""The console pages of placements: one with its link, QR code, costs and figures, and its form."""

from __future__ import annotations

import io
from typing import Any

import segno
from aiohttp import web
from aiohttp.web import StreamResponse

from campaigns import commands, links
from campaigns.api import identifier
from campaigns.commands import terms_of
from campaigns.domain import known_from
from campaigns.inputs import CostInput, PlacementInput, ReachInput
from campaigns.ledger import STEPS, ledger
from campaigns.pages import attempt, queries
from campaigns.words import CHANNEL_NAMES, STEP_NAMES
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.pages.forms import Form

CLICKS_SHOWN = 15
EVENTS_OFFERED = 100


async def new_placement(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        return await _placement_form(call, tx, None)


async def add_placement(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    form = await call.form(PlacementInput)
    made = await attempt(
        call, form, lambda tx, given: commands.add_placement(tx, campaign_id, given, by=call.principal)
    )
    if made is None:
        async with call.transaction() as tx:
            return await _placement_form(call, tx, form)
    placement_id, slug = made
    await links.tell(call.context, slug)
    return call.redirect(
        call.console(f"placements/{placement_id}"),
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
    slug = await attempt(
        call, form, lambda tx, given: commands.change_placement(tx, placement_id, given, by=call.principal)
    )
    if slug is None:
        async with call.transaction() as tx:
            row = await queries.find_placement(tx.connection, id=placement_id)
            if row is None:
                raise NotFound("placement")
            return await _placement_form(call, tx, form, row)
    await links.tell(call.context, slug)
    return call.redirect(call.console(f"placements/{placement_id}"), flash=call.translate("Saved."))


async def show_placement(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        return await _placement_page(call, tx)


async def add_cost(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    form = await call.form(CostInput)
    if (
        await attempt(call, form, lambda tx, given: commands.add_cost(tx, placement_id, given, by=call.principal))
        is None
    ):
        async with call.transaction() as tx:
            return await _placement_page(call, tx, cost=form)
    return call.redirect(call.console(f"placements/{placement_id}"), flash=call.translate("The cost is entered."))


async def remove_cost(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        await commands.remove_cost(
            tx, identifier(call, "placement", "placement"), identifier(call, "cost", "cost"), by=call.principal
        )
    return call.redirect(
        call.console(f"placements/{call.path('placement')}"), flash=call.translate("The cost line is gone.")
    )


async def set_reach(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    form = await call.form(ReachInput)
    if (
        await attempt(
            call,
            form,
            lambda tx, given: commands.set_reach(tx, placement_id, given, by=call.principal),
            conflict="starts_on",
        )
        is None
    ):
        async with call.transaction() as tx:
            return await _placement_page(call, tx, reach=form)
    return call.redirect(call.console(f"placements/{placement_id}"), flash=call.translate("The figure is entered."))


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


async def _placement_form(
    call: Call, tx: Transaction, form: Form[PlacementInput] | None, row: Any = None
) -> web.Response:
    campaign_id = row["campaign_id"] if row is not None else identifier(call, "campaign", "campaign")
    campaign = await queries.find_campaign(tx.connection, id=campaign_id)
    if campaign is None:
        raise NotFound("campaign")
    return call.form_page(
        "campaigns/placement_edit.html",
        form or Form[PlacementInput].empty({"currency": campaign["currency"]}),
        campaign=campaign,
        placement=row,
        terms=await terms_of(tx),
        events=await queries.landing_events(tx.connection, many=EVENTS_OFFERED),
        held=await _held(tx, row) if row is not None else None,
        channels=CHANNEL_NAMES,
    )


async def _held(tx: Transaction, row: Any) -> Any:
    """The event that the placement's link leads to, whatever became of it; None where it leads elsewhere."""
    kind, _, slug = row["target"].removeprefix("/").partition("/")
    return await queries.landing_event(tx.connection, slug=slug) if kind == "events" and slug else None


async def _placement_page(
    call: Call, tx: Transaction, *, cost: Form[CostInput] | None = None, reach: Form[ReachInput] | None = None
) -> web.Response:
    placement_id = identifier(call, "placement", "placement")
    row = await queries.find_placement(tx.connection, id=placement_id)
    if row is None:
        raise NotFound("placement")
    rows = await queries.figures_of_campaign(tx.connection, campaign_id=row["campaign_id"])
    campaign = await queries.find_campaign(tx.connection, id=row["campaign_id"])
    today = call.context.clock.now().date()
    forms = [form for form in (cost, reach) if form is not None]
    return call.page(
        "campaigns/placement.html",
        status=422 if any(form.errors for form in forms) else 200,
        placement=row,
        campaign=campaign,
        terms=await terms_of(tx),
        figures=next(one for one in ledger(rows).rows if one.placement_id == placement_id),
        steps=STEPS,
        step_names=STEP_NAMES,
        channels=CHANNEL_NAMES,
        too_early={
            step: on for step, on in known_from(row["starts_on"] or campaign["starts_on"]).items() if on > today
        },
        costs=await queries.list_costs(tx.connection, placement_id=placement_id),
        reach=await queries.list_reach(tx.connection, placement_id=placement_id),
        clicks=await queries.last_clicks(tx.connection, placement_id=placement_id, most=CLICKS_SHOWN),
        link=f"{call.context.settings.url}/l/{row['slug']}",
        cost_form=cost or Form[CostInput].empty({"incurred_on": today, "currency": campaign["currency"]}),
        reach_form=reach or Form[ReachInput].empty({"starts_on": row["starts_on"], "ends_on": row["ends_on"]}),
    )
