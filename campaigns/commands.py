"""What may be done with campaigns, placements and their figures: lock, decide, write, publish, note who did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from campaigns import domain, known
from campaigns.facts import CampaignChanged, CampaignStatus, PlacementChanged
from campaigns.inputs import CampaignInput, CostInput, PlacementInput, ReachInput
from services import sql
from services.database import Transaction
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit
from services.identity.principal import Principal
from services.ids import new_id
from services.pages.languages import msgid

queries = sql.load(__package__)

By = Principal | None
"""Who does it, for the audit; None is the installation itself."""
MINOR = 100
NOTHING: Mapping[str, Mapping[str, str]] = {}
TRIES = 5
CHANGED = msgid("Somebody else has saved this since you opened it. Open it again and make your change there.")
UNREAD = msgid("Name the version that you read, so that nobody's change is lost.")


async def terms_of(tx: Transaction) -> Any:
    """The programme's words; Conflict `opening-shortly` while they are not here yet."""
    terms = await queries.programme_terms(tx.connection)
    if terms is None:
        raise Conflict("opening-shortly", msgid("This programme is just being opened here. Try again in a moment."))
    return terms


async def plan_campaign(tx: Transaction, given: CampaignInput, *, by: By = None) -> UUID:
    """A new campaign, as a draft; returns its id. Invalid where it names what the programme does not have."""
    _refuse(known.campaign_errors(given, await terms_of(tx), None))
    campaign_id = new_id(tx.moment)
    await queries.add_campaign(
        tx.connection, id=campaign_id, programme_id=tx.programme, moment=tx.moment, **_columns(given)
    )
    await _state_campaign(tx, campaign_id)
    await audit.record(tx, by, "campaign.planned", f"campaign:{campaign_id}")
    return campaign_id


async def change_campaign(tx: Transaction, campaign_id: UUID, given: CampaignInput, *, by: By = None) -> int:
    """Save what was edited and return the new version; Conflict `changed-meanwhile` where somebody saved since the
    form was opened, Invalid as for a new one."""
    row = await queries.lock_campaign(tx.connection, id=campaign_id)
    if row is None:
        raise NotFound("campaign")
    _refuse(known.campaign_errors(given, await terms_of(tx), row), given.version)
    version: int | None = await queries.change_campaign(
        tx.connection,
        id=campaign_id,
        version=given.version,
        **_columns(given, await _kept(tx, row, "names", "objectives")),
    )
    if version is None:
        raise Conflict("changed-meanwhile", CHANGED)
    await _state_campaign(tx, campaign_id)
    await audit.record(tx, by, "campaign.changed", f"campaign:{campaign_id}", version=version)
    return version


async def set_status(tx: Transaction, campaign_id: UUID, wanted: CampaignStatus, *, by: By = None) -> None:
    """Start, pause or finish; Conflict `step-not-allowed` for any other step. Links of a finished campaign still lead
    on."""
    row = await queries.lock_campaign(tx.connection, id=campaign_id)
    if row is None:
        raise NotFound("campaign")
    if not domain.may_become(CampaignStatus(row["status"]), wanted):
        raise Conflict("step-not-allowed", msgid("The campaign is in another state by now. Open it again."))
    await queries.set_campaign_status(tx.connection, id=campaign_id, status=wanted)
    await _state_campaign(tx, campaign_id)
    await audit.record(tx, by, "campaign.status_set", f"campaign:{campaign_id}", status=str(wanted))


