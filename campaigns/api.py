"""The JSON API of campaigns: thin; the rules are in commands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.web import StreamResponse

from campaigns import commands, links, printing, sharing
from campaigns.answers import (
    CampaignAnswer,
    CampaignList,
    CostAnswer,
    Figures,
    FiguresRow,
    Made,
    PlacementAnswer,
    PlacementList,
    PlacementMade,
    PlacementWhole,
    PrintedAnswer,
    ReachAnswer,
    Shared,
)
from campaigns.facts import CampaignStatus
from campaigns.ledger import STEPS, ledger
from services import sql
from services.http.call import Call
from services.http.problems import NotFound

queries = sql.load(__package__)


def identifier(call: Call, name: str, what: str) -> UUID:
    """The id in the path; NotFound where it is none."""
    try:
        return UUID(call.path(name))
    except ValueError:
        raise NotFound(what) from None


async def list_campaigns(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        rows = await queries.list_campaigns(tx.connection)
    return call.json(CampaignList(items=[_answer(row) for row in rows]))


async def show_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_campaign(tx.connection, id=identifier(call, "campaign", "campaign"))
    if row is None:
        raise NotFound("campaign")
    return call.json(_answer(row))


async def plan_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        made = await commands.plan_campaign(tx, call.body, by=call.principal)
    return call.json(Made(id=made), status=201)


async def change_campaign(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        campaign_id = identifier(call, "campaign", "campaign")
        await commands.change_campaign(tx, campaign_id, call.body, by=call.principal)
    return call.json(Made(id=campaign_id))


async def set_status(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        campaign_id = identifier(call, "campaign", "campaign")
        await commands.set_status(tx, campaign_id, CampaignStatus(call.body.status), by=call.principal)
    return call.json(Made(id=campaign_id))


async def share(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        token = await sharing.share(tx, call.context.keys, campaign_id, by=call.principal)
    return call.json(Shared(link=sharing.address(call.context.settings.url, call.lang, token)))


async def unshare(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        await sharing.withdraw(tx, identifier(call, "campaign", "campaign"), by=call.principal)
    return web.Response(status=204)


async def add_placement(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        made, slug = await commands.add_placement(
            tx, identifier(call, "campaign", "campaign"), call.body, by=call.principal
        )
    await links.tell(call.context, slug)
    return call.json(PlacementMade(id=made, slug=slug, link=_link(call, slug)), status=201)


async def list_placements(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        if await queries.find_campaign(tx.connection, id=campaign_id) is None:
            raise NotFound("campaign")
        rows = await queries.list_placements(tx.connection, campaign_id=campaign_id)
    return call.json(PlacementList(items=[PlacementAnswer(**_placement(call, row)) for row in rows]))


async def show_placement(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    async with call.transaction() as tx:
        row = await queries.find_placement(tx.connection, id=placement_id)
        if row is None:
            raise NotFound("placement")
        costs = await queries.list_costs(tx.connection, placement_id=placement_id)
        reach = await queries.list_reach(tx.connection, placement_id=placement_id)
    whole = PlacementWhole(
        **_placement(call, row),
        costs=[CostAnswer.model_validate(dict(one)) for one in costs],
        reach=[ReachAnswer.model_validate(dict(one)) for one in reach],
    )
    return call.json(whole)


async def change_placement(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    async with call.transaction() as tx:
        slug = await commands.change_placement(tx, placement_id, call.body, by=call.principal)
    await links.tell(call.context, slug)
    return call.json(PlacementMade(id=placement_id, slug=slug, link=_link(call, slug)))


async def show_printed(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_placement(tx.connection, id=identifier(call, "placement", "placement"))
    if row is None:
        raise NotFound("placement")
    return call.json(PrintedAnswer.model_validate(dict(row)))


async def set_printed(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    await printing.check(call.body, call.translate)
    async with call.transaction() as tx:
        await printing.set_texts(tx, placement_id, call.body, by=call.principal)
        row = await queries.find_placement(tx.connection, id=placement_id)
    return call.json(PrintedAnswer.model_validate(dict(row)))


async def print_placement(call: Call) -> StreamResponse:
    return await printing.document(call, identifier(call, "placement", "placement"))


async def add_cost(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        made = await commands.add_cost(tx, identifier(call, "placement", "placement"), call.body, by=call.principal)
    return call.json(Made(id=made), status=201)


async def remove_cost(call: Call) -> StreamResponse:
    placement_id, cost_id = identifier(call, "placement", "placement"), identifier(call, "cost", "cost")
    async with call.transaction() as tx:
        await commands.remove_cost(tx, placement_id, cost_id, by=call.principal)
    return call.json(Made(id=cost_id))


async def set_reach(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        made = await commands.set_reach(tx, identifier(call, "placement", "placement"), call.body, by=call.principal)
    return call.json(Made(id=made), status=201)


async def figures(call: Call) -> StreamResponse:
    campaign_id = identifier(call, "campaign", "campaign")
    async with call.transaction() as tx:
        if await queries.find_campaign(tx.connection, id=campaign_id) is None:
            raise NotFound("campaign")
        rows = await queries.figures_of_campaign(tx.connection, campaign_id=campaign_id)
        rest = await queries.unattributed(tx.connection)
    book = ledger(rows)
    return call.json(
        Figures(placements=[_figures(row) for row in book.rows], total=_figures(book.total), unattributed=dict(rest))
    )


def _figures(row: Any) -> FiguresRow:
    return FiguresRow(
        placement_id=row.placement_id,
        names=dict(row.names),
        slug=row.slug,
        costs=dict(row.costs),
        impressions=row.impressions,
        suspect=row.suspect,
        bot=row.bot,
        scans=row.scans,
        counts=dict(row.counts),
        cost_per={step: row.price(step).amount_minor for step in STEPS},
    )


def _answer(row: Any) -> CampaignAnswer:
    return CampaignAnswer.model_validate({name: row[name] for name in CampaignAnswer.model_fields})


def _placement(call: Call, row: Any) -> dict[str, Any]:
    return {**row, "link": _link(call, row["slug"])}


def _link(call: Call, slug: str) -> str:
    return f"{call.context.settings.url}/l/{slug}"
