"""A thousand visitors cancel at once while others wait: every place goes to whoever is next, and nobody is passed by.

The baseline is the same with a tenth of them waiting: how a cancellation's cost grows with the line.
"""

from __future__ import annotations

import asyncio
from time import perf_counter

from benchmarks import seeds
from benchmarks.ground import Ground
from benchmarks.rounds import Rounds
from registrations.commands.together import ask
from registrations.domain.asking import Cancel
from registrations.facts import Cause
from services.context import Context
from tests.registrations.worlds import World

PLACES = 1_000
LONG, SHORT = 10_000, 1_000
AT_ONCE = 500


async def measure(ground: Ground) -> Rounds:
    async with ground.place("cancellations") as place, seeds.house(place, "registrations") as contexts:
        context = contexts["registrations"]
        async with seeds.world(place) as world:
            short = await _cancelled(context, world, "short", SHORT)
            long = await _cancelled(context, world, "fair", LONG)
    note = f"{PLACES:,} cancelled in {PLACES / long:.1f} s; with {SHORT:,} waiting in {PLACES / short:.1f} s"
    return Rounds([long], [short], note)


async def _cancelled(context: Context, world: World, slug: str, waiting: int) -> float:
    """Cancellations a second. Raises AssertionError where a place was not given again, or to the wrong one."""
    fair = world.event(slug, households=PLACES)
    await world.hear(fair)
    booked = [world.household(fair, f"{slug}{number}@example.org") for number in range(PLACES + waiting)]
    for start in range(0, len(booked), AT_ONCE):
        await world.decide(*booked[start : start + AT_ONCE])
    began = perf_counter()
    cancels = [Cancel(one.booking_id, Cause.VISITOR) for one in booked[:PLACES]]
    await asyncio.gather(*(ask(context, world.programme_id, one) for one in cancels))
    took = perf_counter() - began
    rows = await world.rows("SELECT id, status FROM bookings WHERE event_id = $1", fair.event_id)
    now = {row["id"]: row["status"] for row in rows}
    expected = ["cancelled"] * PLACES + ["confirmed"] * PLACES + ["waiting"] * (waiting - PLACES)
    assert [now[one.booking_id] for one in booked] == expected, "places went to others than those who were next"
    pool = (await world.rows("SELECT used, waiting FROM pools WHERE event_id = $1", fair.event_id))[0]
    assert pool == {"used": PLACES, "waiting": waiting - PLACES}
    return PLACES / took
