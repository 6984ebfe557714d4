"""The repairs, by the commands that people have for them: what was lost comes back, and who was erased does not."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
from collections.abc import AsyncIterator

from aiohttp import ClientSession

from services.embedded.nats import EmbeddedNats
from services.registry import installed
from services.streams import consumer_name
from tests.faults.cluster import Cluster
from tests.faults.fair import PROGRAMME
from tests.faults.history import History, Kind, Outcome
from tests.faults.remains import Reader
from tests.faults.rows import differences, every_row
from tests.faults.world import World
from tests.journeys.traces import in_tables

BLEST = "from services.cli.main import blest; blest(prog_name='blest')"
ERASED = 5
VISITOR = "SELECT id FROM people.visitors WHERE email = $1"
TIED = {
    "campaigns.conversions": "SELECT count(*) FROM campaigns.conversions WHERE visitor_id = ANY($1)",
    "campaigns.families": "SELECT count(family_id) FROM campaigns.families WHERE visitor_id = ANY($1)",
    "notifications.known_bookings": "SELECT count(*) FROM notifications.known_bookings WHERE visitor_id = ANY($1)",
    "people.consents": "SELECT count(*) FROM people.consents WHERE visitor_id = ANY($1) AND withdrawn_at IS NULL",
}
"""What ties a row to a person who was erased; a family's row without a family says that nothing shall."""


class CommandFailed(Exception):
    """A `blest` command ended with an error. The message is what it said."""


def cluster_of(world: World) -> Cluster:
    assert isinstance(world.nats, Cluster)
    return world.nats


async def blest(world: World, *arguments: str) -> str:
    """Run a command on this world's servers; what it said. Raises `CommandFailed`."""
    settings = world.settings()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        BLEST,
        *arguments,
        env={
            **os.environ,
            "BLEST_DATABASE": settings.database,
            "BLEST_NATS": settings.nats,
            "BLEST_SECRETS": str(settings.secrets),
            "BLEST_STATE": str(settings.state),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise CommandFailed(f"{arguments}: {said.decode()[-500:]}")
    return said.decode()


async def store_deleted(world: World, reader: Reader, within: float) -> AsyncIterator[str]:
    """Delete the whole JetStream store, republish and rebuild, and compare every row with what was."""
    assert isinstance(world.nats, EmbeddedNats)
    await reader.quiet(within)
    before = await every_row(world)
    await world.kill_nats()
    await asyncio.to_thread(shutil.rmtree, world.folder / "nats" / "jetstream")
    await world.nats.start()
    await blest(world, "facts", "republish", "--since", "30d")
    await reader.quiet(within)
    await _forget_projections(world)
    await blest(world, "projections", "rebuild", "--all")
    await reader.quiet(within)
    for line in differences(before, await every_row(world)):
        yield f"!{line}"
    yield f"{sum(rows.total() for rows in before.values())} rows of {len(before)} tables compared"


async def _forget_projections(world: World) -> None:
    """What a rebuild takes in once more is meant to be."""
    names = [
        consumer_name(one.name, reaction) for one in installed() for reaction in one.reactions if reaction.projection
    ]
    quoted = ", ".join(f"'{name}'" for name in names)
    await world.order(f"DELETE FROM watch.taken WHERE consumer IN ({quoted})")
    tables = [f"{one.name}.{table}" for one in installed() for reaction in one.reactions for table in reaction.tables]
    quoted = ", ".join(f"'{table}'" for table in tables)
    await world.order(f"DELETE FROM watch.steps WHERE place IN ({quoted})")


async def erased(
    world: World, reader: Reader, history: History, chance: random.Random, within: float
) -> AsyncIterator[str]:
    """Erase some who have booked, republish everything, and look for them."""
    booked = history.values(Kind.BOOKING, Outcome.ACKNOWLEDGED)
    values = chance.sample(booked, min(ERASED, len(booked)))
    visitors = [(await world.look(VISITOR, value))[0]["id"] for value in values]
    await world.houses.ready()
    async with ClientSession(headers={"Authorization": f"Bearer {world.fair.token}"}) as session:
        for visitor in visitors:
            port = world.houses.of("registrations")[0].port
            path = f"/api/v1/programmes/{PROGRAMME}/visitors/{visitor}"
            async with session.delete(f"http://127.0.0.1:{port}{path}") as answer:
                if answer.status != 200:
                    yield f"!erasing was answered with {answer.status}: {await answer.text()}"
    history.forget(values)
    await reader.quiet(within)
    for when in ("after the erasure", "after the republication"):
        admin = await world.admin()
        try:
            if found := await in_tables(admin, *values):
                yield f"!{when}, erased visitors are found in {', '.join(sorted(found))}"
            for table, question in TIED.items():
                if tied := await admin.fetchval(question, visitors):
                    yield f"!{when}, {tied} rows of {table} are tied to erased visitors"
        finally:
            await admin.close()
        if when == "after the erasure":
            await blest(world, "facts", "republish", "--since", "30d")
            await reader.quiet(within)
    yield f"{len(values)} erased"
