"""The calendar as JSON, for everyone."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import AwareDatetime, ConfigDict, Field

from events.api.shapes import EventOut, ListedOut
from events.calendar import Filters, Public, cursor_at, read_cursor
from events.records import find_whole, queries
from services.http.call import Call
from services.http.pagination import Page
from services.http.problems import NotFound


class EventsQuery(Filters):
    """Filters and paging; `since` and `until` are moments with an offset."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = None
    """Events not over at this moment; absent: now."""
    until: AwareDatetime | None = None
    """Events begun before this moment."""
    after: str | None = Field(default=None, max_length=1024)
    limit: Annotated[int, Field(ge=1, le=200)] = 50


async def events(call: Call) -> web.StreamResponse:
    query: EventsQuery = call.query
    async with call.transaction() as tx:
        public = await Public.open(tx)
        found = await public.events(
            query,
            since=query.since or call.context.clock.now(),
            until=query.until,
            cursor=read_cursor(query.after),
            many=query.limit + 1,
        )
    return call.json(Page[ListedOut].of([ListedOut.of(one) for one in found], query.limit, cursor_at))


async def event(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_slug(tx.connection, slug=call.path("slug"))
    if row is None:
        raise NotFound("event")
    async with call.transaction(row["programme_id"]) as tx:
        whole = await find_whole(tx, row["event_id"])
    if whole is None or whole.event.published_at is None:
        raise NotFound("event")
    return call.json(EventOut.whole(whole, call.context.clock.now()))
