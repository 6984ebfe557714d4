"""Stands of an event in tables with their slots: placed, edited, taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from aiohttp import web

from events.access import identifier
from events.attempts import act, attempt
from events.commands import stands
from events.domain.booking import fewest
from events.domain.inputs import StandInput
from events.domain.state import Places, Slot, Stand
from events.domain.zones import to_wall
from events.pages.addressed import back_to, read, seen, stand_of
from events.pages.words import TOPICS, spoken, spoken_options, topic_options
from events.records import Hosts, Whole, find_hosts
from services.http.call import Call
from services.pages.forms import Form
from services.pages.languages import msgid, text_in


@dataclass(frozen=True, slots=True)
class Desk:
    """A stand with its open slots by day, each with how full it is."""

    stand: Stand
    days: list[tuple[date, list[tuple[Slot, Places | None]]]]
    several: bool
    """Whether it receives at more than one table."""
    hosts: Hosts


async def listed(call: Call) -> web.StreamResponse:
    """Every stand at an event with its slots."""
    programme, whole = await read(call)
    async with call.transaction() as tx:
        hosts = await find_hosts(tx, whole.event.event_id)
    return call.page(
        "events/stands.html",
        event=whole.event,
        whole=whole,
        programme=programme,
        desks=[_desk(whole, stand, hosts.at(stand.stand_id)) for stand in whole.stands],
        spoken=lambda codes: ", ".join(spoken(code, call.lang) for code in codes),
        topic_names=TOPICS,
        frozen=whole.event.is_cancelled,
    )


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
        back_to(call, f"{made.stand_id}/slots"), flash=call.translate("The stand is placed. Now open times for it.")
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
    return call.redirect(back_to(call), flash=call.translate("Saved.")) if saved else await _stand_page(call, form)


async def ask_remove(call: Call) -> web.StreamResponse:
    _, whole = await read(call)
    stand = stand_of(call, whole)
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
        action=back_to(call, f"{stand.stand_id}/remove"),
        label=call.translate("Take the stand away"),
        back=back_to(call),
        version=stand.version,
    )


async def remove(call: Call) -> web.StreamResponse:
    stand_id = identifier(call, "stand")
    version = await seen(call)
    return await act(
        call,
        "stand.removed",
        f"stand:{stand_id}",
        lambda tx: stands.remove_stand(tx, stand_id, version),
        back_to(call),
        msgid("The stand is taken away."),
    )


async def _stand_page(call: Call, form: Form[StandInput] | None) -> web.StreamResponse:
    programme, whole = await read(call)
    stand = stand_of(call, whole) if "stand" in call.request.match_info else None
    if form is None:
        assert stand is not None
        form = Form.empty({name: getattr(stand, name) for name in StandInput.model_fields})
    exhibitors = [*(one.name for one in programme.municipalities), *(one.name for one in programme.partners)]
    async with call.transaction() as tx:
        hosts = (await find_hosts(tx, whole.event.event_id)).at(stand.stand_id) if stand else None
    return call.form_page(
        "events/stand.html",
        form,
        event=whole.event,
        stand=stand,
        programme=programme,
        exhibitors=exhibitors,
        hosts=hosts,
        spoken_options=spoken_options(call.lang),
        topic_options=topic_options(call.translate),
        action=back_to(call, str(stand.stand_id) if stand else "new"),
        back=back_to(call),
    )


def _desk(whole: Whole, stand: Stand, hosts: Hosts) -> Desk:
    zone = whole.event.time_zone
    slots = [slot for slot in whole.open_slots if slot.stand_id == stand.stand_id]
    days = groupby(slots, key=lambda slot: to_wall(slot.starts_at, zone).date())
    return Desk(
        stand,
        [(on, [(slot, fewest(whole.places_at(slot.slot_id))) for slot in those]) for on, those in days],
        any(slot.desk > 1 for slot in slots),
        hosts,
    )
