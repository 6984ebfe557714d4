"""What events does by the clock: it forgets who stood where."""

from __future__ import annotations

from datetime import timedelta

from events.records import queries
from services.context import Context
from services.service import Task

SHIFTS_KEPT = timedelta(days=180)
"""Half a year after a shift: until the leads of the fair are followed up and its hours are settled."""


async def forget_shifts(context: Context) -> None:
    async with context.database.system() as tx:
        await queries.forget_shifts(tx.connection, before=tx.moment - SHIFTS_KEPT)


TASKS = (Task(name="forget-shifts", every=timedelta(days=1), run=forget_shifts),)
