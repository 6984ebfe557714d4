"""A process whose relay leads: `python -m benchmarks.leader`, until it is told to end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from benchmarks import messages
from benchmarks.ground import Place
from services.cli.ending import Ending, run
from services.relay import Relay
from services.settings import Settings
from services.streams import declare
from tests.messaging.village import TELLER


async def lead(ending: Ending) -> int:
    """Relay, and make the file `BENCH_READY` once this one leads."""
    place = Place(Settings.from_environment(os.environ), Path())
    async with messages.opened(place, TELLER) as events:
        await declare(events)
        relay = Relay(events)
        work = asyncio.create_task(relay.run())
        while not relay.active:
            await asyncio.sleep(0.02)
        Path(os.environ["BENCH_READY"]).touch()
        ending.orderly = True
        await ending.asked.wait()
        work.cancel()
        await asyncio.wait([work])
    return 0


if __name__ == "__main__":
    raise SystemExit(run(lead))
