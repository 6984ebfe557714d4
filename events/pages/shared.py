"""A page that many guests ask for at once is made once for all of them.

While one is being made, those who ask for the same address gather, and the next one is made for them together. So
nobody is shown a page that was made before they asked, and a link that is shared everywhere costs one page at a time
however many follow it. Whoever carries a cookie has a page of their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from services.batcher import Batcher, batching
from services.context import Context
from services.http import etags
from services.http.call import Call
from services.http.problems import Problem
from services.service import Resource

Make = Callable[[Call], Awaitable[str]]


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


async def _once(_: UUID, asked: Sequence[Asked]) -> list[Page | Exception]:
    try:
        made: Page | Exception = await _made(asked[0].call, asked[0].make)
    except Problem as problem:
        made = problem
    return [made] * len(asked)


@asynccontextmanager
async def _open(_: Context) -> AsyncIterator[Batcher[Asked, Page]]:
    async with batching(_once, largest=1_000, name="event pages") as batcher:
        yield batcher


SHARED: Resource[Batcher[Asked, Page]] = Resource("shared-pages", _open)


async def shared(call: Call, make: Make) -> Page:
    """The page at the call's address. Raises what `make` raises, and `Overloaded` where too many wait."""
    request = call.request
    if call.principal.kind != "guest" or request.cookies:
        return await _made(call, make)
    address = uuid5(NAMESPACE_URL, str(request.rel_url))
    return await call.context.resource(SHARED).submit(address, Asked(call, make))
