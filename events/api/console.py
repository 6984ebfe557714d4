"""Events, stands and slots edited by JSON, within the programme of the path."""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from events import overview
from events.access import identifier
from events.api.shapes import EventOut, ListedOut, MadeOut, PlannedOut, StandOut, slot_out
from events.attempts import answer
from events.calendar import cursor_at, read_cursor
from events.commands import copies, slots, stands
from events.commands import events as commands
from events.domain.inputs import Asked, RuleInput
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


class Seen(BaseModel):
    """The query string of a removal: the version of what was seen."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None


class RuleQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    preview: bool = False
    """True: say what the rule would make, and make nothing."""


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


async def place_stand(call: Call) -> web.StreamResponse:
    event_id, given = identifier(call, "event"), call.body
    made = await answer(call, "stand.placed", "stand:", lambda tx: stands.place_stand(tx, event_id, given))
    return call.json(StandOut.model_validate(made), status=201)


async def edit_stand(call: Call) -> web.StreamResponse:
    stand_id, given = identifier(call, "stand"), call.body
    subject = f"stand:{stand_id}"
    changed = await answer(call, "stand.edited", subject, lambda tx: stands.edit_stand(tx, stand_id, given))
    return call.json(StandOut.model_validate(changed))


async def remove_stand(call: Call) -> web.StreamResponse:
    stand_id, version = identifier(call, "stand"), call.query.version
    subject = f"stand:{stand_id}"
    await answer(call, "stand.removed", subject, lambda tx: stands.remove_stand(tx, stand_id, version))
    return web.Response(status=204)


async def open_slots(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    given: RuleInput = call.body
    subject = f"stand:{stand_id}"
    if call.query.preview:
        plan: slots.Plan = await answer(call, "", subject, lambda tx: slots.plan_slots(tx, stand_id, given))
        planned = [PlannedOut(starts_at=o.starts_at, ends_at=o.ends_at, desk=o.desk) for o in plan.stretches]
        return call.json(MadeOut(planned=planned))
    made = await answer(call, "slots.opened", subject, lambda tx: slots.open_slots(tx, stand_id, given))
    return call.json(MadeOut(slots=[slot_out(slot) for slot in made]), status=201)


async def move_slot(call: Call) -> web.StreamResponse:
    slot_id, given = identifier(call, "slot"), call.body
    subject = f"slot:{slot_id}"
    moved = await answer(call, "slot.moved", subject, lambda tx: slots.move_slot(tx, slot_id, given))
    return call.json(slot_out(moved))


async def close_slot(call: Call) -> web.StreamResponse:
    slot_id, version = identifier(call, "slot"), call.query.version
    subject = f"slot:{slot_id}"
    closed = await answer(call, "slot.closed", subject, lambda tx: slots.close_slot(tx, slot_id, version))
    return call.json(slot_out(closed))


async def _whole(call: Call, event: Event | None = None, status: int = 200) -> web.StreamResponse:
    event_id = event.event_id if event else identifier(call, "event")
    async with call.transaction() as tx:
        whole = await find_whole(tx, event_id)
    if whole is None:
        raise NotFound("event")
    return call.json(EventOut.whole(whole, call.context.clock.now()), status=status)
