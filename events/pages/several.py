"""Several slots of a stand at once: shifted, or closed between two times, after a look at which they are."""

from __future__ import annotations

from itertools import groupby, zip_longest
from typing import Any

from aiohttp import web

from events.access import identifier
from events.attempts import attempt
from events.commands import adjusting
from events.commands.adjusting import Several
from events.domain.booking import fewest
from events.domain.slot_inputs import RangeInput, ShiftInput
from events.domain.zones import to_wall
from events.pages.addressed import back_to, read, stand_of
from services.http.call import Call
from services.pages.forms import Form


async def ask(call: Call) -> web.StreamResponse:
    return await _page(call)


async def shift(call: Call) -> web.StreamResponse:
    """Show what would move; move it where that button was pressed."""
    stand_id = identifier(call, "stand")
    form = await call.form(ShiftInput)
    given = form.value
    subject = f"stand:{stand_id}"
    if given and form.get("then") == "do":
        moved = await attempt(
            call, form, "slots.shifted", subject, lambda tx: adjusting.shift_slots(tx, stand_id, given)
        )
        if moved:
            said = call.translate.plural("One slot is moved.", "{count} slots are moved.", len(moved))
            return call.redirect(back_to(call), flash=said)
    plan = given and await attempt(call, form, "", subject, lambda tx: adjusting.plan_shift(tx, stand_id, given))
    return await _page(call, shift=form, plan=plan or None)


async def close(call: Call) -> web.StreamResponse:
    """Show what would close; close it where that button was pressed."""
    stand_id = identifier(call, "stand")
    form = await call.form(RangeInput)
    given = form.value
    subject = f"stand:{stand_id}"
    if given and form.get("then") == "do":
        closed = await attempt(
            call, form, "slots.closed", subject, lambda tx: adjusting.close_range(tx, stand_id, given)
        )
        if closed:
            said = call.translate.plural("One slot is closed.", "{count} slots are closed.", len(closed))
            return call.redirect(back_to(call), flash=said)
    plan = given and await attempt(call, form, "", subject, lambda tx: adjusting.plan_range(tx, stand_id, given))
    return await _page(call, range=form, plan=plan or None)


async def _page(
    call: Call,
    *,
    shift: Form[ShiftInput] | None = None,
    range: Form[RangeInput] | None = None,
    plan: Several | None = None,
) -> web.StreamResponse:
    _, whole = await read(call)
    stand = stand_of(call, whole)
    version = adjusting.version_of([one for one in whole.slots if one.stand_id == stand.stand_id])
    blank: dict[str, Any] = {"version": version}
    pairs = list(zip_longest(plan.slots, plan.to)) if plan else []
    zone = whole.event.time_zone
    wrong = any(form.errors for form in (shift, range) if form)
    filled = [fewest(whole.places_at(one.slot_id)) for one in plan.slots] if plan else []
    return call.page(
        "events/several.html",
        status=422 if wrong else 200,
        event=whole.event,
        stand=stand,
        shift=shift or Form.empty(blank),
        range=range or Form.empty(blank),
        plan=plan,
        days=[
            (on, list(those)) for on, those in groupby(pairs, key=lambda pair: to_wall(pair[0].starts_at, zone).date())
        ],
        several=any(one.desk > 1 for one in plan.slots) if plan else False,
        booked=sum(bool(one and (one.used or one.waiting)) for one in filled),
        address=back_to(call, f"{stand.stand_id}/slots"),
        back=back_to(call),
    )
