"""Tracked links in memory, so that a redirect asks no database.

All links are read at start. A change is told to every replica at once by a core NATS hint; since a hint may be lost,
a miss is looked up, and the whole table is read again every few minutes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services import sql
from services.context import Context
from services.service import Hint, Resource

queries = sql.load(__package__)

HINT = "hints.campaigns.links"
MISSES_KEPT = 2_000
MISS_KEPT_FOR = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Link:
    slug: str
    programme_id: UUID
    placement_id: UUID
    target: str
    """A path of ours without its language."""
    language: str | None


class Links:
    """The link table of one process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_slug: dict[str, Link] = {}
        self._missed: dict[str, datetime] = {}

    async def load(self) -> None:
        """Read every link anew."""
        async with self._context.database.transaction(None) as tx:
            rows = await queries.all_links(tx.connection)
        self._by_slug = {row["slug"]: _link(row) for row in rows}
        self._missed.clear()

    def known(self, slug: str) -> Link | None:
        """The link of `slug` if it is in memory."""
        return self._by_slug.get(slug.lower())

    async def find(self, slug: str) -> Link | None:
        """The link of `slug`; one not in memory is looked up, at most once in ten seconds for the same slug."""
        link = self.known(slug)
        if link is not None:
            return link
        slug = slug.lower()
        moment = self._context.clock.now()
        if slug in self._missed and moment - self._missed[slug] < MISS_KEPT_FOR:
            return None
        return await self.look_up(slug)

    async def look_up(self, slug: str) -> Link | None:
        """Read one link from the table into memory."""
        async with self._context.database.transaction(None) as tx:
            row = await queries.find_link(tx.connection, slug=slug)
        if row is None:
            if len(self._missed) >= MISSES_KEPT:
                self._missed.clear()
            self._missed[slug] = self._context.clock.now()
            return None
        self._missed.pop(slug, None)
        self._by_slug[slug] = _link(row)
        return self._by_slug[slug]

    @property
    def slugs(self) -> list[str]:
        return list(self._by_slug)


def _link(row: Any) -> Link:
    return Link(row["slug"], row["programme_id"], row["placement_id"], row["target"], row["language"])


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Links]:
    links = Links(context)
    await links.load()
    yield links


LINKS: Resource[Links] = Resource("links", _open)


async def _changed(context: Context, data: bytes) -> None:
    slug = json.loads(data).get("slug", "")
    await context.resource(LINKS).look_up(slug)


HINTS = (Hint(HINT, _changed),)


async def tell(context: Context, slug: str) -> None:
    """Tell every replica that a link is new or leads elsewhere; this process knows at once."""
    await context.resource(LINKS).look_up(slug)
    await context.bus.hint(HINT, json.dumps({"slug": slug}).encode())


async def reload(context: Context) -> None:
    """Task: read the whole table again, for hints that were lost."""
    await context.resource(LINKS).load()
