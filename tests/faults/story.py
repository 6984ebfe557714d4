"""One run, from the first booking to the findings; what `test_under_faults.py` and the soak have in common."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.checker import Remains, check
from tests.faults.history import History, Kind, Outcome
from tests.faults.load import Load
from tests.faults.nemesis import Nemesis
from tests.faults.nursery import Haste
from tests.faults.poison import Poison
from tests.faults.remains import Reader
from tests.faults.world import world

KILLS = 25
KILLING = 26.0
"""Seconds within which they happen."""
QUIET_WITHIN = 60.0


@dataclass(slots=True)
class Told:
    """What came of a run."""

    seed: int
    asked: Counter[tuple[Kind, Outcome]] = field(default_factory=Counter)
    inflicted: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    fell: dict[str, list[int]] = field(default_factory=dict)
    """Processes that ended by themselves, with their exit codes."""
    dead: list[str] = field(default_factory=list)
    """Dead letters that nobody had meant."""
    statuses: Counter[str] = field(default_factory=Counter)
    """What became of the deliveries."""
    remains: Remains = field(default_factory=Remains)
    findings: list[str] = field(default_factory=list)


async def short(folder: Path, seed: int, say: Callable[[str], None]) -> Told:
    """The run that every `make test` makes: everything once, in less than a minute and a half."""
    told, history = Told(seed), History()
    async with world(folder, Haste()) as made:
        reader, poison = Reader(made), Poison(made)
        async with Load(made, history, seed) as load:
            nemesis = Nemesis(made, history, load, seed, say)
            await poison.lay(load)
            async with asyncio.TaskGroup() as group:
                group.create_task(nemesis.kill(KILLS, KILLING))
                group.create_task(nemesis.torment(nemesis.short()))
        made.gates.heal()
        await made.houses.ready()
        told.findings += await poison.mended()
        told.seconds = {**nemesis.seconds, "all was quiet": [await reader.quiet(QUIET_WITHIN)]}
        await reader.an_hour_later()
        await reader.quiet(QUIET_WITHIN)
        told.remains = await reader.remains()
        told.dead = await reader.dead_letters()
        told.fell = {one.name: one.fell for one in made.houses if one.fell}
    told.asked, told.inflicted = history.sorted_out(), nemesis.done
    told.statuses = Counter(one.status for one in told.remains.deliveries)
    told.findings += made.houses.collapsed() + load.strange + nemesis.findings + check(history, told.remains)
    return told
