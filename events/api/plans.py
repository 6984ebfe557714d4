"""The plan of an event's hall by JSON, read and saved as a whole."""

from __future__ import annotations

from aiohttp import web

from events.access import identifier
from events.api.shapes import PlanOut
from events.attempts import answer
from events.commands import plans
from events.records import find_whole
from services.http.call import Call
from services.http.problems import NotFound


async def show(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        whole = await find_whole(tx, identifier(call, "event"))
    if whole is None:
        raise NotFound("event")
    return call.json(PlanOut.of(whole))


async def save(call: Call) -> web.StreamResponse:
    event_id, given = identifier(call, "event"), call.body
    await answer(call, "plan.set", f"event:{event_id}", lambda tx: plans.save_plan(tx, event_id, given))
    return await show(call)
