"""Which event an address means. Everything that visitors do begins with this question, so it is asked for many at once,
and its answer remembered for a moment: where many book, half of what a booking took of the database was to ask.

An address stays its event's from when it is published; of a draft, and of an event that is gone, nothing can be had
anyway. So what is remembered a second too long misleads nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from registrations.statements import queries
from services.batcher import Batcher, batching
from services.context import Context
from services.service import Resource

Found = tuple[UUID, UUID]
"""An event and its programme."""
DIRECTORY = UUID(int=0)
"""The directory belongs to no programme, and so do those who look into it."""
REMEMBERED = timedelta(seconds=1)
MOST = 10_000
"""So many addresses are remembered; then all are forgotten, which costs a question each."""


class Addresses:
    def __init__(self, context: Context, batcher: Batcher[str, Found | None]) -> None:
        self._context = context
        self._batcher = batcher
        self._known: dict[str, tuple[datetime, Found]] = {}

    async def find(self, slug: str) -> Found | None:
        """The event behind an address; None where there is none. Only what is there is remembered."""
        moment = self._context.clock.now()
        asked_at, known = self._known.get(slug, (None, None))
        if asked_at is not None and timedelta(0) <= moment - asked_at < REMEMBERED:
            return known
        found = await self._batcher.submit(DIRECTORY, slug)
        if len(self._known) >= MOST:
            self._known.clear()
        if found is not None:
            self._known[slug] = (moment, found)
        return found


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Addresses]:
    async def look(_: UUID, slugs: Sequence[str]) -> list[Found | None]:
        async with context.database.transaction(None) as tx:
            rows = await queries.events_of_slugs(tx.connection, slugs=list(set(slugs)))
        found = {row["slug"]: (row["event_id"], row["programme_id"]) for row in rows}
        return [found.get(slug) for slug in slugs]

    async with batching(look, name="addresses") as batcher:
        yield Addresses(context, batcher)


ADDRESSES: Resource[Addresses] = Resource("addresses", _open)
