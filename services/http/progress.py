"""Which requests are being answered, so that a process which ends can let them finish.

    app[PROGRESS].begin()
    try:
        ...
    finally:
        app[PROGRESS].end()
    await app[PROGRESS].none()

A server that closes its connections drops what still arrives on them, also the rest of a body that is being read.
So the connections may be closed once no request is left, and not before.
"""

from __future__ import annotations

import asyncio

from aiohttp import web


class Progress:
    """The requests of one process, from their headers to the end of their handler."""

    def __init__(self) -> None:
        self.count = 0
        self._none = asyncio.Event()
        self._none.set()

    def begin(self) -> None:
        """A request is in progress."""
        self.count += 1
        if self.count == 1:
            self._none.clear()

    def end(self) -> None:
        """One that had begun is answered."""
        self.count -= 1
        if not self.count:
            self._none.set()

    async def none(self) -> None:
        """Wait until there is none."""
        await self._none.wait()


PROGRESS = web.AppKey("progress", Progress)
