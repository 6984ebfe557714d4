"""The address in a ticket's QR code: staff who scan it with any camera come to the check-in, others see the booking.

A ticket is shown to many people and photographed; so it says when and where and for how many, and gives no way to
change anything: that is behind the link in the mail.
"""

from __future__ import annotations

from urllib.parse import quote

from aiohttp.web import StreamResponse

from registrations.domain.check_in import shown
from registrations.facts import BookingStatus
from registrations.pages.my_booking import PRIVATE
from registrations.sentences import STATUSES
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import NotFound
from services.keys import token_hash
from services.routes import Role

DOOR = frozenset({Role.OWNER, Role.ORGANISER, Role.CHECK_IN, Role.STAND_HOST})


async def show(call: Call) -> StreamResponse:
    """GET /t/{token}"""
    token = call.path("token")
    async with call.context.database.transaction(None) as tx:
        row = await queries.booking_of_token(tx.connection, token_hash=token_hash(token), purpose="ticket")
    if row is None:
        raise NotFound("ticket")
    async with call.transaction(row["programme_id"]) as tx:
        booking = await queries.booking_page(tx.connection, id=row["booking_id"])
    if booking is None or booking["titles"] is None:
        raise NotFound("ticket")
    if not call.context.keys.made(token, "ticket", booking["id"], booking["rotation"]):
        raise NotFound("ticket")
    if call.principal.roles_in(row["programme_id"]) & DOOR:
        path = (
            f"/{call.lang}/console/{booking['programme_slug']}/check-in/{booking['event_slug']}?ticket={quote(token)}"
        )
        return call.redirect(path)
    state = BookingStatus(booking["status"])
    return call.page(
        "registrations/ticket.html",
        booking=booking,
        badge=STATUSES[state],
        code=shown(booking["code"]),
        zone=booking["time_zone"],
        headers=PRIVATE,
    )
