"""JSON for booking somebody else, as staff's page does: one place for a household, or for a group under its contact."""

from __future__ import annotations

from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import PARTY_FIELDS, Shown, attempt, problem
from registrations.api.console import event_id_of
from registrations.behalf import SomebodyRequest
from registrations.commands import for_somebody
from registrations.domain.asking import Came
from registrations.domain.refusals import Refused
from registrations.facts import BookingStatus
from registrations.inputs import EMAIL
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import Invalid
from services.identity import audit
from services.ids import new_id


class BookingMade(Shown):
    """`new` is false where they have this booking already, so that nothing was booked."""

    booking_id: UUID
    status: BookingStatus
    new: bool


async def book(call: Call) -> StreamResponse:
    """409 `full` where it is and they would not wait; only who is `here` may leave the address out."""
    said: SomebodyRequest = call.body
    if said.email is None and not said.here:
        raise Invalid({"email": EMAIL})
    moment = call.context.clock.now()
    made_by = said.attempt or attempt(call, moment)
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
    wish = said.application(new_id(moment), event_id, said.slot_id, made_by)
    account_id = call.principal.account_id
    try:
        booking_id, came = await for_somebody.book(
            call.context, call.programme.id, wish, here=said.here, account_id=account_id
        )
    except Refused as refused:
        raise problem(refused, PARTY_FIELDS) from refused
    async with call.transaction() as tx:
        (row,) = await queries.bookings_made(tx.connection, bookings=[booking_id])
        if came is not Came.AGAIN:
            await audit.record(tx, call, "booking.made_for_somebody", f"booking:{booking_id}", state=row["status"])
    return call.json(BookingMade(booking_id=booking_id, status=row["status"], new=row["attempt"] == made_by))
