"""Decides as everybody's wishes are decided, and keeps what it came to only if the asker will have it so.

A rehearsal is the thing itself, taken back: the same code decides the same wishes from the same locked places. So it
can say nothing that would not happen, short of what others do meanwhile, and leaves nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from registrations.commands.deciding import Answer, decide_together
from registrations.commands.together import anew
from registrations.domain.applications import Item
from services.context import Context
from services.database import Transaction

Keep = Callable[[Transaction, list[Answer]], Awaitable[bool]]


class _TakenBack(Exception):
    """Ends the transaction, with what it came to."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__("taken back")
        self.answers = answers


async def never(_tx: Transaction, _answers: list[Answer]) -> bool:
    """What a rehearsal keeps: nothing."""
    return False


async def decide_if(
    context: Context, programme_id: UUID, items: Sequence[Item], keep: Keep
) -> tuple[list[Answer], bool]:
    """Decide all these together; (their answers, whether they stand). `keep` looks at them within the transaction."""

    async def decide(tx: Transaction) -> list[Answer]:
        answers = await decide_together(tx, context.keys, items)
        if not await keep(tx, answers):
            raise _TakenBack(answers)
        return answers

    try:
        return await anew(context, programme_id, decide), True
    except _TakenBack as done:
        return done.answers, False


async def rehearse(context: Context, programme_id: UUID, items: Sequence[Item]) -> list[Answer]:
    """What would be answered to each of these now."""
    answers, _ = await decide_if(context, programme_id, items, never)
    return answers
