"""Who took what out: written down before the first row leaves, counted while it runs, closed when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from registrations.domain.searching import searched
from registrations.exports.columns import Column
from registrations.exports.files import Format
from registrations.facts import BookingStatus
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.identity import audit
from services.ids import new_id


@dataclass(frozen=True, slots=True)
class Taking:
    """What somebody wants out of an event: which bookings, which columns, in which file."""

    id: UUID
    event_id: UUID
    format: Format
    columns: tuple[Column, ...]
    states: tuple[BookingStatus, ...]
    search: str = ""
    filter: dict[str, Any] = field(default_factory=dict)
    """As the statements take it."""

    @classmethod
    def of(
        cls,
        id: UUID,
        event_id: UUID,
        format: Format,
        columns: list[Column],
        states: tuple[BookingStatus, ...],
        search: str,
        to_approve: bool | None = None,
    ) -> Taking:
        wanted = {"event_id": event_id, "states": [str(state) for state in states], "to_approve": to_approve}
        narrowed = {"narrowed": bool(search), **searched(search)}
        return cls(id, event_id, format, tuple(columns), states, search, {**wanted, **narrowed})


async def begin(tx: Transaction, call: Call, taking: Taking) -> tuple[UUID, int]:
    """Write down who takes what; its id in the log, and how many rows there will be about."""
    expected = await queries.count_exported(tx.connection, **taking.filter)
    line = {
        "programme_id": tx.programme,
        "event_id": taking.event_id,
        "account_id": call.principal.account_id,
        "token_id": call.principal.token_id,
        "format": taking.format,
        "columns": [column.name for column in taking.columns],
        "states": [str(state) for state in taking.states],
        "searched": bool(taking.search),
        "expected": expected,
        "moment": tx.moment,
    }
    id = await queries.begin_export(tx.connection, id=taking.id, **line)
    if id is None:
        id = await queries.begin_export(tx.connection, id=new_id(tx.moment), **line)
    told = {name: line[name] for name in ("format", "columns", "states", "searched")}
    await audit.record(tx, call, "attendees.exported", f"event:{taking.event_id}", export=id, rows=expected, **told)
    return id, int(expected)


async def count(call: Call, id: UUID, rows: int) -> None:
    """So many rows have left."""
    async with call.transaction() as tx:
        await queries.count_sent(tx.connection, id=id, rows=rows)


async def end(call: Call, id: UUID, rows: int, *, whole: bool) -> None:
    """The last row has left, or (not `whole`) something broke before."""
    async with call.transaction() as tx:
        await queries.end_export(tx.connection, id=id, rows=rows, whole=whole, moment=tx.moment)
