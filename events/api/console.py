"""Events edited by JSON, within the programme of the path; what stands at them: `stands`."""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from events import overview
from events.access import identifier
from events.api.shapes import EventOut, ListedOut
from events.attempts import answer
from events.calendar import cursor_at, read_cursor
from events.commands import copies
from events.commands import events as commands
from events.domain.inputs import Asked
from events.domain.state import Event
from events.records import find_whole
from services.http.call import Call
from services.http.pagination import Page
from services.http.problems import NotFound


class ConsoleQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    show: Literal["coming", "drafts", "past"] = "coming"
    after: str | None = Field(default=None, max_length=1024)
    limit: Annotated[int, Field(ge=1, le=200)] = 50


async def listed(call: Call) -> web.StreamResponse:
    query: ConsoleQuery = call.query
    cursor = read_cursor(query.after)
    async with call.transaction() as tx:
        if query.show == "past":
            lines = await overview.past(tx, cursor, query.limit + 1)
        else:
            status = "draft" if query.show == "drafts" else None
            lines = await overview.coming(tx, cursor, query.limit + 1, status=status)
    shown = [ListedOut.model_validate(line.event) for line in lines]
    return call.json(Page[ListedOut].of(shown, query.limit, cursor_at))


async def show(call: Call) -> web.StreamResponse:
    return await _whole(call)


async def draft(call: Call) -> web.StreamResponse:
    given = call.body
    made: Event = await answer(call, "event.drafted", "event:", lambda tx: commands.draft_event(tx, given))
    return await _whole(call, made, status=201)


async def edit(call: Call) -> web.StreamResponse:
    event_id, given = identifier(call, "event"), call.body
    subject = f"event:{event_id}"
    await answer(call, "event.edited", subject, lambda tx: commands.edit_event(tx, event_id, given))
    return await _whole(call)


async def publish(call: Call) -> web.StreamResponse:
    event_id = identifier(call, "event")
    version = (call.body or Asked()).version
    subject = f"event:{event_id}"
    await answer(call, "event.published", subject, lambda tx: commands.publish_event(tx, event_id, version))
    return await _whole(call)


async def cancel(call: Call) -> web.StreamResponse:
    event_id, given = identifier(call, "event"), call.body
    subject = f"event:{event_id}"
    await answer(call, "event.cancelled", subject, lambda tx: commands.cancel_event(tx, event_id, given))
    return await _whole(call)


async def copy(call: Call) -> web.StreamResponse:
    event_id, given = identifier(call, "event"), call.body
    made: Event = await answer(call, "event.copied", "event:", lambda tx: copies.copy_event(tx, event_id, given))
    return await _whole(call, made, status=201)


async def _whole(call: Call, event: Event | None = None, status: int = 200) -> web.StreamResponse:
    event_id = event.event_id if event else identifier(call, "event")
    async with call.transaction() as tx:
        whole = await find_whole(tx, event_id)
    if whole is None:
        raise NotFound("event")
    return call.json(EventOut.whole(whole, call.context.clock.now()), status=status)
