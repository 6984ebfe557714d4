"""Moves many bookings elsewhere: first what would become of each, then it is done, in the order of booking."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registrations.commands.deciding import Answer
from registrations.commands.rehearsing import rehearse
from registrations.commands.together import answered
from registrations.domain.asking import Came, Move
from registrations.domain.fates import MoveFate
from registrations.domain.refusals import Reason, Refused
from registrations.domain.seen import Place
from registrations.facts import Cause
from services.context import Context

MOST = 2000
"""Bookings in one selection: as many as one may look through, and as many as may wait to be decided at once."""
AT_A_TIME = 200
"""Asked for together: as many as one transaction decides, so that visitors get a turn between two."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of one booking that is to be moved."""

    booking_id: UUID
    fate: MoveFate
    reason: Reason | None = None

    def packed(self) -> dict[str, Any]:
        return {"booking_id": str(self.booking_id), "fate": self.fate.value, "reason": self.reason}

    @classmethod
    def unpacked(cls, row: Mapping[str, Any]) -> Moved:
        reason = Reason(row["reason"]) if row["reason"] else None
        return cls(UUID(row["booking_id"]), MoveFate(row["fate"]), reason)


async def rehearse_moves(
    context: Context, programme_id: UUID, bookings: Sequence[UUID], event_id: UUID, slot_id: UUID | None
) -> list[Moved]:
    """What would become of each, in this order, were they moved there now."""
    wishes = [Move(one, slot_id, Cause.STAFF, event_id) for one in bookings]
    answers = await rehearse(context, programme_id, wishes) if wishes else []
    return [_moved(one, answer, bookings) for one, answer in zip(bookings, answers, strict=True)]


async def carry_out(
    context: Context,
    programme_id: UUID,
    bookings: Sequence[UUID],
    event_id: UUID,
    slot_id: UUID | None,
    there: Collection[UUID],
    seen: Sequence[Place],
) -> list[Moved]:
    """Move each through the one door, in this order; who is moved is told as always. Done twice, it is done once.

    `seen` says of each where it stood when this was decided: one that somebody else moved since stays where they put
    it, so that of two who move the same bookings to different places the first moves each, and nobody is told twice.

    `there` stood at that place before anybody began: others that are found there were moved by who did the same before,
    or does so just now, and are told as moved.
    """
    done: list[Moved] = []
    for start in range(0, len(bookings), AT_A_TIME):
        some = bookings[start : start + AT_A_TIME]
        wishes = [
            Move(one, slot_id, Cause.STAFF, event_id, place)
            for one, place in zip(some, seen[start : start + AT_A_TIME], strict=True)
        ]
        answers = await asyncio.gather(*(answered(context, programme_id, wish) for wish in wishes))
        done += [_moved(one, answer, there) for one, answer in zip(some, answers, strict=True)]
    return done


def _moved(booking_id: UUID, answer: Answer, there: Collection[UUID]) -> Moved:
    if isinstance(answer, Refused):
        return Moved(booking_id, MoveFate.LEFT, answer.reason)
    stood = answer.came is Came.UNCHANGED and booking_id in there
    return Moved(booking_id, MoveFate.THERE if stood else MoveFate.MOVED)
