"""What registrations does by the clock. Nothing here decides who gets a place: what has ended is decided by reading;
these only see to what follows when nobody came by."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from registrations.commands import check_in, forgetting, guarding, ledgers, opening
from registrations.commands.together import anew
from registrations.domain.retention import DRAFT_KEPT, SELECTION_KEPT
from registrations.statements import queries
from services.context import Context
from services.database import Transaction
from services.service import Task

MISSED_AFTER = timedelta(hours=2)
"""So long after its end a confirmed booking that nobody checked in is missed: offline devices have reported by then."""


def _by_programme(rows: Sequence[Mapping[str, Any]]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["programme_id"], []).append(row["id"])
    return found


async def move_lines(context: Context) -> None:
    """End holds and offers whose time is over, and let those behind them move up."""
    async with context.database.system() as tx:
        rows = await queries.pools_to_settle(tx.connection, moment=tx.moment)

    for programme_id, pools in _by_programme(rows).items():
        await anew(context, programme_id, partial(_settle, pools=pools))


async def _settle(tx: Transaction, pools: Sequence[UUID]) -> None:
    found = await ledgers.lock(tx, pools=pools)
    ledger = await ledgers.read(tx, found)
    ledger.release_ended()
    ledger.move_line(found)
    await ledgers.write(tx, ledger)


async def draw_lots(context: Context) -> None:
    """Draw the lots of events whose time for it has come."""
    async with context.database.system() as tx:
        due = await queries.draws_due(tx.connection, moment=tx.moment)
    for row in due:
        draw = partial(opening.draw_lots, event_id=row["id"], seed=secrets.token_bytes(32))
        await anew(context, row["programme_id"], draw)


async def mark_missed(context: Context) -> None:
    """Who was confirmed, at an event with a check-in, and did not come."""
    async with context.database.system() as tx:
        rows = await queries.missed_bookings(tx.connection, before=tx.moment - MISSED_AFTER)
    for programme_id, bookings in _by_programme(rows).items():
        async with context.database.transaction(programme_id) as tx:
            for booking_id in bookings:
                await check_in.mark_missed(tx, booking_id)


async def forget(context: Context) -> None:
    """Erase what no rule lets us keep, of all programmes."""
    async with context.database.system() as tx:
        found = await forgetting.expire(tx)
    await forgetting.erase(context, found)


async def forget_imports(context: Context) -> None:
    """Lists of people that were read to be imported, and were not within the hour; and what was chosen from lists."""
    async with context.database.system() as tx:
        await queries.expire_import_drafts(tx.connection, before=tx.moment - DRAFT_KEPT)
        await queries.expire_selections(tx.connection, before=tx.moment - SELECTION_KEPT)


TASKS = (
    Task("move-lines", timedelta(seconds=3), move_lines),
    Task("draw-lots", timedelta(seconds=30), draw_lots),
    Task("mark-missed", timedelta(hours=1), mark_missed),
    Task("forget", timedelta(hours=6), forget),
    Task("forget-imports", timedelta(minutes=10), forget_imports),
    Task("forget-proofs", timedelta(minutes=10), guarding.forget),
)
