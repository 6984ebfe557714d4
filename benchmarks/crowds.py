"""An event with 100,000 bookings: how soon a page of its list is there, and what its export takes of memory.

Both are asked for over HTTP by an organiser. The crowd is `tests/registrations/crowds.py`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import aiohttp

from benchmarks import seeds
from benchmarks.children import serving_process
from benchmarks.ground import Ground, Place
from benchmarks.rounds import Rounds, alone
from tests.registrations.crowds import crowd

MANY, FEW = 100_000, 1_000
LIST = "/en/console/havlandet/attendees/fair"
WAYS = ("", "?q=anna", "?q=aza77777", "?tab=cancelled", "?q=bcd123", "?q=nobody+at+all", "?tab=waiting")
"""The first page, by name, by part of one, in few states, by address, nobody, and who waits."""
ASKED = 40
"""Pages of one round."""


async def fill(place: Place) -> None:
    """The template of both: the crowd, and a small one beside it."""
    async with seeds.world(place) as world:
        await crowd(world, MANY, "fair")
        await crowd(world, FEW, "small", begin=MANY + 1)


async def listed(ground: Ground) -> Rounds:
    """Milliseconds within which 95 of 100 pages of the list are there."""
    async with _desk(ground, "listed") as (client, _):

        async def p95() -> float:
            took = []
            for way in islice(cycle(WAYS), ASKED):
                began = perf_counter()
                async with client.get(LIST + way) as response:
                    page = await response.text()
                took.append(perf_counter() - began)
                assert response.status == 200, page
            return sorted(took)[int(0.95 * ASKED)] * 1000

        return await alone(p95, rounds=3)


async def exported(ground: Ground) -> Rounds:
    """MB by which the process's memory peaks higher for a file of 100,000 than for one of 1,000."""
    async with _desk(ground, "exported") as (client, process):
        await _taken_out(client, "small", FEW)  # what a first export loads stays loaded
        took = []

        async def growth() -> float:
            peaks = []
            for event, many in (("small", FEW), ("fair", MANY)):
                _forget_peak(process)
                before = _resident(process, "VmRSS")
                began = perf_counter()
                await _taken_out(client, event, many)
                took.append(perf_counter() - began)
                peaks.append(_resident(process, "VmHWM") - before)
            return max(0.0, peaks[1] - peaks[0])

        found = await alone(growth, rounds=2)
        return Rounds(found.values, note=f"{MANY:,} rows in {max(took):.1f} s at most")


async def _taken_out(client: aiohttp.ClientSession, event: str, many: int) -> None:
    path = f"/api/v1/programmes/havlandet/attendees/{event}/exports"
    async with client.post(path, json={"format": "csv"}) as response:
        assert response.status == 200, await response.text()
        lines = 0
        async for chunk in response.content.iter_any():
            lines += chunk.count(b"\n")
    assert lines == many + 1, f"{lines} lines for {many} bookings"


@asynccontextmanager
async def _desk(ground: Ground, name: str) -> AsyncIterator[tuple[aiohttp.ClientSession, int]]:
    """An organiser's session with a process of registrations, and that process's id."""
    async with ground.place(name, like=fill) as place:
        cookies, csrf = await seeds.organiser(place)
        async with serving_process(place.settings, place.folder, "registrations") as (port, process):
            headers = {"X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin"}
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookies=cookies, headers=headers) as client:
                await asyncio.sleep(1)  # what a process does as it begins is over
                yield client, process


def _resident(process: int, what: str) -> float:
    """MB, by the kernel's own count."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(what)


def _forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")
