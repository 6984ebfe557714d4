"""What would become of a list, and what becomes of it.

The rehearsal is the thing itself: the same code decides the same rows from the same locked places, and then everything
is taken back. So it can say nothing that would not happen, short of what others do meanwhile, and leaves nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from registrations.commands import rehearsing
from registrations.commands.together import answered
from registrations.domain.fates import Fate
from registrations.domain.refusals import Reason
from registrations.facts import BookingStatus
from registrations.imports.judging import Row
from registrations.place_names import value_of
from registrations.statements import queries
from services.context import Context
from services.database import Transaction
from services.http.call import Call
from services.identity import audit

AT_A_TIME = 200
"""Rows asked for together: as many as one transaction decides, so that visitors get a turn between two."""
LEFT_OUT = {Fate.DOUBLED, Fate.WRONG, Fate.REFUSED}


async def rehearse(context: Context, programme_id: UUID, rows: Sequence[Row]) -> list[Row]:
    """Every row with the fate it would have now."""
    asking = [row.application for row in rows if row.application is not None]
    if not asking:
        return list(rows)
    answers = iter(await rehearsing.rehearse(context, programme_id, asking))
    # What would be booked has no number yet: the one it was tried under is never used again.
    return [row if row.application is None else replace(row.after(next(answers)), booking_id=None) for row in rows]


async def carry_out(context: Context, programme_id: UUID, rows: Sequence[Row], since: datetime) -> list[Row]:
    """Ask for every row through the one door, in the order of the file; every row with what became of it. `since` is
    when the list was read: what was made of it then or later, also by another who carries it out just now, it made."""
    done: list[Row] = []
    for start in range(0, len(rows), AT_A_TIME):
        done += await asyncio.gather(*(_ask(context, programme_id, row) for row in rows[start : start + AT_A_TIME]))
    again = [row.booking_id for row in done if row.fate is Fate.AGAIN]
    if not again:
        return done
    async with context.database.transaction(programme_id) as tx:
        found = {one["id"]: one for one in await queries.bookings_made(tx.connection, bookings=again)}
    return [_made(row, found.get(row.booking_id), since) if row.fate is Fate.AGAIN else row for row in done]


def _made(row: Row, booking: Any, since: datetime) -> Row:
    """The row of somebody who was booked already, told as made by this list where that booking came of it."""
    if booking is None or row.application is None:
        return row
    if booking["attempt"] != row.application.attempt or booking["created_at"] < since:
        return row
    return replace(row, fate=Fate.WAITING if booking["status"] == BookingStatus.WAITING else Fate.BOOKED)


async def _ask(context: Context, programme_id: UUID, row: Row) -> Row:
    if row.application is None:
        return row
    return row.after(await answered(context, programme_id, row.application))


async def log(tx: Transaction, call: Call, import_id: UUID, event_id: UUID, digest: str, rows: Sequence[Row]) -> None:
    """Write down what became of each row, without a name, and let go of the list itself."""
    counts = Counter(row.fate for row in rows)
    left_out = sum(counts[fate] for fate in LEFT_OUT)
    await queries.log_import(
        tx.connection,
        id=import_id,
        programme_id=tx.programme,
        event_id=event_id,
        account_id=call.principal.account_id,
        token_id=call.principal.token_id,
        digest=digest,
        booked=counts[Fate.BOOKED],
        waiting=counts[Fate.WAITING],
        left_out=left_out,
        fates=[_packed(row) for row in rows],
        moment=tx.moment,
    )
    await queries.drop_import_draft(tx.connection, id=import_id)
    told = {"booked": counts[Fate.BOOKED], "waiting": counts[Fate.WAITING], "left_out": left_out}
    await audit.record(tx, call, "attendees.imported", f"event:{event_id}", file=digest, rows=len(rows), **told)


def _packed(row: Row) -> dict[str, Any]:
    booking_id = str(row.booking_id) if row.booking_id else None
    return {"row": row.number, "fate": row.fate, "field": row.field, "reason": row.reason, "booking_id": booking_id}


def unpacked(fates: Sequence[dict[str, Any]], bookings: Sequence[Any]) -> list[Row]:
    """The rows of a log, with what is known of their `bookings` today."""
    known = {one["booking_id"]: one for one in bookings}
    return [_told(one, known.get(UUID(one["booking_id"])) if one["booking_id"] else None) for one in fates]


def _told(one: dict[str, Any], booking: Any) -> Row:
    row = Row(
        number=one["row"],
        fate=Fate(one["fate"]),
        field=one["field"],
        reason=Reason(one["reason"]) if one["reason"] else None,
        booking_id=UUID(one["booking_id"]) if one["booking_id"] else None,
    )
    if booking is None:
        return row
    return replace(
        row,
        name=booking["name"] or "",
        group=booking["group_name"] or "",
        adults=booking["adults"],
        children=booking["children"],
        place=value_of(booking),
    )
