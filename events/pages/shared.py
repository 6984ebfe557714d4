"""A page that many guests ask for at once is made once for all of them.

While one is being made, those who ask for the same address gather, and the next one is made for them together. Where
several did, the page is kept a quarter of a second for those who come next: a link that is shared everywhere costs a
few pages a second however many follow it, and nobody is shown one that is older than what the network takes anyway.
Whoever comes alone, or carries a cookie, has a page made for them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from services.batcher import Batcher, batching
from services.clock import steady
from services.context import Context
from services.http import etags
from services.http.call import Call
from services.http.problems import Problem
from services.service import Resource

Make = Callable[[Call], Awaitable[str]]

KEPT = 0.25
"""Seconds for which a page is kept that several asked for at once, from when its making began."""
MOST = 200
"""So many addresses are kept in a rush; then all are let go, and made again where they are asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent."""

    body: bytes
    """UTF-8."""
    tag: str
    """Of its content."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One guest's question, and how its page is made."""

    call: Call
    make: Make


async def _made(call: Call, make: Make) -> Page:
    body = (await make(call)).encode()
    return Page(body, etags.of(body))


@dataclass(frozen=True, slots=True)
class Made:
    """A page, for how many it was made, and when that began, by the steady clock."""

    page: Page
    shared_by: int
    at: float


async def _once(_: UUID, asked: Sequence[Asked]) -> list[Made | Exception]:
    began = steady()
    try:
        page = await _made(asked[0].call, asked[0].make)
        made: Made | Exception = Made(page, len(asked), began)
    except Problem as problem:
        made = problem
    return [made] * len(asked)


class Pages:
    """The pages that are being made, and in a rush those that were made a moment ago."""

    def __init__(self, batcher: Batcher[Asked, Made]) -> None:
        self._batcher = batcher
        self._kept: dict[str, tuple[float, Page]] = {}

    async def of(self, call: Call, make: Make) -> Page:
        """The page at the call's address. Raises what `make` raises, and `Overloaded` where too many wait."""
        address = str(call.request.rel_url)
        made_at, page = self._kept.get(address, (0.0, None))
        if page is not None and 0 <= steady() - made_at < KEPT:
            return page
        made = await self._batcher.submit(uuid5(NAMESPACE_URL, address), Asked(call, make))
        if made.shared_by > 1:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[address] = (made.at, made.page)
        return made.page


@asynccontextmanager
async def _open(_: Context) -> AsyncIterator[Pages]:
    async with batching(_once, largest=1_000, name="event pages") as batcher:
        yield Pages(batcher)


SHARED: Resource[Pages] = Resource("shared-pages", _open)


async def shared(call: Call, make: Make) -> Page:
    """The page at the call's address. Raises what `make` raises, and `Overloaded` where too many wait."""
    if call.principal.kind != "guest" or call.request.cookies:
        return await _made(call, make)
    return await call.context.resource(SHARED).of(call, make)
