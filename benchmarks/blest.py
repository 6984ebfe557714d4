"""The `blest` command of this checkout, as a process that is measured.

`BENCH_ONE_BY_ONE=1` decides each booking in a transaction of its own, for comparison alone. `BENCH_PROFILE=FILE` writes
what cProfile saw to `FILE.<pid>`: for finding out where the time goes, never together with a figure, since it costs
half of the speed.
"""

from __future__ import annotations

import cProfile
import os
from functools import partial

from registrations.commands import together
from services.batcher import batching
from services.cli.main import blest


def main() -> None:
    if os.environ.get("BENCH_ONE_BY_ONE"):
        together.batching = partial(batching, largest=1)
    blest()


if __name__ == "__main__":
    target = os.environ.get("BENCH_PROFILE")
    if target is None:
        main()
    else:
        profile = cProfile.Profile()
        try:
            profile.runcall(main)
        finally:
            profile.dump_stats(f"{target}.{os.getpid()}")
