"""What is done when somebody calls: each call in a task of its own, so many at once, and an error ends nothing.

A client calls its listeners one after the other and ends for good where one is cancelled, so nothing is awaited in its
loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

AT_ONCE = 64


class Listening:
    """The calls of one connection that are being answered."""

    def __init__(self) -> None:
        self._work: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, object], subject: str) -> None:
        """Do `work`; it is left out, and logged, where too much is being done already."""
        if len(self._work) >= AT_ONCE:
            log.warning("too many hints at once, one is left out", subject=subject)
            work.close()
            return
        task = asyncio.create_task(_logged(work, subject), name=f"hint {subject}")
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def cancel(self) -> None:
        """End what is being done."""
        for task in self._work:
            task.cancel()


async def _logged(work: Coroutine[Any, Any, object], subject: str) -> None:
    try:
        await work
    except Exception:
        log.exception("a hint was not understood", subject=subject)
