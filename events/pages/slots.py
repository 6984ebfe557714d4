"""Slots in pages: by rule after a look at what it makes, or one more; moved, closed. Several at once: `several`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from aiohttp import web

from events.access import identifier
from events.attempts import act, attempt
from events.commands import adjusting, slots
from events.domain.booking import fewest
from events.domain.slot_inputs import RuleInput, SlotInput, SlotTimes
from events.domain.slots import Stretch
from events.domain.zones import to_wall, turns_back
from events.pages.addressed import back_to, read, seen, slot_of, stand_of
from events.pages.words import INPUT_MOMENT, times_filled, unit_options
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
    moved = given and await attempt(
        call, form, "slot.moved", subject, lambda tx: adjusting.move_slot(tx, slot_id, given)
    )
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


async def ask_one(call: Call) -> web.StreamResponse:
    """One more slot, offered at the event's own beginning."""
    _, whole = await read(call)
    starts = to_wall(whole.event.starts_at, whole.event.time_zone).strftime(INPUT_MOMENT)
    filled = {"starts_at": starts, "desk": 1, "capacity": 1, "unit": "households"}
    return await _one_page(call, Form.empty(filled))


async def add_one(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    form = await call.form(SlotInput)
    given = form.value
    made = given and await attempt(
        call, form, "slot.opened", "slot:", lambda tx: adjusting.add_slot(tx, stand_id, given)
    )
    if not made:
        return await _one_page(call, form)
    return call.redirect(back_to(call), flash=call.translate.plural("One slot is open.", "{count} slots are open.", 1))


async def _one_page(call: Call, form: Form[SlotInput]) -> web.StreamResponse:
    _, whole = await read(call)
    stand, event = stand_of(call, whole), whole.event
    return call.form_page(
        "events/move.html",
        form,
        event=event,
        stand=stand,
        slot=None,
        twice=turns_back(event.starts_at, event.ends_at, event.time_zone),
        units=unit_options(call.translate),
        action=back_to(call, f"{stand.stand_id}/slots/one"),
        back=back_to(call),
    )


async def _move_page(call: Call, form: Form[SlotTimes] | None) -> web.StreamResponse:
    _, whole = await read(call)
    slot, event = slot_of(call, whole), whole.event
    filled = {"version": slot.version, "desk": slot.desk, **times_filled(slot, event.time_zone)}
    return call.form_page(
        "events/move.html",
        form or Form.empty(filled),
        event=event,
        slot=slot,
        twice=turns_back(event.starts_at, event.ends_at, event.time_zone),
        action=back_to(call, f"slots/{slot.slot_id}/move"),
        back=back_to(call),
    )
