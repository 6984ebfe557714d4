"""Asks one server over many connections for some seconds. So little is done for each request that the server is what
is measured: one `Protocol` per connection, a prepared request out, the head of the answer read, the next request.

    found = await drive(port, requests, expect=202)
    found.rate                        # answers a second
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

CONNECTIONS = 64


class WrongAnswer(Exception):
    """An answer had another status than was expected; the message is the whole of it."""


@dataclass(slots=True)
class Load:
    """What came of it. `seconds` per answer, in no order."""

    lasted: float = 0.0
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.lasted

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the answers was there."""
        return sorted(self.seconds)[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


class _Connection(asyncio.Protocol):
    def __init__(self, work: _Work) -> None:
        self._work = work
        self._heard = b""
        self._began = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self.ask()

    def ask(self) -> None:
        request = self._work.next()
        if request is None:
            self.transport.close()
            return
        self._began = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._heard = self._heard + data if self._heard else data
        end = self._heard.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._heard[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
        if len(self._heard) < end + 4 + length:
            return
        if self._heard[9:12] != self._work.status:
            self._work.fail(WrongAnswer(self._heard.decode(errors="replace")))
            self.transport.close()
            return
        self._work.seconds.append(perf_counter() - self._began)
        self._heard = b""
        self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._work.left(error)


class _Work:
    """What all connections share."""

    def __init__(self, request: Callable[[], bytes | None], status: int, connections: int) -> None:
        self._request = request
        self.status = str(status).encode()
        self.seconds: list[float] = []
        self._open = connections
        self._over = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next(self) -> bytes | None:
        return None if self._over else self._request()

    def end(self) -> None:
        self._over = True

    def fail(self, error: Exception) -> None:
        self._over = True
        if not self.done.done():
            self.done.set_exception(error)

    def left(self, error: Exception | None) -> None:
        self._open -= 1
        if error is not None:
            self.fail(error)
        if not self._open and not self.done.done():
            self.done.set_result(None)


async def drive(
    port: int,
    request: Callable[[], bytes | None],
    *,
    expect: int,
    seconds: float = 2.0,
    connections: int = CONNECTIONS,
) -> Load:
    """Keep `connections` busy for so many seconds, or until `request` gives None. Raises `WrongAnswer`, OSError."""
    loop = asyncio.get_running_loop()
    work = _Work(request, expect, connections)
    began = perf_counter()
    ending = loop.call_later(seconds, work.end)
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(work), "127.0.0.1", port)
    async with asyncio.timeout(seconds + 20):
        await work.done
    ending.cancel()
    return Load(perf_counter() - began, work.seconds)
