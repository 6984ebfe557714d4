"""The demo's campaigns: one for Dutch families before the fair, one for those who moved away; a year of clicks and
costs.

What a day brings is drawn from the day's own date, so every first start shows the same year.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from campaigns import commands, links
from campaigns.demo.plan import FAIR, HOMECOMING, PLANS, Appearance, Plan
from campaigns.facts import CampaignStatus, Verdict
from campaigns.inputs import CampaignInput, CostInput, PlacementInput, ReachInput
from campaigns.links import Link
from campaigns.redirect import RECORDER, Visit
from campaigns.verdicts import Judgement
from services import sql
from services.context import Context
from services.database import Transaction
from services.demo_clicks import demo_click

queries = sql.load("campaigns")

PROGRAMME = "blest-i-havlandet"
VERDICTS = [
    (Verdict.HUMAN, "browser", "phone"),
    (Verdict.HUMAN, "browser", "phone"),
    (Verdict.HUMAN, "browser", "phone"),
    (Verdict.HUMAN, "browser", "computer"),
    (Verdict.HUMAN, "browser", "tablet"),
    (Verdict.SUSPECT, "no-language", "computer"),
    (Verdict.BOT, "known-crawler", "bot"),
]


async def play(context: Context, day: date) -> None:
    """Play one day: plan and start what is due, enter costs and figures, click."""
    programme_id = await _programme(context)
    if programme_id is None:
        return
    async with context.database.transaction(programme_id) as tx:
        events = {row["slug"]: row for row in await queries.landing_events(tx.connection, many=None)}
        if FAIR not in events:
            return
        fair: date = events[FAIR]["starts_at"].date()
        made = {row["names"]["nb"]: row for row in await queries.list_campaigns(tx.connection)}
        slugs: list[str] = []
        for plan in PLANS:
            if plan.names["nb"] not in made and day >= fair + timedelta(days=plan.starts):
                slugs += await _plan(tx, plan, fair)
        for plan in PLANS:
            if plan.names["nb"] in made:
                slugs += await _continue(tx, plan, made[plan.names["nb"]], fair, day, HOMECOMING in events)
        placements = await queries.all_placements(tx.connection)
    for slug in slugs:
        await links.tell(context, slug)
    await _click(context, programme_id, placements, day)


async def _programme(context: Context) -> UUID | None:
    async with context.database.system() as tx:
        rows = await queries.programmes_known(tx.connection)
    return next((row["programme_id"] for row in rows if row["slug"] == PROGRAMME), None)


async def _plan(tx: Transaction, plan: Plan, fair: date) -> list[str]:
    terms = await queries.programme_terms(tx.connection)
    groups = [one["id"] for one in terms["target_groups"] if one["names"].get("nb") in plan.for_whom]
    given = CampaignInput(
        names=plan.names,
        objectives=plan.objectives,
        starts_on=fair + timedelta(days=plan.starts),
        ends_on=fair + timedelta(days=plan.ends),
        budget=plan.budget,
        goal_registrations=plan.goal,
        target_groups=groups,
    )
    campaign_id = await commands.plan_campaign(tx, given)
    slugs = []
    for one in plan.appearances:
        placement = PlacementInput(
            names=one.names,
            channel=one.channel,
            place=one.place,
            copies=one.copies,
            starts_on=given.starts_on,
            ends_on=given.ends_on,
            target=one.target,
            language=one.language,
        )
        placement_id, slug = await commands.add_placement(tx, campaign_id, placement)
        slugs.append(slug)
        for what, amount in one.costs:
            await commands.add_cost(tx, placement_id, CostInput(what=what, amount=amount, incurred_on=given.starts_on))
    await commands.set_status(tx, campaign_id, CampaignStatus.RUNNING)
    return slugs


async def _continue(tx: Transaction, plan: Plan, row: Any, fair: date, day: date, homecoming: bool) -> list[str]:
    """Weekly imported figures; links that lead to the homecoming day once it is published; the end."""
    if row["status"] != "running":
        return []
    by_name = {one.names["nb"]: one for one in plan.appearances}
    slugs = []
    for placement in await queries.list_placements(tx.connection, campaign_id=row["id"]):
        one = by_name[placement["names"]["nb"]]
        if one.impressions and day.weekday() == 0:
            figure = ReachInput(
                kind="impressions",
                amount=_draw(day, placement["slug"]).randrange(one.impressions // 2, one.impressions),
                source=one.source,
                origin=one.origin,
                starts_on=day - timedelta(days=7),
                ends_on=day - timedelta(days=1),
            )
            await commands.set_reach(tx, placement["id"], figure)
        wanted = one.later_target if homecoming and one.later_target else placement["target"]
        if wanted != placement["target"]:
            values = {
                name: placement[name]
                for name in ("names", "channel", "place", "copies", "starts_on", "ends_on", "language", "version")
            }
            slugs.append(await commands.change_placement(tx, placement["id"], PlacementInput(target=wanted, **values)))
    if day > fair + timedelta(days=plan.ends):
        await commands.set_status(tx, row["id"], CampaignStatus.FINISHED)
    return slugs


async def _click(context: Context, programme_id: UUID, placements: Sequence[Any], day: date) -> None:
    """The day's visits; those who register that day carry these clicks, see `demo_click`."""
    draw = _draw(day, "clicks")
    known: dict[str, Appearance] = {one.names["nb"]: one for plan in PLANS for one in plan.appearances}
    number = 0
    for placement in placements:
        if not placement["starts_on"] <= day <= placement["ends_on"]:
            continue
        one = known[placement["names"]["nb"]]
        link = Link(placement["slug"], programme_id, placement["id"], placement["target"], placement["language"])
        for _ in range(draw.randrange(0, 2 * one.visits + 1)):
            # The first clicks of a day are people's: some of them will register.
            verdict, rule, device = draw.choice(VERDICTS[:5] if number < 6 else VERDICTS)
            visit = Visit(
                link,
                at=context.clock.now(),
                source="qr" if one.copies and verdict is Verdict.HUMAN else "link",
                judgement=Judgement(verdict, rule, device),
                language=one.language or "nb",
                click_id=demo_click(day, number),
            )
            await context.resource(RECORDER).keep(visit)
            number += 1


def _draw(day: date, what: str) -> random.Random:
    return random.Random(f"{day.isoformat()} {what}")  # noqa: S311 - the demo's dice, not a secret
