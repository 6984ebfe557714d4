"""The plan of an event's hall: a drawing and a table that say the same, saved as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from events.access import identifier
from events.attempts import attempt
from events.commands import plans
from events.domain.arranging import arrange
from events.domain.plan import Ground, Hall, Spot
from events.domain.plan_inputs import PlanForm
from events.domain.refusal import Refusal
from events.domain.state import Event, Stand
from events.pages.addressed import back_to, read
from events.records import Whole
from services.database import Transaction
from services.http.call import Call
from services.identity import audit
from services.pages.forms import Form


@dataclass(frozen=True, slots=True)
class Line:
    """A stand as the form now has it."""

    stand: Stand
    ground: Ground

    @property
    def spot(self) -> Spot | None:
        return self.ground if isinstance(self.ground, Spot) else None


async def show(call: Call) -> web.StreamResponse:
    return await _page(call, Form.empty())


async def save(call: Call) -> web.StreamResponse:
    """Save the plan; where that button was pressed, set up in rows who has no place yet, and save nothing."""
    event_id = identifier(call, "event")
    form = await call.form(PlanForm)
    given = form.value
    if given is None or form.get("then") == "arrange":
        return await _page(call, form, given)
    saved = await attempt(call, form, "plan.set", f"event:{event_id}", lambda tx: _saved(tx, call, event_id, given))
    if not saved:
        return await _page(call, form, given)
    return call.redirect(back_to(call, "plan"), flash=call.translate("Saved."))


async def _saved(tx: Transaction, call: Call, event_id: UUID, given: PlanForm) -> Event:
    """The command, with a line in the audit for each stand that is called otherwise, and with errors where the form has
    them: its lines are named by their stands."""
    try:
        event, renamed = await plans.save_named_plan(tx, event_id, given)
    except Refusal as refused:
        match (refused.field or "").split("."):
            case ["stands", number, name]:
                refused.field = f"stands.{given.stands[int(number)].stand_id}.{name}"
        raise
    for one in renamed:
        await audit.record(tx, call, "stand.edited", f"stand:{one.stand_id}")
    return event


async def _page(call: Call, form: Form[PlanForm], given: PlanForm | None = None) -> web.StreamResponse:
    programme, whole = await read(call)
    _fill(form, whole, programme.language)
    hall = given.hall if given else whole.event.hall
    asked = {one.stand_id: one.spot or one.ground for one in given.stands} if given else {}
    lines = [Line(one, asked.get(one.stand_id) or one.spot or one.ground) for one in whole.stands]
    waiting = sum(line.spot is None for line in lines)
    arranged = form.get("then") == "arrange" and given is not None
    if arranged:
        lines = await _arranged(form, hall, lines)
    left = sum(line.spot is None for line in lines)
    return call.form_page(
        "events/plan.html",
        form,
        event=whole.event,
        whole=whole,
        language=programme.language,
        hall_now=hall,
        lines=lines,
        arranged=waiting - left if arranged else None,
        left=left,
        frozen=whole.event.is_cancelled,
        address=back_to(call).rstrip("/"),
        action=back_to(call, "plan"),
    )


async def _arranged(form: Form[PlanForm], hall: Hall, lines: Sequence[Line]) -> list[Line]:
    """The lines with a place for each that had none, as far as there is room, and the form filled with them."""
    waiting = [line for line in lines if line.spot is None]
    taken = [line.spot for line in lines if line.spot is not None]
    found = await asyncio.to_thread(arrange, hall, taken, [line.ground for line in waiting])
    spots = {line.stand.stand_id: spot for line, spot in zip(waiting, found, strict=True) if spot is not None}
    for stand_id, spot in spots.items():
        form.raw[f"stands.{stand_id}.x"], form.raw[f"stands.{stand_id}.y"] = [f"{spot.x:g}"], [f"{spot.y:g}"]
    return [Line(line.stand, spots.get(line.stand.stand_id, line.ground)) for line in lines]


def _fill(form: Form[PlanForm], whole: Whole, language: str) -> None:
    """Fill in what the form does not hold: all of it at first, later the stands that have come meanwhile."""
    event = whole.event
    filled: dict[str, Any] = {
        "version": event.plan_version,
        "hall_width": f"{event.hall_width:g}",
        "hall_depth": f"{event.hall_depth:g}",
        "stands": {
            str(one.stand_id): {
                "stand_id": one.stand_id,
                "stand_version": one.version,
                "number": (one.number or "").upper(),
                "name": one.names.get(language, ""),
                "turned": one.turned,
                **{name: _metres(getattr(one, name)) for name in ("x", "y", "width", "depth")},
            }
            for one in whole.stands
            if f"stands.{one.stand_id}.stand_id" not in form.raw
        },
    }
    blank: Form[PlanForm] = Form.empty(filled)
    form.raw = {**blank.raw, **form.raw}


def _metres(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
