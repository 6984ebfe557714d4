"""The event editor: texts with what is missing, times, place, for whom; checklist, preview, publish, cancel, copy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from aiohttp import web

from events import overview
from events.access import identifier
from events.attempts import act, attempt
from events.commands import copies, events
from events.domain import gate
from events.domain.booking import booked
from events.domain.inputs import CancelInput, CopyInput, EventInput
from events.domain.state import Programme
from events.domain.zones import to_wall
from events.pages.public import event_values
from events.pages.words import INPUT_MOMENT, unit_options, zone_options
from events.records import Whole, find_programme, find_whole
from events.shown import show
from services.http.call import Call
from services.http.problems import NotFound, Unavailable
from services.pages.forms import Form
from services.pages.languages import msgid, text_in
from services.routes import Role

MOMENTS = ("starts_at", "ends_at", "registration_opens_at", "registration_closes_at")


async def new(call: Call) -> web.StreamResponse:
    """An empty form in the programme's zone."""
    programme, _ = await _read(call, None)
    return await _editor(call, Form.empty({"time_zone": programme.time_zone, "unit": "persons"}))


async def draft(call: Call) -> web.StreamResponse:
    """Begin a draft, then show what it lacks."""
    form = await call.form(EventInput)
    given = form.value
    made = given and await attempt(call, form, "event.drafted", "event:", lambda tx: events.draft_event(tx, given))
    if not made:
        return await _editor(call, form)
    return call.redirect(
        call.console(f"events/{made.event_id}"),
        flash=call.translate("The draft is saved. The list beside it says what it needs before you can publish it."),
    )


async def edit(call: Call) -> web.StreamResponse:
    return await _editor(call, None, identifier(call, "event"))


async def save(call: Call) -> web.StreamResponse:
    """Save, and publish where that button was pressed: what is saved stays so even where the gate says no."""
    event_id = identifier(call, "event")
    form = await call.form(EventInput)
    given = form.value
    subject = f"event:{event_id}"
    saved = given and await attempt(
        call, form, "event.edited", subject, lambda tx: events.edit_event(tx, event_id, given)
    )
    if not saved:
        return await _editor(call, form, event_id)
    back = call.console(f"events/{event_id}")
    if form.get("then") != "publish":
        return call.redirect(back, flash=call.translate("Saved."))
    form.raw["version"] = [str(saved.version)]
    if not await attempt(call, form, "event.published", subject, lambda tx: events.publish_event(tx, event_id)):
        return await _editor(call, form, event_id)
    return call.redirect(back, flash=call.translate("Published. Everyone can read and book it now."))


async def repaint(call: Call) -> web.StreamResponse:
    event_id = identifier(call, "event")
    return await act(
        call,
        "event.repainted",
        f"event:{event_id}",
        lambda tx: events.repaint(tx, event_id),
        call.console(f"events/{event_id}"),
        msgid("Here is another cover."),
    )


async def preview(call: Call) -> web.StreamResponse:
    """The public page of an event as it would be now, to everyone in the programme."""
    programme, whole = await _read(call, identifier(call, "event"))
    assert whole is not None
    shown = show(whole, programme, call.context.clock.now())
    back = call.console(f"events/{whole.event.event_id}" if call.has_role(Role.ORGANISER) else "events")
    return call.page("events/event.html", **event_values(call, shown, preview=back))


async def ask_cancel(call: Call) -> web.StreamResponse:
    return await _cancel(call, None)


async def cancel(call: Call) -> web.StreamResponse:
    event_id = identifier(call, "event")
    form = await call.form(CancelInput)
    given = form.value
    subject = f"event:{event_id}"
    done = given and await attempt(
        call, form, "event.cancelled", subject, lambda tx: events.cancel_event(tx, event_id, given)
    )
    if not done:
        return await _cancel(call, form)
    return call.redirect(
        call.console("events"), flash=call.translate("The event is cancelled. Those who have booked are told.")
    )


async def _cancel(call: Call, form: Form[CancelInput] | None) -> web.StreamResponse:
    programme, whole = await _read(call, identifier(call, "event"))
    assert whole is not None
    filled = form or Form.empty({"version": whole.event.version})
    return call.form_page(
        "events/cancel.html",
        filled,
        event=whole.event,
        whole=whole,
        booked=booked(whole.places),
        programme=programme,
    )


async def ask_copy(call: Call) -> web.StreamResponse:
    return await _copy(call, None)


async def copy(call: Call) -> web.StreamResponse:
    event_id = identifier(call, "event")
    form = await call.form(CopyInput)
    given = form.value
    made = given and await attempt(
        call, form, "event.copied", "event:", lambda tx: copies.copy_event(tx, event_id, given)
    )
    if not made:
        return await _copy(call, form)
    return call.redirect(
        call.console(f"events/{made.event_id}"),
        flash=call.translate("This is the copy: a draft with the same texts and stands."),
    )


async def _copy(call: Call, form: Form[CopyInput] | None) -> web.StreamResponse:
    programme, whole = await _read(call, identifier(call, "event"))
    assert whole is not None
    return call.form_page("events/copy.html", form or Form.empty(), event=whole.event, whole=whole, programme=programme)


async def _read(call: Call, event_id: UUID | None) -> tuple[Programme, Whole | None]:
    """The programme, and an event of it; raises `NotFound`, or `Unavailable` while the programme is not known here."""
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        whole = await find_whole(tx, event_id) if event_id else None
    if programme is None:
        raise Unavailable(2)
    if event_id and whole is None:
        raise NotFound("event")
    return programme, whole


async def _editor(call: Call, form: Form[EventInput] | None, event_id: UUID | None = None) -> web.StreamResponse:
    programme, whole = await _read(call, event_id)
    moment = call.context.clock.now()
    values: dict[str, Any] = {"event": None, "items": [], "clashes": [], "whole": whole, "booked": None}
    if whole is not None:
        event = whole.event
        async with call.transaction() as tx:
            values["clashes"] = await overview.clashing(tx, event)
        values["event"] = event
        values["booked"] = booked(one for one in whole.places if one.slot_id is None)
        values["slots_booked"] = booked(one for one in whole.places if one.slot_id is not None)
        values["items"] = gate.checklist(event, whole.stands, whole.slots, programme, moment)
        form = form or Form.empty(_filled(whole))
    assert form is not None
    zone = form.get("time_zone") or programme.time_zone
    return call.form_page(
        "events/editor.html",
        form,
        programme=programme,
        languages_offered=_languages(programme, whole),
        zones=zone_options(zone, programme.time_zone),
        units=unit_options(call.translate),
        options=lambda those: [(one.id, one.name) for one in those],
        terms=lambda those: [(one.id, text_in(one.names, call.lang)[0]) for one in those],
        **values,
    )


def _filled(whole: Whole) -> dict[str, Any]:
    """The form of an event as it is: times on its own wall clock, places as it began with."""
    event = whole.event
    told = {name: value for name, value in asdict(event).items() if name in EventInput.model_fields}
    for name in MOMENTS:
        moment = getattr(event, name)
        told[name] = to_wall(moment, event.time_zone).strftime(INPUT_MOMENT) if moment else None
    return {
        **told,
        "capacity": event.first_amount,
        "unit": event.first_unit or "persons",
        "move_slots": bool(whole.open_slots),
    }


def _languages(programme: Programme, whole: Whole | None) -> list[str]:
    """The programme's own language first, then the required, then the others, then those an event has besides."""
    further = [*whole.event.titles] if whole else []
    return list(dict.fromkeys((programme.language, *programme.required_languages, *programme.languages, *further)))
