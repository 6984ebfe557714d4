"""How a command ends: the first signal asks for an orderly end, a second one, or 14 s, ends at once.

The data bears it: PostgreSQL recovers from its log, NATS has every acknowledged message on the disk, and what was not
sent waits in the outbox.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import uvloop

PATIENCE = 14.0
"""Seconds for an orderly end; whoever started us may count on 15."""


@dataclass(slots=True)
class Ending:
    """What a running command knows of its end."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first signal."""
    orderly: bool = False
    """True while somebody waits for `asked`; before that a signal cancels what is under way."""
    at_once: Callable[[], None] = lambda: None
    """Ends the children when there is no more time."""


def run(work: Callable[[Ending], Coroutine[Any, Any, int]]) -> int:
    """Run `work` on a loop of its own and return its exit code; 130 where a signal cut it short."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_guarded(work))


async def _guarded(work: Callable[[Ending], Coroutine[Any, Any, int]]) -> int:
    ending = Ending()
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work(ending))

    def now() -> None:
        ending.at_once()
        os._exit(130)

    def told() -> None:
        if ending.asked.is_set():
            now()
        ending.asked.set()
        loop.call_later(PATIENCE, now)
        if not ending.orderly:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told)
    try:
        return await task
    except asyncio.CancelledError:
        if ending.asked.is_set():
            return 130
        raise
