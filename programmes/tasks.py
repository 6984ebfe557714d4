"""What programmes does by the clock: it forgets who sat in the groups of a programme that is over."""

from __future__ import annotations

from datetime import timedelta

from programmes import records
from services.context import Context
from services.service import Retention, Task

KEPT = timedelta(days=365)

OFFICE = Retention(
    name="office",
    keep=(
        "Who sits in or leads a working group, for as long as they do, and until a year after the programme was closed;"
        " a seat that is left is forgotten at once."
    ),
    task="forget-offices",
)


async def forget_offices(context: Context) -> None:
    """Erase the names of people in office from programmes that were closed more than a year ago."""
    async with context.database.system() as tx:
        for row in await records.queries.long_closed(tx.connection, before=tx.moment - KEPT):
            await records.queries.forget_members(tx.connection, programme_id=row["id"])
            await records.queries.forget_leaders(tx.connection, programme_id=row["id"])


TASKS = (Task(name="forget-offices", every=timedelta(days=1), run=forget_offices),)
