"""What is in hand when a process is to end is brought to its end: else nobody knows whether a mail went out.

await to_its_end(hand_over(mail), within=3)
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

_log = structlog.get_logger(__name__)

T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T], within: float) -> T:
    """Await `work`. A cancellation waits for it, at most `within` seconds; what is not done then is cancelled too."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=within)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled() and task.exception() is not None:
            _log.warning("what was in hand failed at the end", error=repr(task.exception()))
        raise
