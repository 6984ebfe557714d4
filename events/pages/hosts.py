"""Hosts of a stand in pages: who stands there when, where somebody is missing, and one's own shifts on the home."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from aiohttp import web

from events.access import identifier
from events.attempts import act, attempt
from events.commands import hosts
from events.domain.slot_inputs import HostInput
from events.domain.staffing import Shift
from events.domain.state import Stand
from events.domain.zones import to_wall, turns_back
from events.pages.addressed import back_to, read, seen, stand_of
from events.pages.words import INPUT_MOMENT, times_filled
from events.records import Hosts, Whole, find_hosts, my_shifts
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import people
from services.pages.forms import Form
from services.pages.languages import msgid

SHOWN = 6


async def listed(call: Call) -> web.StreamResponse:
    """The hosts of a stand, and a form for one more at the event's own hours."""
    _, whole = await read(call)
    event = whole.event
    day = {name: to_wall(getattr(event, name), event.time_zone) for name in ("starts_at", "ends_at")}
    ends = min(day["ends_at"], day["starts_at"].replace(hour=23, minute=59))
    filled = {"starts_at": day["starts_at"].strftime(INPUT_MOMENT), "ends_at": ends.strftime(INPUT_MOMENT)}
    return await _page(call, whole, stand_of(call, whole), Form.empty(filled))


async def put_on(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    form = await call.form(HostInput)
    given = form.value
    made = given and await attempt(call, form, "shift.set", "shift:", lambda tx: hosts.put_on(tx, stand_id, given))
    if not made:
        _, whole = await read(call)
        return await _page(call, whole, stand_of(call, whole), form)
    return call.redirect(back_to(call, f"{stand_id}/hosts"), flash=call.translate("The shift is set."))


async def edit(call: Call) -> web.StreamResponse:
    return await _edit(call, None)


async def save(call: Call) -> web.StreamResponse:
    shift_id = identifier(call, "shift")
    form = await call.form(HostInput)
    given = form.value
    subject = f"shift:{shift_id}"
    saved = given and await attempt(call, form, "shift.changed", subject, lambda tx: hosts.change(tx, shift_id, given))
    if not saved:
        return await _edit(call, form)
    return call.redirect(back_to(call, f"{saved.stand_id}/hosts"), flash=call.translate("Saved."))


async def take_off(call: Call) -> web.StreamResponse:
    """The button beside a shift; nobody outside the house hears of it, so it asks nothing."""
    _, whole = await read(call)
    shift, _ = await _found(call, whole)
    version = await seen(call)
    return await act(
        call,
        "shift.removed",
        f"shift:{shift.shift_id}",
        lambda tx: hosts.take_off(tx, shift.shift_id, version),
        back_to(call, f"{shift.stand_id}/hosts"),
        msgid("The shift is taken off."),
    )


async def mine(call: Call) -> web.StreamResponse:
    """The panel of the home: one's own next shifts."""
    assert call.principal.account_id is not None
    async with call.transaction() as tx:
        shifts = await my_shifts(tx, call.principal.account_id, SHOWN)
    return call.page("events/panel_shifts.html", shifts=shifts)


async def _found(call: Call, whole: Whole) -> tuple[Shift, Hosts]:
    """The shift that the address names, at this event; raises `NotFound`."""
    wanted = identifier(call, "shift")
    async with call.transaction() as tx:
        found = await find_hosts(tx, whole.event.event_id)
    shift = next((one for one in found.shifts if one.shift_id == wanted), None)
    if shift is None:
        raise NotFound("shift")
    return shift, found


async def _edit(call: Call, form: Form[HostInput] | None) -> web.StreamResponse:
    _, whole = await read(call)
    shift, found = await _found(call, whole)
    filled = {
        "version": shift.version,
        "account_id": shift.account_id,
        **times_filled(shift, whole.event.time_zone),
    }
    stand = next(one for one in whole.stands if one.stand_id == shift.stand_id)
    return call.form_page(
        "events/shift.html",
        form or Form.empty(filled),
        event=whole.event,
        stand=stand,
        shift=shift,
        twice=_twice(whole),
        people=await _people(call, found.names, shift.account_id),
        action=back_to(call, f"hosts/{shift.shift_id}"),
        back=back_to(call, f"{shift.stand_id}/hosts"),
    )


async def _page(call: Call, whole: Whole, stand: Stand, form: Form[HostInput]) -> web.StreamResponse:
    async with call.transaction() as tx:
        found = await find_hosts(tx, whole.event.event_id)
    return call.form_page(
        "events/hosts.html",
        form,
        event=whole.event,
        stand=stand,
        hosts=found.at(stand.stand_id),
        twice=_twice(whole),
        people=await _people(call, found.names),
        frozen=whole.event.is_cancelled,
        address=back_to(call),
        action=back_to(call, f"{stand.stand_id}/hosts"),
        back=back_to(call),
    )


async def _people(call: Call, names: Mapping[UUID, str], also: UUID | None = None) -> list[tuple[str, str]]:
    """(account, name) of those who can stand at a stand, and of one who already does."""
    async with call.transaction() as tx:
        members = await people.members(tx, call.programme.id)
    can = [(str(one.account_id), one.name) for one in members if one.roles & hosts.HOSTS]
    if also is not None and str(also) not in dict(can):
        can.append((str(also), names.get(also, call.translate("Someone who has left"))))
    return can


def _twice(whole: Whole) -> bool:
    return turns_back(whole.event.starts_at, whole.event.ends_at, whole.event.time_zone)
