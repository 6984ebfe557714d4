"""campaigns: what brought them. Campaigns, placements, tracked links, reach, cost, attribution.

A printed code or an ad leads through `/l/<slug>`; the click is on the bus before the visitor is sent on; registrations,
check-ins, leads and outcomes that follow are credited to it by ids alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from campaigns import answers, api, commands, demo, inputs, links, printing, reactions, redirect
from campaigns.facts import CampaignChanged, ClickRecorded, ClicksRecorded, PlacementChanged
from campaigns.pages import campaigns, comparing, counted, placements, reporting, sharing, sheets
from services import sql
from services.database import Transaction
from services.facts import Fact
from services.routes import ANY_ROLE, PUBLIC, Role, Route, roles
from services.service import NavigationItem, Panel, Service, Task

queries = sql.load(__package__)

CONSOLE = "/{lang}/console/{programme}"
PRINT = f"{CONSOLE}/placements/{{placement}}/print"
API = "/api/v1/programmes/{programme}"
MARKETING = roles(Role.MARKETING)
READERS = roles(Role.MARKETING, Role.ORGANISER, Role.READER)
SEE = frozenset({Role.OWNER, Role.MARKETING, Role.ORGANISER, Role.READER})


async def restate(tx: Transaction) -> AsyncIterator[Fact]:
    """The current state of every campaign and placement of the programme."""
    for row in await queries.list_campaigns(tx.connection):
        yield commands.campaign_fact(tx, row)
    for row in await queries.all_placements(tx.connection):
        yield commands.placement_fact(tx, row)


SERVICE = Service(
    name="campaigns",
    purpose="what brought them: campaigns, placements, tracked links, reach, cost, attribution",
    order=30,
    facts=(CampaignChanged, PlacementChanged, ClicksRecorded, ClickRecorded),
    subjects={"campaign": "campaigns/{id}", "placement": "placements/{id}"},
    routes=(
        Route("GET", "/l/{slug}", redirect.follow, PUBLIC, "Follow a tracked link", straight=redirect.straight_on),
        Route("GET", f"{CONSOLE}/campaigns", campaigns.list_campaigns, READERS),
        Route("GET", f"{CONSOLE}/campaigns/new", campaigns.new_campaign, MARKETING),
        Route("POST", f"{CONSOLE}/campaigns/new", campaigns.plan_campaign, MARKETING),
        Route("GET", f"{CONSOLE}/campaigns/compare", comparing.compare, READERS),
        Route(
            "GET",
            f"{CONSOLE}/campaigns/without-link/{{step}}",
            counted.show_without_link,
            READERS,
            query=counted.WithoutLinkQuery,
        ),
        Route("GET", f"{CONSOLE}/campaigns/{{campaign}}", campaigns.show_campaign, READERS),
        Route(
            "GET",
            f"{CONSOLE}/campaigns/{{campaign}}/counted/{{step}}",
            counted.show,
            READERS,
            query=counted.CountedQuery,
        ),
        Route("GET", f"{CONSOLE}/campaigns/{{campaign}}/report", reporting.show, READERS),
        Route("GET", f"{CONSOLE}/campaigns/{{campaign}}/report.csv", reporting.file, READERS),
        Route("POST", f"{CONSOLE}/campaigns/{{campaign}}/share", sharing.share, MARKETING),
        Route("POST", f"{CONSOLE}/campaigns/{{campaign}}/withdraw", sharing.withdraw, MARKETING),
        Route("GET", "/{lang}/shared/{token}", sharing.show, PUBLIC, limit=sharing.READING),
        Route("GET", f"{CONSOLE}/campaigns/{{campaign}}/edit", campaigns.edit_campaign, MARKETING),
        Route("POST", f"{CONSOLE}/campaigns/{{campaign}}/edit", campaigns.change_campaign, MARKETING),
        Route("POST", f"{CONSOLE}/campaigns/{{campaign}}/status", campaigns.set_status, MARKETING),
        Route("GET", f"{CONSOLE}/campaigns/{{campaign}}/placements/new", placements.new_placement, MARKETING),
        Route("POST", f"{CONSOLE}/campaigns/{{campaign}}/placements/new", placements.add_placement, MARKETING),
        Route("GET", f"{CONSOLE}/placements/{{placement}}", placements.show_placement, READERS),
        Route("GET", f"{CONSOLE}/placements/{{placement}}/edit", placements.edit_placement, MARKETING),
        Route("POST", f"{CONSOLE}/placements/{{placement}}/edit", placements.change_placement, MARKETING),
        Route("POST", f"{CONSOLE}/placements/{{placement}}/costs", placements.add_cost, MARKETING),
        Route("POST", f"{CONSOLE}/placements/{{placement}}/costs/{{cost}}/remove", placements.remove_cost, MARKETING),
        Route("POST", f"{CONSOLE}/placements/{{placement}}/reach", placements.set_reach, MARKETING),
        Route("GET", f"{CONSOLE}/placements/{{placement}}/qr.{{kind}}", placements.qr_file, READERS),
        Route("GET", PRINT, sheets.show, READERS, query=inputs.PrintQuery),
        Route("POST", PRINT, sheets.set_texts, MARKETING, query=inputs.PrintQuery),
        Route("GET", f"{PRINT}.pdf", sheets.file, READERS, query=inputs.PrintQuery, limit=printing.SETTING),
        Route("GET", f"{PRINT}.png", sheets.preview, READERS, query=inputs.PrintQuery, limit=printing.SETTING),
        Route("GET", f"{CONSOLE}/panels/campaigns", campaigns.panel, ANY_ROLE),
        Route("GET", f"{API}/campaigns", api.list_campaigns, READERS, "List campaigns", answers=answers.CampaignList),
        Route(
            "POST",
            f"{API}/campaigns",
            api.plan_campaign,
            MARKETING,
            "Plan a campaign",
            body=inputs.CampaignInput,
            answers=answers.Made,
            status=201,
        ),
        Route(
            "GET",
            f"{API}/campaigns/{{campaign}}",
            api.show_campaign,
            READERS,
            "Show a campaign",
            answers=answers.CampaignAnswer,
        ),
        Route(
            "PUT",
            f"{API}/campaigns/{{campaign}}",
            api.change_campaign,
            MARKETING,
            "Change a campaign",
            body=inputs.CampaignInput,
            answers=answers.Made,
        ),
        Route(
            "POST",
            f"{API}/campaigns/{{campaign}}/status",
            api.set_status,
            MARKETING,
            "Start, pause or finish",
            body=inputs.StatusInput,
            answers=answers.Made,
        ),
        Route(
            "PUT",
            f"{API}/campaigns/{{campaign}}/share",
            api.share,
            MARKETING,
            "Give out the link to a campaign's totals",
            answers=answers.Shared,
        ),
        Route(
            "DELETE",
            f"{API}/campaigns/{{campaign}}/share",
            api.unshare,
            MARKETING,
            "Withdraw the link to a campaign's totals",
            status=204,
        ),
        Route(
            "GET",
            f"{API}/campaigns/{{campaign}}/figures",
            api.figures,
            READERS,
            "What each placement cost and brought",
            answers=answers.Figures,
        ),
        Route(
            "POST",
            f"{API}/campaigns/{{campaign}}/placements",
            api.add_placement,
            MARKETING,
            "Add a placement with its tracked link",
            body=inputs.PlacementInput,
            answers=answers.PlacementMade,
            status=201,
        ),
        Route(
            "GET",
            f"{API}/campaigns/{{campaign}}/placements",
            api.list_placements,
            READERS,
            "List a campaign's placements",
            answers=answers.PlacementList,
        ),
        Route(
            "GET",
            f"{API}/placements/{{placement}}",
            api.show_placement,
            READERS,
            "Show a placement with its costs and figures",
            answers=answers.PlacementWhole,
        ),
        Route(
            "PUT",
            f"{API}/placements/{{placement}}",
            api.change_placement,
            MARKETING,
            "Change a placement, or where its link leads",
            body=inputs.PlacementInput,
            answers=answers.PlacementMade,
        ),
        Route(
            "GET",
            f"{API}/placements/{{placement}}/print",
            api.show_printed,
            READERS,
            "Show what a placement's sheets say",
            answers=answers.PrintedAnswer,
        ),
        Route(
            "PUT",
            f"{API}/placements/{{placement}}/print",
            api.set_printed,
            MARKETING,
            "Set what a placement's sheets say",
            body=inputs.PrintedInput,
            answers=answers.PrintedAnswer,
        ),
        Route(
            "GET",
            f"{API}/placements/{{placement}}/print.pdf",
            api.print_placement,
            READERS,
            "Print a placement: a poster, flyer, sign or labels, as PDF",
            query=inputs.PrintQuery,
            limit=printing.SETTING,
        ),
        Route(
            "POST",
            f"{API}/placements/{{placement}}/costs",
            api.add_cost,
            MARKETING,
            "Enter a cost",
            body=inputs.CostInput,
            answers=answers.Made,
            status=201,
        ),
        Route(
            "DELETE",
            f"{API}/placements/{{placement}}/costs/{{cost}}",
            api.remove_cost,
            MARKETING,
            "Take a cost away",
            answers=answers.Made,
        ),
        Route(
            "POST",
            f"{API}/placements/{{placement}}/reach",
            api.set_reach,
            MARKETING,
            "Enter how many saw it",
            body=inputs.ReachInput,
            answers=answers.Made,
            status=201,
        ),
    ),
    reactions=reactions.REACTIONS,
    tasks=(
        Task("journal", timedelta(seconds=5), redirect.send_journal),
        Task("links", timedelta(minutes=5), links.reload),
    ),
    resources=(links.LINKS, redirect.RECORDER),
    hints=links.HINTS,
    navigation=(NavigationItem("Campaigns", "campaigns", "megaphone", SEE, 40, also=("placements",)),),
    panels=(Panel("campaigns", "Campaigns", SEE, 40),),
    restate=restate,
    demo=demo.play,
)
