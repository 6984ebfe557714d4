"""Somebody was asked to come instead of another: what is offered, and their yes or no, by the token in our mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import Shown, problem
from registrations.commands import hand_overs
from registrations.commands.together import ask
from registrations.domain.applications import Takeover
from registrations.domain.hand_overs import Answer
from registrations.domain.refusals import Refused
from registrations.pages.hand_over import Offered, find
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import NotFound

PRIVATE = {"Cache-Control": "no-store"}


class HandOverOut(Shown):
    """The place that is offered. Nothing is said of who offers it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    adults: int
    children: int
    ends_by: datetime


class HandOverTaken(Shown):
    """The booking is theirs; `token` is what opens it from now on (/api/v1/my-booking/{token})."""

    booking_id: UUID
    token: str


class HandOverDeclined(Shown):
    id: UUID


async def show(call: Call) -> StreamResponse:
    found = await _find(call)
    return call.json(HandOverOut.model_validate(dict(found.row)), headers=PRIVATE)


async def accept(call: Call) -> StreamResponse:
    found = await _find(call)
    row = found.row
    takeover = Takeover(row["id"], row["booking_id"], row["to_visitor_id"], row["name"], row["language"])
    try:
        await ask(call.context, found.programme_id, takeover)
    except Refused as refused:
        raise problem(refused) from refused
    async with call.transaction(found.programme_id) as tx:
        booking = await queries.booking_page(tx.connection, id=row["booking_id"])
    token = call.context.keys.token("booking", booking["id"], booking["rotation"])
    return call.json(HandOverTaken(booking_id=booking["id"], token=token), headers=PRIVATE)


async def decline(call: Call) -> StreamResponse:
    """The booking stays whose it is; who was asked is forgotten again."""
    found = await _find(call)
    async with call.transaction(found.programme_id) as tx:
        await hand_overs.decline(tx, found.row["id"])
    return call.json(HandOverDeclined(id=found.row["id"]), headers=PRIVATE)


async def _find(call: Call) -> Offered:
    found = await find(call)
    if found is None or found.answer is not Answer.OPEN:
        raise NotFound("hand-over")
    return found
