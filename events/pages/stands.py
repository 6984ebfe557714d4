"""Stands and slots of an event in tables: placed and edited, slots by rule with a preview of what will be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from aiohttp import web

from events.access import identifier
from events.attempts import act, attempt
from events.commands import slots, stands
from events.domain.booking import fewest
from events.domain.inputs import Asked, RuleInput, SlotTimes, StandInput
from events.domain.slots import Stretch
from events.domain.state import Places, Programme, Slot, Stand
from events.domain.zones import to_wall
from events.pages.editor import INPUT_MOMENT
from events.pages.words import spoken, spoken_options, unit_options
from events.records import Whole, find_programme, find_whole
from services.http.call import Call
from services.http.problems import NotFound, Unavailable
from services.pages.forms import Form
from services.pages.languages import msgid, text_in


@dataclass(frozen=True, slots=True)
class Desk:
    """A stand with its open slots by day, each with how full it is."""

    stand: Stand
    days: list[tuple[date, list[tuple[Slot, Places | None]]]]
    several: bool
    """Whether it receives at more than one table."""


async def listed(call: Call) -> web.StreamResponse:
    """Every stand at an event with its slots."""
    programme, whole = await _read(call)
    return call.page(
        "events/stands.html",
        event=whole.event,
        whole=whole,
        programme=programme,
        desks=[_desk(whole, stand) for stand in whole.stands],
        spoken=lambda codes: ", ".join(spoken(code, call.lang) for code in codes),
        frozen=whole.event.is_cancelled,
    )


# Stands ---------------------------------------------------------------------------------------------------------------


async def new(call: Call) -> web.StreamResponse:
    return await _stand_page(call, Form.empty())


async def place(call: Call) -> web.StreamResponse:
    """Place a stand, then go on to its slots."""
    event_id = identifier(call, "event")
    form = await call.form(StandInput)
    given = form.value
    made = given and await attempt(
        call, form, "stand.placed", "stand:", lambda tx: stands.place_stand(tx, event_id, given)
    )
    if not made:
        return await _stand_page(call, form)
    return call.redirect(
        _back(call, f"{made.stand_id}/slots"), flash=call.translate("The stand is placed. Now open times for it.")
    )


async def edit(call: Call) -> web.StreamResponse:
    return await _stand_page(call, None)


async def save(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    form = await call.form(StandInput)
    given = form.value
    subject = f"stand:{stand_id}"
    saved = given and await attempt(
        call, form, "stand.edited", subject, lambda tx: stands.edit_stand(tx, stand_id, given)
    )
    return call.redirect(_back(call), flash=call.translate("Saved.")) if saved else await _stand_page(call, form)


async def ask_remove(call: Call) -> web.StreamResponse:
    _, whole = await _read(call)
    stand = _stand(call, whole)
    held = sum(slot.stand_id == stand.stand_id for slot in whole.open_slots)
    return call.page(
        "events/confirm.html",
        event=whole.event,
        title=call.translate("Take away {stand}", stand=text_in(stand.names, call.lang)[0]),
        text=call.translate.plural(
            "Its one open slot is closed, and those who have booked it are told.",
            "Its {count} open slots are closed, and those who have booked them are told.",
            held,
        )
        if held
        else call.translate("It has no open slots, so nobody needs to be told."),
        action=_back(call, f"{stand.stand_id}/remove"),
        label=call.translate("Take the stand away"),
        back=_back(call),
        version=stand.version,
    )


async def remove(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    version = await _seen(call)
    return await act(
        call,
        "stand.removed",
        f"stand:{stand_id}",
        lambda tx: stands.remove_stand(tx, stand_id, version),
        _back(call),
        msgid("The stand is taken away."),
    )


# Slots ----------------------------------------------------------------------------------------------------------------


async def ask_open(call: Call) -> web.StreamResponse:
    """The rule's form, filled with the event's own first day and hours."""
    _, whole = await _read(call)
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
            return call.redirect(_back(call), flash=said)
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
    return call.redirect(_back(call), flash=call.translate("The slot is moved. Those who have booked it are told."))


async def ask_close(call: Call) -> web.StreamResponse:
    _, whole = await _read(call)
    slot = _slot(call, whole)
    places = fewest(whole.places_at(slot.slot_id))
    return call.page(
        "events/confirm.html",
        event=whole.event,
        title=call.translate("Close a slot"),
        text=call.translate("Nobody can book it any more, and those who have are told.")
        if places and (places.used or places.waiting)
        else call.translate("Nobody can book it any more. Nobody has booked it yet."),
        slot=slot,
        action=_back(call, f"slots/{slot.slot_id}/close"),
        label=call.translate("Close the slot"),
        back=_back(call),
        version=slot.version,
    )


async def close(call: Call) -> web.StreamResponse:
    slot_id = identifier(call, "slot")
    version = await _seen(call)
    return await act(
        call,
        "slot.closed",
        f"slot:{slot_id}",
        lambda tx: slots.close_slot(tx, slot_id, version),
        _back(call),
        msgid("The slot is closed."),
    )


# What the pages show --------------------------------------------------------------------------------------------------


async def _stand_page(call: Call, form: Form[StandInput] | None) -> web.StreamResponse:
    programme, whole = await _read(call)
    stand = _stand(call, whole) if "stand" in call.request.match_info else None
    if form is None:
        assert stand is not None
        form = Form.empty({name: getattr(stand, name) for name in StandInput.model_fields})
    hosts = [*(one.name for one in programme.municipalities), *(one.name for one in programme.partners)]
    return call.form_page(
        "events/stand.html",
        form,
        event=whole.event,
        stand=stand,
        programme=programme,
        hosts=hosts,
        spoken_options=spoken_options(call.lang),
        action=_back(call, str(stand.stand_id) if stand else "new"),
        back=_back(call),
    )


async def _rule_page(call: Call, form: Form[RuleInput], made: Sequence[Stretch] | None) -> web.StreamResponse:
    _, whole = await _read(call)
    stand = _stand(call, whole)
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
        action=_back(call, f"{stand.stand_id}/slots"),
        back=_back(call),
    )


async def _move_page(call: Call, form: Form[SlotTimes] | None) -> web.StreamResponse:
    _, whole = await _read(call)
    slot = _slot(call, whole)
    times: dict[str, Any] = {
        name: to_wall(getattr(slot, name), whole.event.time_zone).strftime(INPUT_MOMENT)
        for name in ("starts_at", "ends_at")
    }
    return call.form_page(
        "events/move.html",
        form or Form.empty({"version": slot.version, **times}),
        event=whole.event,
        slot=slot,
        action=_back(call, f"slots/{slot.slot_id}/move"),
        back=_back(call),
    )


def _desk(whole: Whole, stand: Stand) -> Desk:
    zone = whole.event.time_zone
    slots = [slot for slot in whole.open_slots if slot.stand_id == stand.stand_id]
    days = groupby(slots, key=lambda slot: to_wall(slot.starts_at, zone).date())
    return Desk(
        stand,
        [(on, [(slot, fewest(whole.places_at(slot.slot_id))) for slot in those]) for on, those in days],
        any(slot.desk > 1 for slot in slots),
    )


async def _read(call: Call) -> tuple[Programme, Whole]:
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        whole = await find_whole(tx, identifier(call, "event"))
    if programme is None:
        raise Unavailable(2)
    if whole is None:
        raise NotFound("event")
    return programme, whole


def _stand(call: Call, whole: Whole) -> Stand:
    wanted = identifier(call, "stand")
    found = next((one for one in whole.stands if one.stand_id == wanted), None)
    if found is None:
        raise NotFound("stand")
    return found


def _slot(call: Call, whole: Whole) -> Slot:
    wanted = identifier(call, "slot")
    found = next((one for one in whole.open_slots if one.slot_id == wanted), None)
    if found is None:
        raise NotFound("slot")
    return found


async def _seen(call: Call) -> int | None:
    form = await call.form(Asked)
    return form.value.version if form.value else None


def _back(call: Call, path: str = "") -> str:
    event_id: UUID = identifier(call, "event")
    return call.console(f"events/{event_id}/stands/{path}")
