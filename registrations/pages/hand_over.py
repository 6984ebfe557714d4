"""Someone else comes instead. The visitor of a booking asks; the other opens the link in our mail, and says yes or not.

GET changes nothing; the yes is a POST, and from then on the booking is theirs alone. Whoever opens the link later is
told what they answered, and nothing of whose booking it is by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import hand_overs
from registrations.commands.together import ask
from registrations.domain.applications import Person, Takeover
from registrations.domain.hand_overs import Answer, answer
from registrations.domain.refusals import Refused
from registrations.facts import BookingStatus
from registrations.inputs import HandOverForm
from registrations.pages import my_booking, remembered
from registrations.pages.my_booking import PRIVATE
from registrations.pages.remembered import Remembered
from registrations.sentences import refusal
from registrations.statements import queries
from services.http.call import Call
from services.keys import token_hash


@dataclass(frozen=True, slots=True)
class Offered:
    """What a link in our mail leads to. OPEN is said only of what can still be taken."""

    programme_id: UUID
    row: Any
    answer: Answer


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


async def take_back(call: Call) -> StreamResponse:
    """POST /{lang}/my-booking/hand-over/take-back: they come after all, if the other has not answered before."""
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    async with call.transaction(who.programme_id) as tx:
        taken = await hand_overs.take_back(tx, who.booking_id, rotation=who.rotation)
    said = call.translate("You come yourselves: nobody is asked to take your place any more.") if taken else None
    return call.redirect(call.link("my-booking"), flash=said)


# The other's side -----------------------------------------------------------------------------------------------------


async def show(call: Call) -> StreamResponse:
    """GET /{lang}/hand-over/{token}: what is offered, with a yes and a no; or what became of it."""
    return _page(call, await find(call))


def _page(call: Call, found: Offered | None, *, problem: str = "", status: int | None = None) -> StreamResponse:
    can_take = found is not None and found.answer is Answer.OPEN
    here = remembered.recall(call)
    has = None if here is None else (here.booking_id, here.rotation)
    return call.page(
        "registrations/hand_over.html",
        status=status or (200 if can_take else 410),
        answer=found.answer if found else None,
        row=found.row if found else None,
        # Whoever said yes in this browser within the hour need not look for the mail.
        opened=found is not None and has == (found.row["booking_id"], found.row["rotation"]),
        problem=problem,
        headers=PRIVATE,
    )


async def take(call: Call) -> StreamResponse:
    """POST there: the booking is theirs; their own cookie leads to it."""
    found = await find(call)
    if found is None or found.answer is not Answer.OPEN:
        return _page(call, found)
    programme_id, row = found.programme_id, found.row
    takeover = Takeover(row["id"], row["booking_id"], row["to_visitor_id"], row["name"], row["language"])
    try:
        await ask(call.context, programme_id, takeover)
    except Refused as refused:
        return _page(call, found, problem=refusal(refused, call.translate, row["time_zone"]), status=409)
    async with call.transaction(programme_id) as tx:
        booking = await queries.booking_page(tx.connection, id=row["booking_id"])
    response = call.redirect(call.link("my-booking"), flash=call.translate("The booking is yours now."))
    remembered.remember(call, response, Remembered(programme_id, booking["id"], booking["rotation"]))
    return response


async def decline(call: Call) -> StreamResponse:
    """POST …/decline: they do not come. The place stays whose it is, and `forget` deletes their name."""
    found = await find(call)
    if found is None or found.answer is not Answer.OPEN:
        return _page(call, found)
    async with call.transaction(found.programme_id) as tx:
        await hand_overs.decline(tx, found.row["id"])
    return _page(call, await find(call), status=200)


async def find(call: Call) -> Offered | None:
    """What the link leads to; None where we know no such link, or whom it was for is forgotten."""
    async with call.context.database.transaction(None) as tx:
        listed = await queries.hand_over_of_token(tx.connection, token_hash=token_hash(call.path("token")))
    if listed is None or not call.context.keys.made(call.path("token"), hand_overs.PURPOSE, listed["hand_over_id"]):
        return None
    async with call.transaction(listed["programme_id"]) as tx:
        row = await queries.hand_over_page(tx.connection, id=listed["hand_over_id"])
        moment = tx.moment
    if row is None or row["erased_at"] is not None:
        return None
    given = answer(row, moment)
    if given is Answer.OPEN and row["status"] != BookingStatus.CONFIRMED:
        # The booking was given up meanwhile: nobody took the offer back, and there is nothing left to take.
        given = Answer.UNANSWERED
    return Offered(listed["programme_id"], row, given)
