"""`python -m benchmarks.growth [LARGEST]`: how each cost grows from a thousand bookings and clicks to a million.

Draws `benchmarks/growth.svg` and prints the table for `benchmarks/README.md`. Each size has a database of its own. One
operation is done at a time, with nothing beside it; the figure is the median of several, in milliseconds, commit
included. They go through the commands and queries that requests go through; the rows are put there by SQL.
"""

from __future__ import annotations

import io
import logging
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from uuid import UUID

import click
import uvloop

from benchmarks import ground, seeds
from benchmarks.__main__ import WRITTEN
from benchmarks.ground import Ground, Place
from benchmarks.plot import drawn
from campaigns import reactions
from campaigns.facts import Click, ClicksRecorded
from registrations.domain.asking import Cancel
from registrations.facts import BookingStatus, Cause
from registrations.pages.attendees import list_attendees
from registrations.statements import queries as booked
from services import logs, sql
from services.database import Database
from services.http.pagination import Cursor
from services.ids import new_id
from tests.registrations.crowds import CROWD, HOUSEHOLDS

SIZES = (1_000, 10_000, 100_000, 1_000_000)
BITE = 100_000
"""Rows that one statement puts there."""
TIMES, WARM = 18, 3
"""How often each is done, and how many of them, which fill caches and prepare statements, do not count."""
PICTURE = Path(__file__).with_name("growth.svg")

CLICKS = """
INSERT INTO clicks (id, programme_id, placement_id, clicked_at, source, verdict, rule, ruleset, device, language)
SELECT gen_random_uuid(), $1, $2, now() - n * interval '1 second', CASE WHEN n % 3 = 0 THEN 'qr' ELSE 'link' END,
       CASE WHEN n % 10 = 0 THEN 'bot' ELSE 'human' END, 'browser', 1, 'phone', 'nl'
FROM generate_series(1, $3::integer) AS n
"""

Work = Callable[[], Awaitable[object]]


async def grown(on: Ground, size: int) -> dict[str, float]:
    """Milliseconds by operation, where one event has `size` bookings and one placement `size` clicks."""
    async with (
        on.place(f"growth_{size}") as place,
        registrations(place, size) as of_registrations,
        campaigns(place, size) as of_campaigns,
    ):
        await on.tidy(place)
        return {name: await _median(work) for name, work in {**of_registrations, **of_campaigns}.items()}


async def _median(work: Work) -> float:
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        await work()
        took.append((perf_counter() - began) * 1000)
    return statistics.median(took[WARM:])


@asynccontextmanager
async def registrations(place: Place, size: int) -> AsyncIterator[dict[str, Work]]:
    async with seeds.world(place) as world:
        fair = world.event("fair")
        await world.programme()
        await world.hear(fair)
        async with world.database.transaction(world.programme_id) as tx:
            given = (world.programme_id, fair.event_id, fair.starts_at, fair.ends_at)
            for begin in range(1, size, BITE):
                await tx.connection.execute(CROWD, min(size, BITE), *given, begin, timeout=600)
            await tx.connection.execute(HOUSEHOLDS, fair.event_id, timeout=600)
        stand = world.stand(fair)
        slot = world.slot(stand, 10_000)
        await world.hear(stand, slot)
        taken: list[UUID] = []

        async def book() -> None:
            wish = world.household(slot)
            await world.decide(wish)
            taken.append(wish.booking_id)

        async def cancel() -> None:
            await world.decide(Cancel(taken.pop(), Cause.VISITOR))

        async def listed(search: str) -> None:
            async with world.database.transaction(world.programme_id) as tx:
                states = (BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.HELD)
                await list_attendees(tx, fair.event_id, states, search, Cursor.read(None, "key", "id"), 51)

        async def counted() -> None:
            async with world.database.transaction(world.programme_id) as tx:
                await booked.states_of_event(tx.connection, event_id=fair.event_id, states=list(BookingStatus))

        yield {
            "one booking": book,
            "one cancellation": cancel,
            "attendees: first page": lambda: listed(""),
            "attendees: search by name": lambda: listed("anna"),
            "attendees: counts by state": counted,
        }


@asynccontextmanager
async def campaigns(place: Place, size: int) -> AsyncIterator[dict[str, Work]]:
    queries = sql.load("campaigns")
    await seeds.link(place)
    clock = seeds.moved_clock()
    database = Database("campaigns", place.settings.database, place.keys, clock)
    await database.open()
    try:
        async with database.transaction(seeds.PROGRAMME) as tx:
            placement = await tx.connection.fetchrow("SELECT id, campaign_id FROM placements")
            for _ in range(0, size, BITE):
                await tx.connection.execute(CLICKS, seeds.PROGRAMME, placement["id"], min(size, BITE), timeout=600)

        def visit() -> Click:
            moment = clock.now()
            return Click(
                click_id=new_id(moment),
                at=moment,
                placement_id=placement["id"],
                source="qr",
                verdict="human",
                rule="browser",
                ruleset=1,
                device="phone",
            )

        async def count() -> None:
            fact = ClicksRecorded(
                programme_id=seeds.PROGRAMME,
                version=1,
                at=clock.now(),
                batch_id=new_id(clock.now()),
                clicks=tuple(visit() for _ in range(64)),
            )
            async with database.transaction(seeds.PROGRAMME) as tx:
                await reactions.take_clicks(tx, fact, seeds.UNTOLD)

        async def figures() -> None:
            async with database.transaction(seeds.PROGRAMME) as tx:
                await queries.figures_of_campaign(tx.connection, campaign_id=placement["campaign_id"])

        yield {"64 clicks counted": count, "a campaign's figures": figures}
    finally:
        await database.close()


async def run(largest: int, folder: Path) -> None:
    sizes = [one for one in SIZES if one <= largest]
    found: dict[str, list[float]] = {}
    async with ground.opened(folder) as opened:
        for size in sizes:
            for name, took in (await grown(opened, size)).items():
                found.setdefault(name, []).append(took)
    click.echo(f"| milliseconds | {' | '.join(f'{size:,}' for size in sizes)} |")
    click.echo(f"|---|{'---|' * len(sizes)}")
    for name, line in found.items():
        click.echo(f"| {name} | {' | '.join(f'{value:.1f}' for value in line)} |")
    PICTURE.write_text(drawn("How each cost grows", "bookings of one event, clicks of one link", "ms", sizes, found))


def main(largest: int) -> None:
    logs.configure("json", to=io.StringIO(), level=logging.CRITICAL)
    WRITTEN.parent.mkdir(exist_ok=True)
    uvloop.run(run(largest, Path(tempfile.mkdtemp(prefix="growth-", dir=WRITTEN.parent)).resolve()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1])
