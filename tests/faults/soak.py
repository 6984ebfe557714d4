"""`make soak MINUTES=60 SEED=17`: everything that can fail, at random and at full length, as long as one likes.

Parts, each ended by a silence in which every invariant is judged:

1. a fact that is poison; processes and servers killed, frozen and cut off, at random, for most of the time
2. NATS away for ten minutes (a sixth of the time, where that is less)
3. the whole JetStream store deleted, `blest facts republish`, `blest projections rebuild --all`: every row as it was
4. visitors erased, everything republished: nobody comes back
5. the disks of NATS, the click journal and PostgreSQL full, and emptied again
6. three nats-servers with each stream three times, one killed at a time (a fifth of the time)

The house waits as long as it does in earnest: 15 s for a frozen leader, 30 s for what was not acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from services import logs
from tests.faults import disks, repairs
from tests.faults.checker import check
from tests.faults.history import History, Kind
from tests.faults.load import Load, Pace
from tests.faults.nemesis import Nemesis
from tests.faults.poison import Poison
from tests.faults.remains import Reader
from tests.faults.world import World, world

RESULT = Path(".blest/soak.md")
CAPACITY = 400
PACE = Pace(bookers=2, cancellers=1, clickers=2, pause=1.0)
QUIET_WITHIN = 300.0
AWAY = 600.0
OWN_LENGTH = 180.0
"""Seconds that the parts with a length of their own take together."""


class Soak:
    """One run: what was done, and what was found."""

    def __init__(self, folder: Path, minutes: float, seed: int) -> None:
        self._folder, self._minutes, self._seed = folder, minutes, seed
        self._began = time.monotonic()
        self.lines: list[tuple[str, float, str, list[str]]] = []
        self.asked: Counter[str] = Counter()
        self.inflicted: Counter[str] = Counter()
        self.deliveries: Counter[str] = Counter()

    def say(self, line: str) -> None:
        print(f"{(time.monotonic() - self._began) / 60:6.1f} min  {line}", flush=True)

    async def run(self) -> None:
        length = self._minutes * 60
        cluster, away = length / 5, min(AWAY, length / 6)
        random_part = max(60.0, length - cluster - away - OWN_LENGTH)
        async with world(self._folder / "one", None, durable=True, capacity=CAPACITY) as made:
            run = Run(self, made, self._seed)
            await run.part("random faults", run.random_faults(random_part))
            await run.part(f"NATS away for {away:.0f} s", run.nats_away(away))
            await run.part("JetStream's store deleted", run.store_deleted())
            await run.part("erased, then republished", run.erased())
            if disks.own_namespace():
                await run.part("NATS's disk full", run.nats_full())
                await run.part("the click journal's disk full", run.journal_full())
                await run.part("PostgreSQL's disk full", run.postgres_full())
            else:
                self.lines.append(("disks full", 0.0, "not tried: this machine lets nobody mount", []))
            run.add_up()
        async with world(self._folder / "three", None, durable=True, nodes=3, capacity=CAPACITY) as made:
            run = Run(self, made, self._seed + 1)
            await run.part("three NATS servers, one killed at a time", run.node_by_node(cluster))
            run.add_up()

    def table(self) -> str:
        """The result, in Markdown."""
        found = sum(len(findings) for *_, findings in self.lines)
        rows = [
            f"| {name} | {seconds:.0f} s | {what} | {len(findings) or 'nothing'} |"
            for name, seconds, what, findings in self.lines
        ]
        return "\n".join(
            [
                f"Soak of {(time.monotonic() - self._began) / 60:.0f} minutes, seed {self._seed}, "
                f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores: "
                f"{'nothing found' if not found else f'{found} findings'}.",
                "",
                "| part | took | what happened | found |",
                "|---|---|---|---|",
                *rows,
                "",
                "Asked: " + ", ".join(f"{many} × {what}" for what, many in sorted(self.asked.items())) + ".",
                "",
                "Inflicted: " + ", ".join(f"{many} × {what}" for what, many in sorted(self.inflicted.items())) + ".",
                "",
                "Mails: " + ", ".join(f"{many} {what}" for what, many in sorted(self.deliveries.items())) + ".",
                *(f"\n- {name}: {finding}" for name, _, _, findings in self.lines for finding in findings[:20]),
                "",
            ]
        )


class Run:
    """The parts that one world goes through."""

    def __init__(self, soak: Soak, made: World, seed: int) -> None:
        self._soak, self._world, self._seed = soak, made, seed
        self._history = History()
        self._reader = Reader(made)
        self._chance = random.Random(seed)
        self._number = 0
        self._strange: list[str] = []
        self._deliveries: Counter[str] = Counter()

    async def part(self, name: str, work: AsyncIterator[str]) -> None:
        """Do one part, wait until all is quiet, and judge. `work` yields what it did, and findings with a `!` first."""
        self._soak.say(f"{name} …")
        began, said = time.monotonic(), []
        findings: list[str] = []
        try:
            said = [line async for line in work]
            findings = [line[1:] for line in said if line.startswith("!")]
            self._world.gates.heal()
            await self._world.houses.ready()
            quiet = await self._reader.quiet(QUIET_WITHIN)
            await self._reader.an_hour_later()
            await self._reader.quiet(QUIET_WITHIN)
            remains = await self._reader.remains()
            findings += check(self._history, remains) + self._strange + self._world.houses.collapsed()
            findings += await self._reader.dead_letters()
            self._deliveries = Counter(one.status for one in remains.deliveries)
            said.append(f"quiet after {quiet:.0f} s")
        except Exception as error:
            traceback.print_exc()
            findings.append(f"broke off: {error!r}")
        self._strange = []
        what = "; ".join(line for line in said if not line.startswith("!"))
        took = time.monotonic() - began
        self._soak.lines.append((name, took, what, findings))
        self._soak.say(f"{name}: {what}: {len(findings) or 'nothing'} found")
        for finding in findings[:10]:
            self._soak.say(f"    {finding}")

    def add_up(self) -> None:
        for (kind, outcome), many in self._history.sorted_out().items():
            self._soak.asked[f"{kind} {outcome}"] += many
        self._soak.deliveries.update(self._deliveries)

    @asynccontextmanager
    async def _load(self) -> AsyncIterator[tuple[Load, Nemesis]]:
        self._number += 1
        load = Load(self._world, self._history, self._seed + self._number, PACE, first=self._number * 1_000_000)
        async with load:
            nemesis = Nemesis(self._world, self._history, load, self._seed + self._number, self._soak.say)
            yield load, nemesis
        self._strange += load.strange + nemesis.findings
        self._soak.inflicted.update(nemesis.done)

    # The parts --------------------------------------------------------------------------------------------------------

    async def random_faults(self, seconds: float) -> AsyncIterator[str]:
        until, poison = time.monotonic() + seconds, Poison(self._world)
        async with self._load() as (load, nemesis):
            await poison.lay(load)
            while (left := until - time.monotonic()) > 0:
                async with asyncio.TaskGroup() as group:
                    group.create_task(nemesis.kill(5, within=min(20.0, left)))
                    group.create_task(nemesis.torment(nemesis.some(4)))
        yield f"{nemesis.done.total()} faults"
        self._world.gates.heal()
        await self._world.houses.ready()
        for finding in await poison.mended(within=400.0):
            yield f"!{finding}"
        yield "the poison became a dead letter, and was replayed once"

    async def nats_away(self, seconds: float) -> AsyncIterator[str]:
        async with self._load() as (_, nemesis):
            began = time.monotonic()
            await nemesis.nats_away(seconds)
            went_on = self._history.acknowledged_between(began, time.monotonic())
        yield ", ".join(f"{many} × {kind}" for kind, many in went_on.items()) + " acknowledged meanwhile"

    async def store_deleted(self) -> AsyncIterator[str]:
        async for line in repairs.store_deleted(self._world, self._reader, QUIET_WITHIN):
            yield line

    async def erased(self) -> AsyncIterator[str]:
        async for line in repairs.erased(self._world, self._reader, self._history, self._chance, QUIET_WITHIN):
            yield line

    async def nats_full(self) -> AsyncIterator[str]:
        made = self._world
        await made.nats.stop()
        disk = disks.SmallDisk(made.folder / "nats" / "jetstream")
        await disk.mount()
        await made.nats.start()
        async with self._load():
            await asyncio.sleep(3)
            await disk.fill()
            began = time.monotonic()
            await asyncio.sleep(20)
            went_on = self._history.acknowledged_between(began, time.monotonic())
            await disk.empty()
            await asyncio.sleep(5)
        await disk.grow()
        yield ", ".join(f"{many} × {kind}" for kind, many in went_on.items()) + " acknowledged meanwhile"
        try:
            await self._reader.quiet(60)
            yield "NATS went on by itself"
        except TimeoutError:
            await made.nats.stop()
            await made.nats.start()
            yield "NATS was started again"

    async def journal_full(self) -> AsyncIterator[str]:
        made = self._world
        disk = disks.SmallDisk(made.folder / "state" / "clicks", room=256 * 1024)
        await disk.mount()
        async with self._load():
            made.gates.nats.away()
            await asyncio.sleep(5)
            await disk.fill()
            began = time.monotonic()
            await asyncio.sleep(10)
            full = self._history.acknowledged_between(began, time.monotonic())
            await disk.empty()
            began = time.monotonic()
            await asyncio.sleep(5)
            room = self._history.acknowledged_between(began, time.monotonic())
        made.gates.nats.heal()
        yield f"{full[Kind.CLICK]} clicks were kept while it was full, {room[Kind.CLICK]} in the 5 s after"

    async def postgres_full(self) -> AsyncIterator[str]:
        made = self._world
        await made.postgres.stop()
        disk = disks.SmallDisk(made.folder / "postgres", room=64 * 1024 * 1024)
        await disk.mount()
        await made.postgres.start()
        await made.houses.ready()
        async with self._load():
            await asyncio.sleep(5)
            await disk.fill()
            await asyncio.sleep(20)
            fell = not made.postgres.alive
            await disk.grow()
            await disk.empty()
            if fell:
                await made.postgres.start()
            await asyncio.sleep(5)
        yield f"PostgreSQL {'ended, and was started again' if fell else 'went on by itself'}"

    async def node_by_node(self, seconds: float) -> AsyncIterator[str]:
        until, killed = time.monotonic() + seconds, 0
        async with self._load() as (_, nemesis):
            while time.monotonic() < until:
                await asyncio.sleep(self._chance.uniform(2, 8))
                number = await repairs.cluster_of(self._world).kill_one(self._chance, self._chance.uniform(1, 5))
                nemesis.note("kill -9 of one NATS server of three", str(number))
                killed += 1
        yield f"{killed} kills, streams on three servers"


def main() -> int:
    parser = argparse.ArgumentParser(description="Everything that can fail, for as long as one likes.")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = parser.parse_args()
    if not disks.own_namespace() and disks.may_have_one():
        # Itself again, in a namespace of its own, where it may mount small disks and nobody else sees them.
        environment = {**os.environ, "BLEST_MOUNTS": "ours"}
        again = [sys.executable, "-m", "tests.faults.soak", f"--minutes={given.minutes}", f"--seed={given.seed}"]
        os.execvpe("unshare", ["unshare", "-Urm", *again], environment)
    folder = Path(tempfile.mkdtemp(prefix="blest-soak-"))
    soak = Soak(folder, given.minutes, given.seed)
    soak.say(f"seed {given.seed}, {given.minutes:g} minutes, in {folder}")
    with (folder / "own.log").open("w") as own:
        logs.configure("json", to=own)
        asyncio.run(soak.run())
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(soak.table(), encoding="utf-8")
    print(f"\n{soak.table()}\nIt is kept in {RESULT}.")
    found = any(findings for *_, findings in soak.lines)
    if not found:
        shutil.rmtree(folder, ignore_errors=True)
    return int(found)


if __name__ == "__main__":
    raise SystemExit(main())
