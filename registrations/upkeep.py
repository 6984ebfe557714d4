"""What must hold at any moment, and what we say of ourselves to a new listener."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from registrations.commands import telling
from registrations.domain.replay import Entry, retell
from registrations.domain.rush import CALM_AFTER
from registrations.facts import BookingStatus, InterestRegistered, LeadNoted, VisitorErased
from registrations.statements import queries
from services.database import Transaction
from services.facts import Fact
from services.service import Check

FORGOTTEN_AFTER = timedelta(seconds=5)
"""Longer than this nobody waits for a place that they could have: the line moves as it is freed."""
TOLD_AGAIN = timedelta(days=2)
DECISIONS = 500
"""So many are told again at most, each time the invariants are counted: a few milliseconds."""
LOOKED_BACK = timedelta(days=25)
"""Facts are looked for so far back; the outbox keeps them a little longer."""


async def _oversold(tx: Transaction) -> int:
    return int(await queries.count_oversold(tx.connection))


async def _miscounted(tx: Transaction) -> int:
    return int(await queries.count_miscounted(tx.connection))


async def _forgotten_in_line(tx: Transaction) -> int:
    before = tx.moment - FORGOTTEN_AFTER
    return int(await queries.count_forgotten_in_line(tx.connection, moment=tx.moment, before=before))


async def _unsaid(tx: Transaction) -> int:
    return int(await queries.count_unsaid(tx.connection, since=tx.moment - LOOKED_BACK))


async def _doubled(tx: Transaction) -> int:
    return int(await queries.count_doubled(tx.connection))


async def _not_retold(tx: Transaction) -> int:
    rows = await queries.line_told(tx.connection, since=tx.moment - TOLD_AGAIN, many=DECISIONS)
    seeds = {row["event_id"]: row["seed"] for row in rows if row["seed"] is not None}
    return sum(bool(told.wrong) for told in retell(map(entry_of, rows), seeds))


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row of `line_told`, or of `line_told_of`, to be told again."""
    values = {name: value for name, value in row.items() if name not in {"seed", "at"}}
    for name in ("needs", "frees"):
        values[name] = {UUID(pool_id): amount for pool_id, amount in row[name].items()}
    return Entry(**values)


async def _defended(tx: Transaction) -> int:
    return int(await queries.count_defences(tx.connection, since=tx.moment - CALM_AFTER))


CHECKS = (
    Check("oversold", "No event or slot has given out more places than it has.", _oversold),
    Check("miscounted", "Places taken and households in line are as many as their rows.", _miscounted),
    Check("forgotten-in-line", "Nobody waits for a place that is free and large enough.", _forgotten_in_line),
    Check("unsaid", "Every step of a booking was told the others.", _unsaid),
    Check("line-retold", "Each decision of the last days about who is next follows from its record.", _not_retold),
    Check("under-attack", "No event is asked for more than visitors would: no proof of work is asked for.", _defended),
    Check("doubled", "Nobody was given two slots at one time.", _doubled),
)


async def restate(tx: Transaction) -> AsyncIterator[Fact]:
    """Where every aggregate of the programme stands, under the version it has."""
    for row in await queries.every_pool(tx.connection):
        yield telling.of_pool(row["programme_id"], row, tx.moment)
    for row in await queries.every_booking(tx.connection):
        yield telling.of_row(telling.STANDING[BookingStatus(row["status"])], row, tx.moment, row["lots_at"])
    for row in await queries.every_interest(tx.connection):
        yield InterestRegistered(
            programme_id=row["programme_id"],
            version=row["version"],
            at=tx.moment,
            interest_id=row["id"],
            visitor_id=row["visitor_id"],
            via=row["via"],
            heard_of=row["heard_of"],
            target_groups=tuple(row["target_groups"]),
        )
    for row in await queries.every_lead(tx.connection):
        yield telling.of_lead(LeadNoted, row, tx.moment)
    for row in await queries.every_outcome(tx.connection):
        yield telling.of_outcome(row, tx.moment)
    for row in await queries.every_tombstone(tx.connection):
        yield VisitorErased(
            programme_id=row["programme_id"], version=row["version"], at=tx.moment, visitor_id=row["id"]
        )
