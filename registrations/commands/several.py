"""The same household at several places: all of them or none, or whatever there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registrations.commands.deciding import Answer
from registrations.commands.rehearsing import decide_if
from registrations.commands.together import answered
from registrations.domain.applications import Application
from registrations.domain.asking import Came, Granted
from registrations.domain.fates import Fate
from registrations.domain.refusals import Reason, Refused
from registrations.statements import queries
from services.context import Context
from services.database import Transaction

MISSED = {Fate.REFUSED, Fate.WAITING}
"""What of several places stands in the way of having them all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of the places that were asked for, or would have."""

    wish: Application
    fate: Fate
    booking_id: UUID | None = None
    reason: Reason | None = None
    new: bool = False


async def book(
    context: Context, programme_id: UUID, wishes: Sequence[Application], *, whole: bool
) -> tuple[list[Outcome], bool]:
    """The `whole` or none of it, or whatever there is room for; (what became of each, whether anything stands)."""
    if whole:
        return await book_all(context, programme_id, wishes)
    outcomes = await book_what_fits(context, programme_id, wishes)
    return outcomes, any(one.fate is not Fate.REFUSED for one in outcomes)


async def book_all(context: Context, programme_id: UUID, wishes: Sequence[Application]) -> tuple[list[Outcome], bool]:
    """All of these or none, decided in one transaction; (what became of each, whether it stands)."""
    seen: list[Outcome] = []

    async def keep(tx: Transaction, answers: list[Answer]) -> bool:
        seen[:] = await _outcomes(tx, wishes, answers)
        return not any(one.fate in MISSED for one in seen)

    _, kept = await decide_if(context, programme_id, wishes, keep)
    return seen, kept


async def book_what_fits(context: Context, programme_id: UUID, wishes: Sequence[Application]) -> list[Outcome]:
    """Each of these by itself, in their order, together with whoever asks at the same time."""
    answers = await asyncio.gather(*(answered(context, programme_id, wish) for wish in wishes))
    async with context.database.transaction(programme_id) as tx:
        return await _outcomes(tx, wishes, answers)


async def _outcomes(tx: Transaction, wishes: Sequence[Application], answers: Sequence[Answer]) -> list[Outcome]:
    """An earlier booking at the very place is theirs already; one that keeps them from it elsewhere is in the way."""
    ids = [answer.booking_id for answer in answers if isinstance(answer, Granted)]
    rows = {row["id"]: row for row in await queries.bookings_made(tx.connection, bookings=ids)}
    return [_outcome(wish, answer, rows) for wish, answer in zip(wishes, answers, strict=True)]


def _outcome(wish: Application, answer: Answer, rows: dict[UUID, Any]) -> Outcome:
    if isinstance(answer, Refused):
        return Outcome(wish, Fate.REFUSED, reason=answer.reason)
    row = rows[answer.booking_id]
    if (row["event_id"], row["slot_id"]) != (wish.event_id, wish.slot_id):
        return Outcome(wish, Fate.REFUSED, answer.booking_id, Reason.OVERLAPS)
    if row["status"] == "waiting":
        return Outcome(wish, Fate.WAITING, answer.booking_id, new=answer.came is not Came.AGAIN)
    made = row["attempt"] == wish.attempt
    return Outcome(wish, Fate.BOOKED if made else Fate.AGAIN, answer.booking_id, new=answer.came is not Came.AGAIN)