async def add_placement(
    tx: Transaction, campaign_id: UUID, given: PlacementInput, *, by: By = None
) -> tuple[UUID, str]:
    """A placement with a tracked link of its own; returns its id and slug. Invalid where it would lead
    nowhere."""
    if await queries.lock_campaign(tx.connection, id=campaign_id) is None:
        raise NotFound("campaign")
    await _check_placement(tx, given, None)
    placement_id = new_id(tx.moment)
    slug = await _give_link(tx, placement_id, given)
    await queries.add_placement(
        tx.connection,
        id=placement_id,
        programme_id=tx.programme,
        campaign_id=campaign_id,
        slug=slug,
        moment=tx.moment,
        **_placement_columns(given),
    )
    if given.cost:
        cost = CostInput(
            what=next(iter(given.names.values())),
            amount=given.cost,
            currency=given.currency,
            incurred_on=given.starts_on or tx.moment.date(),
        )
        await add_cost(tx, placement_id, cost, by=by)
    await _state_placement(tx, placement_id)
    await audit.record(tx, by, "placement.added", f"placement:{placement_id}")
    return placement_id, slug


async def change_placement(tx: Transaction, placement_id: UUID, given: PlacementInput, *, by: By = None) -> str:
    """Save what was edited and point its link; returns the slug, which never changes. Invalid where the link would
    newly lead nowhere, Conflict `changed-meanwhile` where somebody saved since it was read."""
    if await queries.lock_placement(tx.connection, id=placement_id) is None:
        raise NotFound("placement")
    row = await queries.find_placement(tx.connection, id=placement_id)
    await _check_placement(tx, given, row)
    changed = await queries.change_placement(
        tx.connection,
        id=placement_id,
        version=given.version,
        **_placement_columns(given, await _kept(tx, row, "names")),
    )
    if changed is None:
        raise Conflict("changed-meanwhile", CHANGED)
    await queries.point_link(
        tx.connection, placement_id=placement_id, target=given.target, language=given.language, moment=tx.moment
    )
    await _state_placement(tx, placement_id)
    await audit.record(tx, by, "placement.changed", f"placement:{placement_id}")
    return str(row["slug"])


async def add_cost(tx: Transaction, placement_id: UUID, given: CostInput, *, by: By = None) -> UUID:
    """A cost line, in the currency in which it was paid, or else the campaign's; returns its id."""
    row = await queries.lock_placement(tx.connection, id=placement_id)
    if row is None:
        raise NotFound("placement")
    campaign = await queries.find_campaign(tx.connection, id=row["campaign_id"])
    cost_id = new_id(tx.moment)
    await queries.add_cost(
        tx.connection,
        id=cost_id,
        programme_id=tx.programme,
        placement_id=placement_id,
        what=given.what,
        amount_minor=given.amount * MINOR,
        currency=given.currency or campaign["currency"],
        incurred_on=given.incurred_on,
    )
    await audit.record(tx, by, "cost.entered", f"placement:{placement_id}", amount=given.amount)
    return cost_id


async def remove_cost(tx: Transaction, placement_id: UUID, cost_id: UUID, *, by: By = None) -> None:
    """Take away a line entered by mistake; one already gone stays gone."""
    if await queries.lock_placement(tx.connection, id=placement_id) is None:
        raise NotFound("placement")
    if await queries.remove_cost(tx.connection, id=cost_id, placement_id=placement_id) is not None:
        await audit.record(tx, by, "cost.removed", f"placement:{placement_id}")


async def set_reach(tx: Transaction, placement_id: UUID, given: ReachInput, *, by: By = None) -> UUID:
    """How many saw it in a period; entering a period again replaces the figure. Returns the figure's id. Conflict
    where periods differ but overlap."""
    if await queries.lock_placement(tx.connection, id=placement_id) is None:
        raise NotFound("placement")
    for row in await queries.list_reach(tx.connection, placement_id=placement_id):
        same = (row["first_day"], row["last_day"]) == (given.starts_on, given.ends_on)
        if row["kind"] == given.kind and not same and _overlap(row, given.starts_on, given.ends_on):
            raise Conflict(
                "periods-overlap",
                msgid("There is a figure for {first} to {last} already; it would be counted twice."),
                first=row["first_day"].isoformat(),
                last=row["last_day"].isoformat(),
            )
    reach_id: UUID = await queries.set_reach(
        tx.connection,
        id=new_id(tx.moment),
        programme_id=tx.programme,
        placement_id=placement_id,
        kind=given.kind,
        amount=given.amount,
        source=given.source,
        origin=given.origin,
        first_day=given.starts_on,
        last_day=given.ends_on,
        moment=tx.moment,
    )
    await audit.record(tx, by, "reach.entered", f"placement:{placement_id}", kind=given.kind, amount=given.amount)
    return reach_id


