"""Sessions of an event in pages: on a list by day, opened, changed, called off."""

from __future__ import annotations

from itertools import groupby

from aiohttp import web

from events.access import identifier
from events.attempts import act, attempt
from events.commands import sessions
from events.domain.booking import fewest
from events.domain.gate import absent
from events.domain.slot_inputs import SessionChange, SessionInput
from events.domain.state import Slot
from events.domain.zones import to_wall, turns_back
from events.pages.addressed import read, seen, session_of
from events.pages.words import INPUT_MOMENT, times_filled, unit_options
from events.records import Whole
from services.http.call import Call
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, msgid, text_in


async def listed(call: Call) -> web.StreamResponse:
    """Every session of an event, by day, with how full it is and the languages in which its title is missing."""
    programme, whole = await read(call)
    zone = whole.event.time_zone

    def line(session: Slot) -> tuple[Slot, object, str]:
        missing = absent(session.titles, programme.required_languages)
        return session, fewest(whole.places_at(session.slot_id)), ", ".join(ENDONYMS[one] for one in missing)

    days = groupby(whole.sessions, key=lambda one: to_wall(one.starts_at, zone).date())
    return call.page(
        "events/sessions.html",
        event=whole.event,
        whole=whole,
        programme=programme,
        days=[(on, [line(one) for one in those]) for on, those in days],
        address=_back(call),
        frozen=whole.event.is_cancelled,
    )


async def new(call: Call) -> web.StreamResponse:
    """An empty form at the event's own beginning."""
    _, whole = await read(call)
    starts = to_wall(whole.event.starts_at, whole.event.time_zone).strftime(INPUT_MOMENT)
    return await _page(call, Form.empty({"starts_at": starts, "unit": "persons"}))


async def open_(call: Call) -> web.StreamResponse:
    event_id = identifier(call, "event")
    form = await call.form(SessionInput)
    given = form.value
    made = given and await attempt(
        call, form, "session.opened", "slot:", lambda tx: sessions.open_session(tx, event_id, given)
    )
    if not made:
        return await _page(call, form)
    return call.redirect(_back(call), flash=call.translate("The session is on the programme."))


async def edit(call: Call) -> web.StreamResponse:
    return await _page(call, None)


async def save(call: Call) -> web.StreamResponse:
    slot_id = identifier(call, "session")
    form = await call.form(SessionChange)
    given = form.value
    subject = f"slot:{slot_id}"
    saved = given and await attempt(
        call, form, "session.changed", subject, lambda tx: sessions.change_session(tx, slot_id, given)
    )
    return call.redirect(_back(call), flash=call.translate("Saved.")) if saved else await _page(call, form)


async def ask_cancel(call: Call) -> web.StreamResponse:
    _, whole = await read(call)
    session = session_of(call, whole)
    places = fewest(whole.places_at(session.slot_id))
    return call.page(
        "events/confirm.html",
        event=whole.event,
        title=call.translate("Call off {session}", session=text_in(session.titles, call.lang)[0]),
        text=call.translate("Nobody can book it any more, and those who have are told.")
        if places and (places.used or places.waiting)
        else call.translate("Nobody can book it any more. Nobody has booked it yet."),
        slot=session,
        action=f"{_back(call)}/{session.slot_id}/cancel",
        label=call.translate("Call the session off"),
        back=_back(call),
        version=session.version,
    )


async def cancel(call: Call) -> web.StreamResponse:
    slot_id = identifier(call, "session")
    version = await seen(call)
    return await act(
        call,
        "session.cancelled",
        f"slot:{slot_id}",
        lambda tx: sessions.cancel_session(tx, slot_id, version),
        _back(call),
        msgid("The session is called off."),
    )


async def _page(call: Call, form: Form[SessionInput] | Form[SessionChange] | None) -> web.StreamResponse:
    programme, whole = await read(call)
    event = whole.event
    session = session_of(call, whole) if "session" in call.request.match_info else None
    if form is None:
        assert session is not None
        form = Form.empty(
            {
                "version": session.version,
                "titles": session.titles,
                "room": session.room,
                **times_filled(session, event.time_zone),
            }
        )
    further = [*session.titles] if session else []
    own = dict.fromkeys((programme.language, *programme.required_languages, *programme.languages, *further))
    return call.form_page(
        "events/session.html",
        form,
        event=event,
        session=session,
        programme=programme,
        languages_offered=list(own),
        rooms=_rooms(whole),
        twice=turns_back(event.starts_at, event.ends_at, event.time_zone),
        units=unit_options(call.translate),
        action=f"{_back(call)}/{session.slot_id if session else 'new'}",
        back=_back(call),
    )


def _rooms(whole: Whole) -> list[str]:
    return sorted({one.room for one in whole.sessions if one.room})


def _back(call: Call) -> str:
    return call.console(f"events/{identifier(call, 'event')}/sessions")
