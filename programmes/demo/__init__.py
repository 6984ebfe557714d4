"""The demo's programmes: data files beside this module, played by the service's own commands.

On the first day each programme is set up and published, with its accounts; during the year members join the working
groups, tasks are written down and ticked off. Municipalities and people are plainly invented.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import cast

from programmes import records
from programmes.demo.people import accounts
from programmes.demo.scripts import scripts
from programmes.demo.setting_up import set_up
from programmes.demo.year import live
from services.context import Context
from services.identity import access
from services.ids import new_id

_FIRST = "programmes: the demo's first day"


async def play(context: Context, day: date) -> None:
    """Play one day: the first sets everything up; on a quiet day nothing is asked of the database."""
    programmes = await asyncio.to_thread(scripts)
    first = cast("date | None", context.resources.get(_FIRST)) or await _first_day(context)
    if first is None:
        context.resources[_FIRST] = day
        made = {script["slug"]: new_id(context.clock.now()) for script in programmes}
        for script in programmes:
            async with context.database.transaction(made[script["slug"]]) as tx:
                await set_up(tx, script)
        await accounts(context, made)
        await access.announce(context)
        return
    context.resources[_FIRST] = first
    for script in programmes:
        await live(context, script, (day - first).days)


async def _first_day(context: Context) -> date | None:
    """The day on which the demo's programmes were set up, if they were."""
    slugs = {script["slug"] for script in scripts()}
    async with context.database.system() as tx:
        rows = await records.queries.all_programmes(tx.connection)
    return min((row["created_at"].date() for row in rows if row["slug"] in slugs), default=None)
