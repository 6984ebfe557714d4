"""JSON for single bookings: staff's yes and no, a place out of turn, and why the line moved as it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import Shown, problem
from registrations.commands.together import ask
from registrations.domain.applications import Item
from registrations.domain.asking import Approve, Cancel, OfferByHand
from registrations.domain.refusals import Reason, Refused
from registrations.domain.replay import retell
from registrations.facts import Awaits, BookingStatus, Cause
from registrations.giving_out import WhyForm
from registrations.pages.finding import from_path
from registrations.statements import queries
from registrations.upkeep import entry_of
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit


class StateOut(Shown):
    """Where a booking stands after the answer."""

    booking_id: UUID
    status: BookingStatus
    awaits: Awaits | None
    ends_by: datetime | None


class LookOut(Shown):
    """One look at the booking as its line moved. `short` are pools that had too little for it; `wrong` says, in codes,
    what does not follow from the record, and is empty for every decision that was as it should be."""

    at: datetime
    decision: str
    line: int
    needs: dict[UUID, int]
    frees: dict[UUID, int]
    reason: str | None
    why: str | None
    short: list[UUID]
    wrong: list[str]


class LineOut(Shown):
    booking_id: UUID
    looks: list[LookOut]


async def approve(call: Call) -> StreamResponse:
    """Yes to a booking that was asked for: it is confirmed, or may move up in its line."""
    return await _answer(call, Approve, "booking.approved")


async def decline(call: Call) -> StreamResponse:
    """No to a booking that was asked for; 409 `not-asked` for one that awaits no answer."""
    booking_id = from_path(call, "booking_id", "booking")
    async with call.transaction() as tx:
        row = await queries.booking_page(tx.connection, id=booking_id)
    if row is None:
        raise NotFound("booking")
    if row["awaits"] != Awaits.APPROVAL:
        raise problem(Refused(Reason.NOT_ASKED))
    return await _answer(call, lambda one: Cancel(one, Cause.STAFF), "booking.cancelled")


async def offer(call: Call) -> StreamResponse:
    """A free place for one in line, past those before; why is written down and shown."""
    said: WhyForm = call.body
    account_id = call.principal.account_id
    return await _answer(call, lambda one: OfferByHand(one, said.why, account_id), "booking.offered_by_hand")


async def _answer(call: Call, item: Callable[[UUID], Item], done: str) -> StreamResponse:
    booking_id = from_path(call, "booking_id", "booking")
    try:
        await ask(call.context, call.programme.id, item(booking_id))
    except Refused as refused:
        raise problem(refused) from refused
    async with call.transaction() as tx:
        await audit.record(tx, call, done, f"booking:{booking_id}")
    return await shown_state(call, booking_id)


async def shown_state(call: Call, booking_id: UUID) -> StreamResponse:
    """Where the booking stands now."""
    async with call.transaction() as tx:
        row = await queries.booking_page(tx.connection, id=booking_id)
    given = {**dict(row), "booking_id": row["id"]}
    return call.json(StateOut.model_validate(given))


async def line(call: Call) -> StreamResponse:
    """Every look at a booking in line, told again from the record of whole decisions."""
    booking_id = from_path(call, "booking_id", "booking")
    async with call.transaction() as tx:
        if await queries.booking_page(tx.connection, id=booking_id) is None:
            raise NotFound("booking")
        rows = await queries.line_told_of(tx.connection, booking_id=booking_id)
    seeds = {row["event_id"]: row["seed"] for row in rows if row["seed"] is not None}
    moments = {row["id"]: row["at"] for row in rows}
    told = [one for one in retell(map(entry_of, rows), seeds) if one.entry.booking_id == booking_id]
    looks = [
        LookOut(
            at=moments[one.entry.id],
            decision=one.entry.decision,
            line=one.entry.line,
            needs=dict(one.entry.needs),
            frees=dict(one.entry.frees),
            reason=one.entry.reason,
            why=one.entry.why,
            short=list(one.short),
            wrong=list(one.wrong),
        )
        for one in sorted(told, key=lambda one: one.entry.id)
    ]
    return call.json(LineOut(booking_id=booking_id, looks=looks))
