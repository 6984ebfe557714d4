"""`blest run` whole, on the demo's year: how soon it answers, and what it takes of memory when nobody asks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import perf_counter

import psutil

from benchmarks.children import ROOT, child, until_answered
from benchmarks.ground import Ground
from benchmarks.rounds import Rounds
from tests.ports import free_port

STARTS = 3
IDLE = 10.0
"""Seconds after which what a start does is over."""
THE_YEAR = 600.0
"""Seconds that the first start may take, which plays it."""


async def start(ground: Ground) -> Rounds:
    """Seconds from the command to the first answer, with a year of data there."""
    folder, took = await _year(ground), []
    for _ in range(STARTS):
        began = perf_counter()
        async with _running(folder):
            took.append(perf_counter() - began)
    return Rounds(took)


async def memory(ground: Ground) -> Rounds:
    """MB of all processes together, what they share counted once."""
    async with _running(await _year(ground)) as pid:
        await asyncio.sleep(IDLE)
        whole = psutil.Process(pid)
        found: dict[str, float] = defaultdict(float)
        for one in (whole, *whole.children(recursive=True)):
            # One of PostgreSQL's that had nothing more to do may be gone by now.
            with suppress(psutil.NoSuchProcess):
                found[one.name()] += one.memory_full_info().pss / 2**20
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sorted(found.items(), key=lambda part: -part[1]))
    return Rounds([sum(found.values())], note=parts)


async def _year(ground: Ground) -> Path:
    """A folder in which the year was played; once in a run."""
    folder = ground.home.folder / "house"
    if not folder.exists():
        folder.mkdir()
        async with _running(folder, THE_YEAR):
            pass
    return folder


@asynccontextmanager
async def _running(folder: Path, patience: float = 60.0) -> AsyncIterator[int]:
    """`blest run` in a folder until the block ends; its process's id."""
    port, log = free_port(), folder / "run.log"
    settings = {"BLEST_PORT": str(port), "PYTHONPATH": str(ROOT)}
    async with child("benchmarks.blest", "run", settings=settings, log=log, folder=folder) as process:
        await until_answered(process, port, "/readyz", log, patience)
        yield process.pid
