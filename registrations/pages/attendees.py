"""Who comes: the programme's events with their counts, one event's bookings by state, and one booking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import left_out
from registrations.commands.together import ask
from registrations.domain.asking import Cancel
from registrations.domain.check_in import shown, typed
from registrations.domain.hand_overs import answer
from registrations.domain.records import LIVE
from registrations.domain.refusals import Refused
from registrations.domain.searching import searched
from registrations.facts import BookingStatus, Cause
from registrations.pages import answers, retold
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.sentences import (
    BANDS,
    CAUSES,
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
from services.http.pagination import Cursor
from services.http.problems import NotFound
from services.identity import audit, people
from services.pages import flash
from services.pages.languages import msgid

CANCELLED = msgid("The booking is cancelled, and the visitor is told.")
DECLINED = msgid("You have said no, and the visitor is told.")
MANY = 50
NOBODY = UUID(int=0)
FORGOTTEN = "~"
"""Stands where a name's sort key would, after all of them (`services/words.py`: their last letter is })."""
TABS: dict[str, tuple[str, tuple[BookingStatus, ...]]] = {
    "coming": (msgid("They come"), (BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.HELD)),
    "waiting": (msgid("Waiting"), (BookingStatus.WAITING,)),
    "attended": (msgid("Attended"), (BookingStatus.ATTENDED,)),
    "missed": (msgid("Did not come"), (BookingStatus.NO_SHOW,)),
    "cancelled": (msgid("Booking cancelled"), (BookingStatus.CANCELLED,)),
}


async def events(call: Call) -> StreamResponse:
    """Every event that is or was open, with how many come."""
    async with call.transaction() as tx:
        rows = await queries.events_with_counts(tx.connection, moment=tx.moment, many=100)
        moment = tx.moment
    return call.page(
        "registrations/attendee_events.html",
        upcoming=[row for row in rows if row["ends_at"] >= moment],
        past=[row for row in rows if row["ends_at"] < moment],
    )


async def attendees(call: Call) -> StreamResponse:
    """One event's bookings, a tab per state, searched by name, address or code."""
    query = call.request.query
    tab = query.get("state", "coming") if query.get("state") in TABS else "coming"
    search = query.get("q", "").strip()[:100]
    cursor = Cursor.read(query.get("after"), "key", "id")
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        states = await queries.states_of_event(tx.connection, event_id=event["id"], states=list(BookingStatus))
        rows = await list_attendees(tx, event["id"], TABS[tab][1], search, cursor, MANY + 1)
        lacking = await left_out.of_event(tx, event["id"])
    counts = {row["status"]: row["households"] for row in states}
    persons = sum(row["persons"] for row in states if row["status"] in {"confirmed", "attended"})
    more = Cursor.at(key=rows[MANY - 1]["sort_key"], id=rows[MANY - 1]["id"]).text if len(rows) > MANY else ""
    return call.page(
        "registrations/attendees.html",
        event=event,
        tab=tab,
        tabs=[(name, label, sum(counts.get(state, 0) for state in wanted)) for name, (label, wanted) in TABS.items()],
        rows=rows[:MANY],
        search=search,
        more=more,
        persons=persons,
        lacking=lacking,
        statuses=STATUSES,
        shown=shown,
    )


# The list, shared with the API ----------------------------------------------------------------------------------------


async def list_attendees(
    tx: Any, event_id: Any, states: tuple[BookingStatus, ...], search: str, cursor: Cursor, many: int
) -> list[Any]:
    """Bookings in these states, after the cursor: those with a name in its order, then those that were forgotten."""
    code = typed(search) if search else None
    key, after_id = str(cursor.value("key") or ""), cursor.value("id") or NOBODY
    found: list[Any] = []
    if key != FORGOTTEN:
        found = await queries.attendees(
            tx.connection,
            event_id=event_id,
            states=list(states),
            after_key=key,
            after_id=after_id,
            many=many,
            **searched(search),
        )
    if len(found) < many and (not search or code):
        found += await queries.forgotten_attendees(
            tx.connection,
            event_id=event_id,
            states=list(states),
            code=code,
            after_id=after_id if key == FORGOTTEN else NOBODY,
            many=many - len(found),
        )
    return found


# One booking ----------------------------------------------------------------------------------------------------------


async def booking(call: Call) -> StreamResponse:
    """Everything about one booking: who comes, how it came about, what happened in line and at the door."""
    booking_id = from_path(call, "booking_id", "booking")
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        row = await queries.booking_page(tx.connection, id=booking_id)
        if row is None or row["event_id"] != event["id"]:
            raise NotFound("booking")
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
    return call.page(
        "registrations/attendee.html",
        event=event,
        booking=row,
        badge=STATUSES[state],
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
    )


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
