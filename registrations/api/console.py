"""JSON for those who run the event: attendees, check-in, cancellation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import Field

from registrations.api import Shown, problem
from registrations.commands import check_in
from registrations.commands.check_in import Admission, Scan
from registrations.commands.together import ask
from registrations.domain.asking import Cancel
from registrations.domain.check_in import Light, Verdict
from registrations.domain.refusals import Refused
from registrations.facts import Awaits, BookingStatus, Cause
from registrations.groups import NOT_COUNTED, CameRequest
from registrations.pages.attendees import list_attendees
from registrations.pages.finding import from_path, identifier
from registrations.requests import CheckInRequest, UndoRequest
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.pagination import Cursor, Page, Paging
from services.http.problems import Conflict, NotFound
from services.identity import audit


class AttendeeOut(Shown):
    """A booking with its household; name and address are null once the visitor was forgotten."""

    id: UUID
    status: BookingStatus
    awaits: Awaits | None
    """What it needs before it counts: its visitor's answer to our mail, or the organiser's."""
    name: str | None
    group_name: str | None
    """Of a school class or a company; `name` is whom we write to."""
    email: str | None
    language: str
    adults: int
    children: int
    starts_at: datetime
    ends_at: datetime
    stand_id: UUID | None
    slot_id: UUID | None
    code: str
    line: int | None
    walk_in: bool
    created_at: datetime


class Wanted(Paging):
    """Which attendees: `state` several times for several states, `q` a part of a name, an address or a code."""

    state: list[BookingStatus] = Field(default=[], max_length=len(BookingStatus))
    q: Annotated[str, Field(max_length=100)] = ""


class AdmissionOut(Shown):
    verdict: Verdict
    light: Light
    booking_id: UUID | None
    name: str | None
    group_name: str | None
    is_group: bool
    came: int | None
    """How many of a group came, once they were counted."""
    adults: int | None
    children: int | None
    since: datetime | None


class CameOut(Shown):
    booking_id: UUID
    came: int


async def event_id_of(call: Call, tx: Transaction) -> UUID:
    """The event in the path, by its id or its slug; raises `NotFound`."""
    text = call.path("event")
    found = identifier(text)
    row = await (
        queries.event_page(tx.connection, id=found) if found else queries.event_by_slug(tx.connection, slug=text)
    )
    if row is None:
        raise NotFound("event")
    event_id: UUID = row["id"]
    return event_id


async def attendees(call: Call) -> StreamResponse:
    wanted: Wanted = call.query
    cursor = Cursor.read(wanted.after, "key", "id")
    states = tuple(wanted.state) or tuple(BookingStatus)
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
        rows = await list_attendees(tx, event_id, states, wanted.q, cursor, wanted.limit + 1)
    page = Page[AttendeeOut].of(
        rows,
        wanted.limit,
        lambda row: Cursor.at(key=row["sort_key"], id=row["id"]),
        lambda row: AttendeeOut.model_validate(dict(row)),
    )
    return call.json(page)


async def scan(call: Call) -> StreamResponse:
    """200 whatever the verdict: a red light is an answer. The same nonce gets the same answer again."""
    said: CheckInRequest = call.body
    async with call.transaction() as tx:
        event = await queries.event_page(tx.connection, id=said.event_id)
        if event is None:
            raise NotFound("event")
        booking_id = said.booking_id or await check_in.find(tx, call.context.keys, said.event_id, said.text)
        admission = await check_in.check_in(
            tx,
            Scan(
                event_id=said.event_id,
                booking_id=booking_id,
                nonce=said.nonce,
                scanned_at=said.moment(tx.moment),
                offline=said.offline,
                account_id=call.principal.account_id,
            ),
        )
        answer = await _shown(tx, admission)
    return call.json(answer)


async def undo(call: Call) -> StreamResponse:
    said: UndoRequest = call.body
    booking_id = from_path(call, "booking_id", "booking")
    try:
        async with call.transaction() as tx:
            admission = await check_in.undo(tx, booking_id, said.nonce, call.principal.account_id)
            answer = await _shown(tx, admission)
    except Refused as refused:
        raise problem(refused) from refused
    return call.json(answer)


async def count(call: Call) -> StreamResponse:
    """How many of a group came; counted again, the last count stands. 409 `not-counted` where it is none, or not in."""
    said: CameRequest = call.body
    booking_id = from_path(call, "booking_id", "booking")
    async with call.transaction() as tx:
        row = await queries.booking_page(tx.connection, id=booking_id)
        if row is None:
            raise NotFound("booking")
        counted = await queries.count_group(tx.connection, id=booking_id, event_id=row["event_id"], came=said.came)
        if counted is None:
            raise Conflict("not-counted", NOT_COUNTED)
        await audit.record(tx, call, "group.counted", f"booking:{booking_id}", came=said.came)
    return call.json(CameOut(booking_id=booking_id, came=said.came))


async def _shown(tx: Transaction, admission: Admission) -> AdmissionOut:
    booking: Any = await queries.booking_page(tx.connection, id=admission.booking_id) if admission.booking_id else None
    return AdmissionOut(
        verdict=admission.verdict,
        light=admission.light,
        booking_id=admission.booking_id,
        name=booking["name"] if booking else None,
        group_name=booking["group_name"] if booking else None,
        is_group=bool(booking and booking["is_group"]),
        came=booking["came"] if booking else None,
        adults=booking["adults"] if booking else None,
        children=booking["children"] if booking else None,
        since=admission.since if admission.verdict is Verdict.ALREADY else None,
    )


async def cancel(call: Call) -> StreamResponse:
    booking_id = from_path(call, "booking_id", "booking")
    try:
        await ask(call.context, call.programme.id, Cancel(booking_id, Cause.STAFF))
    except Refused as refused:
        raise problem(refused) from refused
    async with call.transaction() as tx:
        await audit.record(tx, call, "booking.cancelled", f"booking:{booking_id}")
    return call.json({"booking_id": str(booking_id), "status": "cancelled"})
