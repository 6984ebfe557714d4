"""Who comes: the programme's events with their counts, and one event's bookings by state."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import left_out
from registrations.commands.rules import rules_for
from registrations.domain.check_in import shown, typed
from registrations.domain.searching import searched
from registrations.facts import BookingStatus
from registrations.pages.desk import event_named
from registrations.sentences import AWAITED, STATUSES
from registrations.statements import queries
from services.http.call import Call
from services.http.pagination import Cursor
from services.pages.languages import msgid

MANY = 50
NOBODY = UUID(int=0)
FORGOTTEN = "~"
"""Stands where a name's sort key would, after all of them (`services/words.py`: their last letter is })."""
TABS: dict[str, tuple[str, tuple[BookingStatus, ...]]] = {
    "coming": (msgid("They come"), (BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.HELD)),
    "approve": (msgid("To approve"), (BookingStatus.HELD, BookingStatus.WAITING)),
    "waiting": (msgid("Waiting"), (BookingStatus.WAITING,)),
    "attended": (msgid("Attended"), (BookingStatus.ATTENDED,)),
    "missed": (msgid("Did not come"), (BookingStatus.NO_SHOW,)),
    "cancelled": (msgid("Booking cancelled"), (BookingStatus.CANCELLED,)),
}
TO_APPROVE: dict[str, bool] = {"approve": True, "coming": False}
"""Tabs that hold those alone who wait for the organiser's yes, or nobody who does."""


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
        rows = await list_attendees(tx, event["id"], TABS[tab][1], search, cursor, MANY + 1, TO_APPROVE.get(tab))
        to_approve = await queries.to_approve(tx.connection, event_id=event["id"])
        approval = (await rules_for(tx, event["id"])).approval
        lacking = await left_out.of_event(tx, event["id"])
        overtaken = await queries.draw_overtaken(tx.connection, event_id=event["id"])
    counts = {row["status"]: row["households"] for row in states}
    households = {name: sum(counts.get(state, 0) for state in wanted) for name, (_, wanted) in TABS.items()}
    households |= {"approve": to_approve["every"], "coming": households["coming"] - to_approve["held"]}
    named = [name for name in TABS if name != "approve" or approval or to_approve["every"] or tab == "approve"]
    persons = sum(row["persons"] for row in states if row["status"] in {"confirmed", "attended"})
    more = Cursor.at(key=rows[MANY - 1]["sort_key"], id=rows[MANY - 1]["id"]).text if len(rows) > MANY else ""
    return call.page(
        "registrations/attendees.html",
        event=event,
        tab=tab,
        tabs=[(name, TABS[name][0], households[name]) for name in named],
        rows=rows[:MANY],
        search=search,
        more=more,
        persons=persons,
        lacking=lacking,
        overtaken=overtaken,
        statuses=STATUSES,
        awaited=AWAITED,
        shown=shown,
    )


# The list, shared with the API ----------------------------------------------------------------------------------------


async def list_attendees(
    tx: Any,
    event_id: Any,
    states: tuple[BookingStatus, ...],
    search: str,
    cursor: Cursor,
    many: int,
    to_approve: bool | None = None,
) -> list[Any]:
    """Bookings in these states, after the cursor: those with a name in its order, then those that were forgotten.

    `to_approve`: only those that wait for the organiser's yes, or without them; None: all."""
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
            to_approve=to_approve,
            **searched(search),
        )
    if len(found) < many and not to_approve and (not search or code):
        found += await queries.forgotten_attendees(
            tx.connection,
            event_id=event_id,
            states=list(states),
            code=code,
            after_id=after_id if key == FORGOTTEN else NOBODY,
            many=many - len(found),
        )
    return found
