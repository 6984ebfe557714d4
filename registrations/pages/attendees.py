"""Who comes: the programme's events with their counts, and one event's bookings by state."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import left_out
from registrations.domain.check_in import shown, typed
from registrations.domain.searching import searched
from registrations.facts import BookingStatus
from registrations.pages.desk import event_named
from registrations.sentences import (
    STATUSES,
)
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
