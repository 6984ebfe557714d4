"""Staff answer single bookings: yes or no to one that was asked for, or a free place out of turn, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands.together import ask
from registrations.domain.applications import Item
from registrations.domain.asking import Approve, OfferByHand
from registrations.domain.refusals import Refused
from registrations.giving_out import WhyForm
from registrations.pages import attendee
from registrations.pages.finding import from_path
from registrations.sentences import refusal_to_staff
from services.http.call import Call
from services.identity import audit
from services.pages import flash
from services.pages.languages import msgid


async def approve(call: Call) -> StreamResponse:
    """Yes to a booking that was asked for: it is confirmed, or may move up in its line. No is to cancel it."""
    said = msgid("The booking is approved, and the visitor is told.")
    try:
        return await _answer(call, Approve, "booking.approved", said)
    except Refused as refused:
        response = call.redirect(_back(call))
        flash.leave(response, refusal_to_staff(refused, call.translate), call.context.settings.secure, "warning")
        return response


async def offer(call: Call) -> StreamResponse:
    """Offer a free place to one in line, past those before; why is written down and shown."""
    form = await call.form(WhyForm)
    if form.value is None:
        return await attendee.page(call, forms={"why": form}, status=422)
    why, account_id = form.value.why, call.principal.account_id
    try:
        return await _answer(
            call,
            lambda booking_id: OfferByHand(booking_id, why, account_id),
            "booking.offered_by_hand",
            msgid("The place is offered, and the visitor is told."),
        )
    except Refused as refused:
        form.fail("why", refusal_to_staff(refused, call.translate))
        return await attendee.page(call, forms={"why": form}, status=409)


async def _answer(call: Call, item: Callable[[UUID], Item], done: str, sentence: str) -> StreamResponse:
    booking_id = from_path(call, "booking_id", "booking")
    await ask(call.context, call.programme.id, item(booking_id))
    async with call.transaction() as tx:
        await audit.record(tx, call, done, f"booking:{booking_id}")
    return call.redirect(_back(call), flash=call.translate(sentence))


def _back(call: Call) -> str:
    """To the booking, or to the waiting list for who came from there (`?from=line`)."""
    place = "line" if call.request.query.get("from") == "line" else call.path("booking_id")
    return call.console(f"attendees/{call.path('event')}/{place}")
