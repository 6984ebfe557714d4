"""Someone else comes instead. The visitor of a booking asks; the other opens the link in our mail, and says yes or not.

GET changes nothing; the yes is a POST, and from then on the booking is theirs alone.
"""

from __future__ import annotations

from typing import Any

from aiohttp.web import StreamResponse

from registrations.commands import hand_overs
from registrations.commands.together import ask
from registrations.domain.applications import Person, Takeover
from registrations.domain.refusals import Refused
from registrations.facts import BookingStatus
from registrations.inputs import HandOverForm
from registrations.pages import my_booking, remembered
from registrations.pages.my_booking import PRIVATE
from registrations.pages.remembered import Remembered
from registrations.sentences import refusal
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import Gone
from services.keys import token_hash
from services.pages.languages import msgid


async def offer(call: Call) -> StreamResponse:
    """POST /{lang}/my-booking/hand-over: ask somebody by mail. The answer is the same whoever they are."""
    form = await call.form(HandOverForm)
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    if form.value is None:
        return await my_booking.page(call, forms={"hand_over": form}, status=422)
    person = Person(form.value.name, form.value.email, form.value.language)
    try:
        async with call.transaction(who.programme_id) as tx:
            if await my_booking.booking_of(tx, who) is None:
                return my_booking.closed(call)
            await hand_overs.offer(tx, call.context.keys, who.booking_id, person, rotation=who.rotation)
    except Refused as refused:
        return await my_booking.page(call, refused=refused, status=409)
    said = call.translate("We have asked {name}. The place is yours until they say yes.", name=person.name)
    return call.redirect(call.link("my-booking"), flash=said)


async def show(call: Call) -> StreamResponse:
    """GET /{lang}/hand-over/{token}: what is offered, and one button."""
    found = await find(call)
    return call.page(
        "registrations/hand_over.html",
        status=200 if found else 410,
        offered=found,
        declined=False,
        problem="",
        headers=PRIVATE,
    )


async def take(call: Call) -> StreamResponse:
    """POST there: the booking is theirs; their own cookie leads to it."""
    found = await find(call)
    if found is None:
        raise Gone(msgid("This offer has ended, or the booking was given up. Book a place of your own instead."))
    programme_id, row = found["programme_id"], found["row"]
    takeover = Takeover(row["id"], row["booking_id"], row["to_visitor_id"], row["name"], row["language"])
    try:
        await ask(call.context, programme_id, takeover)
    except Refused as refused:
        problem = refusal(refused, call.translate, row["time_zone"])
        return call.page("registrations/hand_over.html", status=409, offered=found, problem=problem, headers=PRIVATE)
    async with call.transaction(programme_id) as tx:
        booking = await queries.booking_page(tx.connection, id=row["booking_id"])
    response = call.redirect(call.link("my-booking"), flash=call.translate("The booking is yours now."))
    remembered.remember(call, response, Remembered(programme_id, booking["id"], booking["rotation"]))
    return response


async def decline(call: Call) -> StreamResponse:
    """POST …/decline: they do not come. The place stays whose it is, and `forget` deletes their name."""
    found = await find(call)
    if found is not None:
        async with call.transaction(found["programme_id"]) as tx:
            await hand_overs.decline(tx, found["row"]["id"])
    return call.page("registrations/hand_over.html", status=200, offered=None, declined=True, headers=PRIVATE)


async def find(call: Call) -> dict[str, Any] | None:
    """The offer behind the link while it can be taken; None where it has ended, whatever ended it."""
    async with call.context.database.transaction(None) as tx:
        listed = await queries.hand_over_of_token(tx.connection, token_hash=token_hash(call.path("token")))
    if listed is None or not call.context.keys.made(call.path("token"), hand_overs.PURPOSE, listed["hand_over_id"]):
        return None
    async with call.transaction(listed["programme_id"]) as tx:
        row = await queries.hand_over_page(tx.connection, id=listed["hand_over_id"])
        moment = tx.moment
    ended = (
        row is None
        or row["accepted_at"] is not None
        or row["ends_by"] <= moment
        or row["erased_at"] is not None
        or row["status"] != BookingStatus.CONFIRMED
    )
    return None if ended else {"programme_id": listed["programme_id"], "row": row}
