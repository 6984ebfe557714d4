"""What is there before a figure is taken: a programme, an event with its slots, a campaign with a link, a crowd. Made
through the services' own reactions and commands where there are few of them, by SQL where there are many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from benchmarks.ground import Place
from campaigns import commands, reactions
from campaigns.inputs import CampaignInput, PlacementInput
from events.facts import SlotOpened
from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.memory_bus import MemoryBus, MemoryServer
from services.process import started
from services.registry import chosen
from tests.campaigns.desk import event, programme
from tests.registrations.worlds import World

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")


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
            await reactions.keep_terms(tx, programme(PROGRAMME, clock), None)  # type: ignore[arg-type]
            await reactions.keep_event(tx, event(PROGRAMME, clock, UUID(int=2), "fair"), None)  # type: ignore[arg-type]
            campaign_id = await commands.plan_campaign(tx, campaign)
            _, slug = await commands.add_placement(tx, campaign_id, placement)
    return slug
