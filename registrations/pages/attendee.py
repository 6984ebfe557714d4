"""One booking: who comes, how it came about, what happened in line and at the door, and what staff may do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp.web import StreamResponse

from registrations.commands.together import ask
from registrations.domain.asking import Cancel
from registrations.domain.check_in import shown
from registrations.domain.hand_overs import answer
from registrations.domain.records import LIVE
from registrations.domain.refusals import Refused
from registrations.facts import BookingStatus, Cause
from registrations.pages import answers, retold
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.sentences import (
    AWAITED,
    BANDS,
    CAUSES,
    ENDING,
    HEARD_OF,
    LOOKING_FOR,
    MOVING,
    PASSED_OVER,
    STATUSES,
    UNITS,
    VERDICTS,
    refusal,
)
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit, people
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid

CANCELLED = msgid("The booking is cancelled, and the visitor is told.")
DECLINED = msgid("You have said no, and the visitor is told.")


async def show(call: Call) -> StreamResponse:
    return await page(call)


async def page(
    call: Call,
    *,
    forms: Mapping[str, Form[Any]] | None = None,
    known: str | None = None,
    stale: str = "",
    status: int = 200,
) -> StreamResponse:
    """Everything about one booking; `forms` are those to be shown again, `known` the visitor whose address was given,
    and `stale` says that whose booking it is was corrected by somebody else meanwhile."""
    booking_id = from_path(call, "booking_id", "booking")
    given = forms or {}
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        row = await queries.booking_page(tx.connection, id=booking_id)
        if row is None or row["event_id"] != event["id"]:
            raise NotFound("booking")
        visitor = await queries.find_visitor(tx.connection, id=row["visitor_id"])
        line = await queries.line_of_booking(tx.connection, booking_id=booking_id)
        turns = await queries.turns_of_booking(
            tx.connection, booking_id=booking_id, many=retold.TURNS, first=retold.LOOKS
        )
        names = await people.names(tx, call.programme.id, {one["account_id"] for one in turns if one["account_id"]})
        hand_overs = await queries.hand_overs_of_booking(tx.connection, booking_id=booking_id)
        scans = await queries.scans_of_booking(tx.connection, booking_id=booking_id)
        before = await queries.place_in_line(tx.connection, id=booking_id)
        lead = await queries.lead_of_booking(tx.connection, booking_id=booking_id)
        answered = await queries.answers_of_booking(tx.connection, booking_id=booking_id)
    state = BookingStatus(row["status"])
    person = given.get("person") or _person(row, visitor)
    if stale:
        person.fail("version", stale)
    return call.page(
        "registrations/attendee.html",
        status=status,
        event=event,
        booking=row,
        badge=STATUSES[state],
        awaited=AWAITED,
        live=state in LIVE,
        state=state,
        cause=CAUSES[Cause(row["cause"])],
        code=shown(row["code"]),
        line=line,
        movements=retold.movements(turns),
        names=names,
        units=UNITS,
        hand_overs=[(one, answer(one, call.context.clock.now())) for one in hand_overs],
        scans=scans,
        before=before,
        lead=lead,
        bands=BANDS,
        moving=MOVING,
        looking_for=LOOKING_FOR,
        answered=answers.said(call, answered),
        heard_of=HEARD_OF,
        verdicts=VERDICTS,
        passed_over=PASSED_OVER,
        ending=ENDING.get(row["awaits"] or state),
        household=given.get("household")
        or Form.empty({"adults": row["adults"], **{one: row[one] or 0 for one in BANDS}}),
        correction=person,
        known=known,
        spoken=[(one, ENDONYMS[one]) for one in LANGUAGES],
        why=given.get("why") or Form.empty(),
    )


def _person(booking: Any, visitor: Any) -> Form[Any]:
    return Form.empty({**{one: booking[one] for one in ("name", "email", "language")}, "version": visitor["version"]})


async def cancel(call: Call) -> StreamResponse:
    """Cancel on the visitor's behalf, or say no to one that was asked for; they are told by mail, and the next in line
    gets the place."""
    booking_id = from_path(call, "booking_id", "booking")
    back = call.console(f"attendees/{call.path('event')}/{booking_id}")
    try:
        await ask(call.context, call.programme.id, Cancel(booking_id, Cause.STAFF))
    except Refused as refused:
        response = call.redirect(back)
        flash.leave(response, refusal(refused, call.translate), call.context.settings.secure, "warning")
        return response
    async with call.transaction() as tx:
        await audit.record(tx, call, "booking.cancelled", f"booking:{booking_id}")
        row = await queries.booking_page(tx.connection, id=booking_id)
    said = DECLINED if row["declined"] else CANCELLED
    return call.redirect(back, flash=call.translate(said))
