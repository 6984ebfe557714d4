"""JSON for who comes with a booking, and for what was written down wrongly of whose it is."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from registrations.api import problem
from registrations.api.answering import shown_state
from registrations.corrections import PersonRequest
from registrations.domain.refusals import Refused
from registrations.inputs import Crowd
from registrations.pages.correcting import put_right, set_household
from registrations.pages.finding import from_path
from services.http.call import Call


async def set_who_comes(call: Call) -> StreamResponse:
    """As many as come now, also after the visitors' deadline and beyond the largest household; 409 `full` where there
    is no room. The visitor is told by mail, unless nothing changed."""
    said: Crowd = call.body
    booking_id = from_path(call, "booking_id", "booking")
    try:
        await set_household(call, booking_id, said.household())
    except Refused as refused:
        raise problem(refused) from refused
    return await shown_state(call, booking_id)


async def correct(call: Call) -> StreamResponse:
    """409 `address-taken` with the `visitor_id` whose address it is; 409 `ties` with the `count` of what else hangs on
    the address, where that may change only with `everywhere`. With another address, links and tickets sent before are
    worthless, and each booking that stands is told anew."""
    said: PersonRequest = call.body
    booking_id = from_path(call, "booking_id", "booking")
    try:
        await put_right(call, booking_id, said.correction())
    except Refused as refused:
        raise problem(refused) from refused
    return await shown_state(call, booking_id)
