"""A choice for those whose event or time was called off: another time, or another event of the programme."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.domain.asking import Move
from registrations.facts import Cause
from registrations.inputs import ChoiceForm
from registrations.pages import my_booking
from services.http.call import Call
from services.pages.forms import Form
from services.pages.languages import msgid


async def choose(call: Call) -> StreamResponse:
    """POST /{lang}/my-booking/choose: the booking comes alive at the chosen event and time, for the same household."""
    form = await call.form(ChoiceForm)
    if form.value is None:
        shown: Form[Any] = form
        return await my_booking.page(call, forms={"choice": shown}, status=422)
    event_id, slot_id = form.value.event, form.value.slot_id
    return await my_booking.wish(
        call, lambda who: _move(who.booking_id, event_id, slot_id), msgid("You have a place again.")
    )


def _move(booking_id: UUID, event_id: UUID, slot_id: UUID | None) -> Move:
    return Move(booking_id, slot_id, Cause.VISITOR, event_id)
