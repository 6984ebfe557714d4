"""Ends a process whose event loop no longer turns: it answers nobody, and whoever runs it would take it for alive.

    async with watched():
        ...   # for as long as the loop turns

Seen with asyncpg: an answer with a negative length sends its parser round for ever, with Python's lock held. No thread
of Python's and no signal handler gets a word in there; the timer of `faulthandler` does. It says where the loop hangs
and ends the process at once, as a kill would, and whoever supervises it starts another.

A process that is stopped for longer than that (SIGSTOP) ends the same way when it goes on: others have taken over from
it.
"""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

LONGEST_STANDSTILL = 30.0
"""Seconds in which the loop must turn once."""
STDERR = 2
"""The process's own, whatever a test has put in its place."""
BEATS = 6
"""How often it is said, in that time, that it turns."""


@asynccontextmanager
async def watched(longest: float | None = None) -> AsyncIterator[None]:
    """Watch the running loop until the block ends; `longest` is in seconds. One loop of a process at a time."""
    longest = LONGEST_STANDSTILL if longest is None else longest
    faulthandler.dump_traceback_later(longest, exit=True, file=STDERR)
    beating = asyncio.create_task(_beat(longest), name="watchdog")
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        faulthandler.cancel_dump_traceback_later()


async def _beat(longest: float) -> None:
    while True:
        await asyncio.sleep(longest / BEATS)
        faulthandler.dump_traceback_later(longest, exit=True, file=STDERR)
