"""Booking for somebody else: who telephoned, who wrote, who stands at the counter. One page, as visitors have it.

Consents are never given for somebody else. They get the mail that everybody gets, with the link to their booking;
whoever gave no address is let in at once, as at a stand.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.behalf import OnePlaceForm
from registrations.commands import for_somebody
from registrations.domain.asking import Came
from registrations.domain.household import BANDS
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus
from registrations.inputs import EMAIL
from registrations.pages import places
from registrations.pages.desk import event_named
from registrations.pages.finding import identifier
from registrations.sentences import BANDS as BAND_NAMES
from registrations.sentences import refusal
from registrations.statements import queries
from services.http.call import Call
from services.identity import audit
from services.ids import new_id
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid

PRIVATE = {"Cache-Control": "no-store"}
FIELD_OF = {Reason.TOO_LARGE: "adults"}
FULL = msgid("It is full. Choose another time, or tick that they want to wait.")
ALREADY = msgid("They have this booking already, so nothing new was booked.")
SAID = {
    BookingStatus.CONFIRMED: msgid("They are booked, and get the mail with their ticket."),
    BookingStatus.WAITING: msgid("They are on the waiting list, and are told by mail."),
    BookingStatus.ATTENDED: msgid("They are booked, and in."),
}


async def show(call: Call) -> StreamResponse:
    """GET ?visitor=&slot=: the form, filled in with what is known of a visitor."""
    query = call.request.query
    known = await about(call, identifier(query.get("visitor")))
    return await _page(call, Form.empty({"place": query.get("slot", ""), **known}))


async def about(call: Call, visitor_id: UUID | None) -> dict[str, Any]:
    """What a form for somebody begins with: a visitor's own name, address and language where one is named."""
    found: dict[str, Any] = {
        "adults": 1,
        "language": call.programme.language if call.programme.language in LANGUAGES else call.lang,
        "attempt": new_id(call.context.clock.now()),
        **dict.fromkeys(BANDS, 0),
    }
    if visitor_id is not None:
        async with call.transaction() as tx:
            row = await queries.find_visitor(tx.connection, id=visitor_id)
        if row is not None and row["erased_at"] is None:
            found |= {"name": row["name"], "email": row["email"] or "", "language": row["language"]}
    return found


async def book(call: Call) -> StreamResponse:
    """POST: book as everybody does, by staff; sent twice, it is one booking. Leads to the booking."""
    form = await call.form(OnePlaceForm)
    said = form.value
    if said is not None and said.email is None and not said.here:
        form.fail("email", call.translate(EMAIL))
    if said is None or form.value is None:
        return await _page(call, form, status=422)
    try:
        booking_id, came = await _ask(call, said)
    except Refused as refused:
        sentence = call.translate(FULL) if refused.reason is Reason.FULL else refusal(refused, call.translate)
        form.fail(FIELD_OF.get(refused.reason, "place"), sentence)
        return await _page(call, form, status=409)
    async with call.transaction() as tx:
        (row,) = await queries.bookings_made(tx.connection, bookings=[booking_id])
        if came is not Came.AGAIN:
            await audit.record(tx, call, "booking.made_for_somebody", f"booking:{booking_id}", state=row["status"])
    response = call.redirect(call.console(f"attendees/{row['event_slug']}/{booking_id}"))
    if row["attempt"] == said.attempt:
        sentence, tone = call.translate(SAID.get(BookingStatus(row["status"]), ALREADY)), "success"
    else:
        sentence, tone = call.translate(ALREADY), "warning"
    flash.leave(response, sentence, call.context.settings.secure, tone)
    return response


async def _ask(call: Call, said: OnePlaceForm) -> tuple[UUID, Came]:
    async with call.transaction() as tx:
        event = await event_named(call, tx)
    booking_id = new_id(call.context.clock.now())
    wish = said.application(booking_id, event["id"], said.slot_id, said.attempt)
    account_id = call.principal.account_id
    return await for_somebody.book(call.context, call.programme.id, wish, here=said.here, account_id=account_id)


async def _page(call: Call, form: Form[OnePlaceForm], *, status: int = 200) -> StreamResponse:
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        rows = await queries.places_of_event(tx.connection, event_id=event["id"])
    offered = [one for one in places.stands(rows, event["time_zone"], call.context.clock.now()) if one.is_open]
    bookable = [place for stand in offered for place in stand.places if place.bookable]
    if len(bookable) == 1 and not form.get("place"):
        form.raw["place"] = [bookable[0].value]
    return call.page(
        "registrations/for_somebody.html",
        status=status,
        form=form,
        event=event,
        stands=offered,
        full=any(place.is_full for place in bookable),
        bands=BAND_NAMES,
        spoken=[(code, ENDONYMS[code]) for code in LANGUAGES],
        headers=PRIVATE,
    )
