"""Parts of the organiser's home: what happens next, and drafts that miss something."""

from __future__ import annotations

from aiohttp import web

from events import overview
from events.domain import gate
from events.domain.gate import Item
from events.domain.state import Event
from events.records import find_programme, find_whole
from services.http.call import Call
from services.http.pagination import Cursor
from services.routes import Role

SHOWN = 4


async def next_(call: Call) -> web.StreamResponse:
    """The next events, with how full they are."""
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        lines = await overview.coming(tx, Cursor(), SHOWN * 3)
    shown = [line for line in lines if line.event.is_published][:SHOWN]
    return call.page("events/panel_next.html", lines=shown, programme=programme, may_edit=call.has_role(Role.ORGANISER))


async def drafts(call: Call) -> web.StreamResponse:
    """Drafts with what each still misses, the nearest first."""
    found: list[tuple[Event, list[Item]]] = []
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        for line in await overview.coming(tx, Cursor(), SHOWN, status="draft") if programme else []:
            whole = await find_whole(tx, line.event.event_id)
            if whole is not None and programme is not None:
                items = gate.checklist(whole.event, whole.stands, whole.slots, programme, tx.moment)
                found.append((whole.event, gate.missing(items)))
    return call.page("events/panel_drafts.html", drafts=found, may_edit=call.has_role(Role.ORGANISER))
