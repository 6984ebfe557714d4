"""Slots in pages: opened by rule after a look at what it makes, moved, closed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from aiohttp import web

from events.access import identifier
from events.attempts import act, attempt
from events.commands import slots
from events.domain.booking import fewest
from events.domain.inputs import RuleInput, SlotTimes
from events.domain.slots import Stretch
from events.domain.zones import to_wall
from events.pages.addressed import back_to, read, seen, slot_of, stand_of
from events.pages.editor import INPUT_MOMENT
from events.pages.words import unit_options
from services.http.call import Call
from services.pages.forms import Form
from services.pages.languages import msgid


async def ask_open(call: Call) -> web.StreamResponse:
    """The rule's form, filled with the event's own first day and hours."""
    _, whole = await read(call)
    starts, ends = (to_wall(moment, whole.event.time_zone) for moment in (whole.event.starts_at, whole.event.ends_at))
    form: Form[RuleInput] = Form.empty(
        {
            "first_day": starts.date().isoformat(),
            "last_day": ends.date().isoformat() if ends.date() != starts.date() else None,
            "opens": starts.strftime("%H:%M"),
            "closes": ends.strftime("%H:%M"),
            "length": 30,
            "pause": 0,
            "desks": 1,
            "capacity": 1,
            "unit": "households",
        }
    )
    return await _rule_page(call, form, None)


async def open_(call: Call) -> web.StreamResponse:
    """Show what the rule would make; make it where that button was pressed."""
    stand_id = identifier(call, "stand")
    form = await call.form(RuleInput)
    given = form.value
    subject = f"stand:{stand_id}"
    if given and form.get("then") == "make":
        made = await attempt(call, form, "slots.opened", subject, lambda tx: slots.open_slots(tx, stand_id, given))
        if made:
            said = call.translate.plural("One slot is open.", "{count} slots are open.", len(made))
            return call.redirect(back_to(call), flash=said)
    elif given:
        plan = await attempt(call, form, "", subject, lambda tx: slots.plan_slots(tx, stand_id, given))
        if plan:
            return await _rule_page(call, form, plan.stretches)
    return await _rule_page(call, form, None)


async def ask_move(call: Call) -> web.StreamResponse:
    return await _move_page(call, None)


async def move(call: Call) -> web.StreamResponse:
    slot_id = identifier(call, "slot")
    form = await call.form(SlotTimes)
    given = form.value
    subject = f"slot:{slot_id}"
    moved = given and await attempt(call, form, "slot.moved", subject, lambda tx: slots.move_slot(tx, slot_id, given))
    if not moved:
        return await _move_page(call, form)
    return call.redirect(back_to(call), flash=call.translate("The slot is moved. Those who have booked it are told."))


async def ask_close(call: Call) -> web.StreamResponse:
    _, whole = await read(call)
    slot = slot_of(call, whole)
    places = fewest(whole.places_at(slot.slot_id))
    return call.page(
        "events/confirm.html",
        event=whole.event,
        title=call.translate("Close a slot"),
        text=call.translate("Nobody can book it any more, and those who have are told.")
        if places and (places.used or places.waiting)
        else call.translate("Nobody can book it any more. Nobody has booked it yet."),
        slot=slot,
        action=back_to(call, f"slots/{slot.slot_id}/close"),
        label=call.translate("Close the slot"),
        back=back_to(call),
        version=slot.version,
    )


async def close(call: Call) -> web.StreamResponse:
    slot_id = identifier(call, "slot")
    version = await seen(call)
    return await act(
        call,
        "slot.closed",
        f"slot:{slot_id}",
        lambda tx: slots.close_slot(tx, slot_id, version),
        back_to(call),
        msgid("The slot is closed."),
    )


async def _rule_page(call: Call, form: Form[RuleInput], made: Sequence[Stretch] | None) -> web.StreamResponse:
    _, whole = await read(call)
    stand = stand_of(call, whole)
    zone = whole.event.time_zone
    return call.form_page(
        "events/rule.html",
        form,
        event=whole.event,
        stand=stand,
        made=[
            (on, list(those)) for on, those in groupby(made or (), key=lambda one: to_wall(one.starts_at, zone).date())
        ],
        count=len(made or ()),
        units=unit_options(call.translate),
        action=back_to(call, f"{stand.stand_id}/slots"),
        back=back_to(call),
    )


async def _move_page(call: Call, form: Form[SlotTimes] | None) -> web.StreamResponse:
    _, whole = await read(call)
    slot = slot_of(call, whole)
    times: dict[str, Any] = {
        name: to_wall(getattr(slot, name), whole.event.time_zone).strftime(INPUT_MOMENT)
        for name in ("starts_at", "ends_at")
    }
    return call.form_page(
        "events/move.html",
        form or Form.empty({"version": slot.version, **times}),
        event=whole.event,
        slot=slot,
        action=back_to(call, f"slots/{slot.slot_id}/move"),
        back=back_to(call),
    )
