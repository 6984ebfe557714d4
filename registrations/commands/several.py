"""The same household at several places: all of them or none, or whatever there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registrations.commands.deciding import Answer
from registrations.commands.rehearsing import decide_if
from registrations.domain.applications import Application
from registrations.domain.asking import Came, Granted
from registrations.domain.fates import Fate
from registrations.domain.refusals import Reason, Refused
from registrations.statements import queries
from services.context import Context
from services.database import Transaction
from services.identity import audit
from services.identity.principal import Principal

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
    context: Context, programme_id: UUID, wishes: Sequence[Application], by: Principal, *, whole: bool
) -> tuple[list[Outcome], bool]:
    """The `whole` or none of it, or whatever there is room for; (what became of each, whether anything stands).

    They are decided in their order, in one transaction that also writes who booked them into the audit: a booking is
    never without its line, whatever ends this call, and has one however often it is asked for.
    """
    seen: list[Outcome] = []

    async def keep(tx: Transaction, answers: list[Answer]) -> bool:
        seen[:] = await _outcomes(tx, wishes, answers)
        if whole and any(one.fate in MISSED for one in seen):
            return False
        for one in seen:
            if one.new:
                await audit.record(
                    tx, by, "booking.made_for_somebody", f"booking:{one.booking_id}", state=one.fate.value
                )
        return True

    _, kept = await decide_if(context, programme_id, wishes, keep)
    return seen, kept and any(one.fate is not Fate.REFUSED for one in seen)


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
