"""`python -m benchmarks [NAME]`: takes all figures, or one; prints the table, writes it, and exits 1 where one falls
short."""

from __future__ import annotations

import io
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import uvloop
from rich.console import Console

from benchmarks import ground, table
from benchmarks.declared import BENCHMARKS
from benchmarks.ground import Ground
from benchmarks.table import Benchmark, Line
from services import logs

WRITTEN = Path(".blest/bench.json")


async def take(benchmark: Benchmark, on: Ground, console: Console) -> Line:
    """One figure; what goes wrong is told in its line, and the others are taken all the same."""
    console.print(f"· {benchmark.what} ", end="")
    began = perf_counter()
    try:
        line = Line(benchmark, await benchmark.measure(on))
    except Exception as error:
        console.print_exception()
        line = Line(benchmark, None, f"{type(error).__name__}: {error}"[:200])
    console.print(f"[dim]{perf_counter() - began:.0f} s[/dim]")
    return line


async def run(wanted: Sequence[Benchmark], folder: Path, console: Console) -> int:
    """Take them on servers below `folder`; the exit code."""
    async with ground.opened(folder) as opened:
        lines = [await take(benchmark, opened, console) for benchmark in wanted]
    table.show(lines, console)
    table.write(lines, WRITTEN)
    return 0 if all(line.holds for line in lines) else 1


def main(arguments: Sequence[str]) -> int:
    console = Console(soft_wrap=True)
    names = set(arguments)
    unknown = names - {one.name for one in BENCHMARKS}
    if unknown:
        console.print(f"No figure is called {', '.join(sorted(unknown))}; there are:")
        for one in BENCHMARKS:
            console.print(f"  {one.name:<14} {one.what}")
        return 2
    logs.configure("json", to=io.StringIO(), level=logging.CRITICAL)
    WRITTEN.parent.mkdir(exist_ok=True)
    # Below the checkout, as `blest run` has it: on a disk, where a temporary folder may be in memory.
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=WRITTEN.parent)).resolve()
    return uvloop.run(run([one for one in BENCHMARKS if not names or one.name in names], folder, console))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
