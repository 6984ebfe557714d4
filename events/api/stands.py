"""Stands, their slots, and sessions edited by JSON, within the programme of the path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from events.access import identifier
from events.api.shapes import MadeOut, PlannedOut, StandOut, session_out, slot_out
from events.attempts import answer
from events.commands import adjusting, sessions, slots, stands
from events.domain.slot_inputs import RangeInput, RuleInput, ShiftInput
from events.domain.slots import Stretch
from services.http.call import Call


class Seen(BaseModel):
    """The query string of a removal: the version of what was seen."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None


class Preview(BaseModel):
    model_config = ConfigDict(extra="forbid")

    preview: bool = False
    """True: say what would come of it, and do nothing."""


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
        return call.json(_planned(plan.stretches))
    made = await answer(call, "slots.opened", subject, lambda tx: slots.open_slots(tx, stand_id, given))
    return call.json(MadeOut(slots=[slot_out(slot) for slot in made]), status=201)


async def move_slot(call: Call) -> web.StreamResponse:
    slot_id, given = identifier(call, "slot"), call.body
    subject = f"slot:{slot_id}"
    moved = await answer(call, "slot.moved", subject, lambda tx: adjusting.move_slot(tx, slot_id, given))
    return call.json(slot_out(moved))


async def close_slot(call: Call) -> web.StreamResponse:
    slot_id, version = identifier(call, "slot"), call.query.version
    subject = f"slot:{slot_id}"
    closed = await answer(call, "slot.closed", subject, lambda tx: slots.close_slot(tx, slot_id, version))
    return call.json(slot_out(closed))


async def add_slot(call: Call) -> web.StreamResponse:
    stand_id, given = identifier(call, "stand"), call.body
    made = await answer(call, "slot.opened", "slot:", lambda tx: adjusting.add_slot(tx, stand_id, given))
    return call.json(slot_out(made), status=201)


async def shift_slots(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    given: ShiftInput = call.body
    subject = f"stand:{stand_id}"
    if call.query.preview:
        plan: adjusting.Several = await answer(call, "", subject, lambda tx: adjusting.plan_shift(tx, stand_id, given))
        return call.json(_planned(plan.to))
    moved = await answer(call, "slots.shifted", subject, lambda tx: adjusting.shift_slots(tx, stand_id, given))
    return call.json(MadeOut(slots=[slot_out(slot) for slot in moved]))


async def close_range(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    given: RangeInput = call.body
    subject = f"stand:{stand_id}"
    if call.query.preview:
        plan: adjusting.Several = await answer(call, "", subject, lambda tx: adjusting.plan_range(tx, stand_id, given))
        return call.json(_planned(plan.slots))
    closed = await answer(call, "slots.closed", subject, lambda tx: adjusting.close_range(tx, stand_id, given))
    return call.json(MadeOut(slots=[slot_out(slot) for slot in closed]))


async def open_session(call: Call) -> web.StreamResponse:
    event_id, given = identifier(call, "event"), call.body
    made = await answer(call, "session.opened", "slot:", lambda tx: sessions.open_session(tx, event_id, given))
    return call.json(session_out(made), status=201)


async def change_session(call: Call) -> web.StreamResponse:
    slot_id, given = identifier(call, "session"), call.body
    subject = f"slot:{slot_id}"
    changed = await answer(call, "session.changed", subject, lambda tx: sessions.change_session(tx, slot_id, given))
    return call.json(session_out(changed))


async def cancel_session(call: Call) -> web.StreamResponse:
    slot_id, version = identifier(call, "session"), call.query.version
    subject = f"slot:{slot_id}"
    closed = await answer(call, "session.cancelled", subject, lambda tx: sessions.cancel_session(tx, slot_id, version))
    return call.json(session_out(closed))


def _planned(slots: Sequence[Stretch]) -> MadeOut:
    return MadeOut(planned=[PlannedOut(starts_at=o.starts_at, ends_at=o.ends_at, desk=o.desk) for o in slots])