async def _check_placement(tx: Transaction, given: PlacementInput, held: Any) -> None:
    terms = await terms_of(tx)
    events = {row["slug"] for row in await queries.landing_events(tx.connection, many=None)}
    errors = known.placement_errors(given, terms, events, held)
    _refuse(errors, given.version if held is not None else 1)


def _refuse(errors: dict[str, str], version: int | None = 1) -> None:
    """Raise Invalid with every wrong field; a change has to name the version it is made on."""
    found = errors if version is not None else {**errors, "version": UNREAD}
    if found:
        raise Invalid(found)


def _overlap(row: Any, first: date, last: date) -> bool:
    return bool(row["first_day"] <= last and first <= row["last_day"])


async def _give_link(tx: Transaction, placement_id: UUID, given: PlacementInput) -> str:
    """Draw slugs until one was never given out; 5 draws from 887 million."""
    for _ in range(TRIES):
        slug = domain.new_slug()
        try:
            async with tx.connection.transaction():
                await queries.add_link(
                    tx.connection,
                    slug=slug,
                    programme_id=tx.programme,
                    placement_id=placement_id,
                    target=given.target,
                    language=given.language,
                    moment=tx.moment,
                )
        except asyncpg.UniqueViolationError:
            continue
        return slug
    raise Conflict("no-slug", msgid("No free short address was found. Please try again."))


async def _kept(tx: Transaction, row: Any, *texts: str) -> dict[str, dict[str, str]]:
    """Its texts in languages that the programme no longer speaks: no form shows them, so none may drop them."""
    spoken = (await terms_of(tx))["languages"]
    return {name: {lang: text for lang, text in row[name].items() if lang not in spoken} for name in texts}


def _columns(given: CampaignInput, kept: Mapping[str, Mapping[str, str]] = NOTHING) -> dict[str, Any]:
    return {
        **given.model_dump(include={"starts_on", "ends_on", "currency", "goal_registrations"}),
        "target_groups": given.target_groups,
        "selling_points": given.selling_points,
        "budget_minor": given.budget * MINOR,
        "names": {**kept.get("names", {}), **given.names},
        "objectives": {**kept.get("objectives", {}), **given.objectives},
    }


def _placement_columns(given: PlacementInput, kept: Mapping[str, Mapping[str, str]] = NOTHING) -> dict[str, Any]:
    values = given.model_dump(include={"channel", "place", "copies", "starts_on", "ends_on"})
    return {**values, "names": {**kept.get("names", {}), **given.names}}


async def _state_campaign(tx: Transaction, campaign_id: UUID) -> None:
    tx.publish(campaign_fact(tx, await queries.find_campaign(tx.connection, id=campaign_id)))


async def _state_placement(tx: Transaction, placement_id: UUID) -> None:
    tx.publish(placement_fact(tx, await queries.lock_placement(tx.connection, id=placement_id)))


def campaign_fact(tx: Transaction, row: Any) -> CampaignChanged:
    """The public state of a campaign's row."""
    return CampaignChanged(
        programme_id=tx.programme,
        version=row["version"],
        at=tx.moment,
        campaign_id=row["id"],
        names=row["names"],
        status=row["status"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        target_groups=tuple(row["target_groups"]),
    )


def placement_fact(tx: Transaction, row: Any) -> PlacementChanged:
    """The public state of a placement's row."""
    return PlacementChanged(
        programme_id=tx.programme,
        version=row["version"],
        at=tx.moment,
        placement_id=row["id"],
        campaign_id=row["campaign_id"],
        names=row["names"],
        channel=row["channel"],
        slug=row["slug"],
    )
