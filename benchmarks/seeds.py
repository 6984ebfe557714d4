"""What is there before a figure is taken: a programme, an event with its slots, a campaign with a link, a crowd. Made
through the services' own reactions and commands where there are few of them, by SQL where there are many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks.ground import Place
from campaigns import commands, reactions
from campaigns.inputs import CampaignInput, PlacementInput
from events.commands.events import draft_event, publish_event
from events.commands.slots import open_slots
from events.commands.stands import place_stand
from events.domain.inputs import EventInput, StandInput
from events.domain.slot_inputs import RuleInput
from events.domain.state import Slot
from events.facts import SlotOpened, Unit
from events.reactions import take_in_places, take_in_programme
from registrations.facts import PlacesChanged
from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.identity import access, sessions
from services.identity import commands as identity
from services.memory_bus import MemoryBus, MemoryServer
from services.process import started
from services.registry import chosen
from services.routes import Role
from tests.campaigns.desk import event, programme
from tests.registrations.worlds import World

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")

UNTOLD: Any = None
"""For reactions that look at the fact alone: nobody sent these in an envelope."""


def moved_clock() -> MovedClock:
    return MovedClock(datetime.now(UTC))


@asynccontextmanager
async def world(place: Place) -> AsyncIterator[World]:
    """What registrations has heard of, and a hand to put more there."""
    clock = moved_clock()
    database = Database("registrations", place.settings.database, place.keys, clock)
    await database.open()
    try:
        found = World(database, place.keys, clock, PROGRAMME)
        await found.programme()
        yield found
    finally:
        await database.close()


async def slots(found: World, many: int, capacity: int) -> list[SlotOpened]:
    """An event `fair` with a stand and so many slots, each with so many places."""
    fair = found.event("fair")
    stand = found.stand(fair)
    opened = [found.slot(stand, capacity, days=10 + number / 48) for number in range(many)]
    await found.hear(fair, stand, *opened)
    return opened


@asynccontextmanager
async def house(place: Place, *services: str) -> AsyncIterator[dict[str, Context]]:
    """Some services opened here, with nothing in the background, on a bus that nobody listens to."""
    clock = moved_clock()
    memory = MemoryServer(clock)
    async with started(
        place.settings, chosen(services), clock=clock, bus=lambda _: MemoryBus(memory), background=False
    ) as running:
        yield running.contexts


async def link(place: Place) -> str:
    """A campaign's placement that leads to an event; the slug of its link."""
    async with house(place, "campaigns") as contexts:
        context, clock = contexts["campaigns"], moved_clock()
        today = clock.now().date()
        campaign = CampaignInput(names={"nb": "Nederlandske familier"}, starts_on=today, ends_on=today + timedelta(90))
        placement = PlacementInput(
            names={"nb": "Brosjyre"}, channel="brochure", target="/events/fair", starts_on=today, language="nb"
        )
        async with context.database.transaction(PROGRAMME) as tx:
            await reactions.keep_terms(tx, programme(PROGRAMME, clock), UNTOLD)
            await reactions.keep_event(tx, event(PROGRAMME, clock, UUID(int=2), "fair"), UNTOLD)
            campaign_id = await commands.plan_campaign(tx, campaign)
            _, slug = await commands.add_placement(tx, campaign_id, placement)
    return slug


async def organiser(place: Place) -> tuple[dict[str, str], str]:
    """An organiser of the programme, signed in: the browser's cookies, and the token of its forms."""
    async with house(place) as contexts:
        context = contexts["identity"]
        async with context.database.transaction(None) as tx:
            await identity.register_programme(
                tx, PROGRAMME, slug="havlandet", name="Havlandet", language="nb", status="published"
            )
            account_id = await identity.create_account(
                tx, email="organiser@blest.example", name="Organiser", language="en", password="vind over skjær"
            )
            await identity.grant(tx, None, PROGRAMME, account_id, Role.ORGANISER)
            token = await sessions.begin(tx, account_id, "bench")
        principal = await access.session(context, token)
    return {sessions.cookie_name(place.settings.secure): token}, principal.csrf


async def published(place: Place, stands: int, many: int) -> None:
    """An event `messe` with so many slots at each of so many stands, and for each what is left."""
    async with house(place, "events") as contexts:
        context, day = contexts["events"], moved_clock().now().date() + timedelta(20)
        async with context.database.transaction(PROGRAMME) as tx:
            await take_in_programme(tx, programme(PROGRAMME, moved_clock()), UNTOLD)
            made = await draft_event(
                tx,
                EventInput(
                    titles={"nb": "Messe for utvandrere"},
                    summaries={"nb": "Møt oss, og hør om jobb, bolig og skole."},
                    descriptions={"nb": "Kom **innom**.\n\n- jobb\n- bolig\n- skole"},
                    slug="messe",
                    time_zone="Europe/Amsterdam",
                    starts_at=f"{day}T10:00",
                    ends_at=f"{day}T18:00",
                    venue_name="Expo Houten",
                ),
            )
            opened = []
            for number in range(stands):
                given = StandInput(
                    number=str(number + 1), names={"nb": f"Kommune {number}"}, exhibitor="Havlandet", languages=("nb",)
                )
                stand = await place_stand(tx, made.event_id, given)
                rule = RuleInput(first_day=str(day), opens="10:00", closes="16:00", length=360 // many, capacity=4)
                opened += await open_slots(tx, stand.stand_id, rule)
            await publish_event(tx, made.event_id)
            for slot in opened:
                await take_in_places(tx, places_of(slot), UNTOLD)


def places_of(slot: Slot) -> PlacesChanged:
    """What registrations tells of a slot where one household comes."""
    return PlacesChanged(
        programme_id=PROGRAMME,
        version=2,
        at=slot.starts_at,
        pool_id=slot.slot_id,
        event_id=slot.event_id,
        stand_id=slot.stand_id,
        slot_id=slot.slot_id,
        unit=Unit.HOUSEHOLDS,
        capacity=4,
        used=1,
        waiting=0,
    )
