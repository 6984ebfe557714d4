"""The demo's events: data files beside this module, played by the service's own commands on the days they name.

An event is drafted, given its stands, slots and sessions, published, staffed, and changed; the programmes beside Blest
i Havlandet have one each, and one draft is left unfinished so that the console has something to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import cast

from events.demo.scripts import scripts
from events.demo.steps import STEPS
from events.domain.state import Programme
from events.records import all_programmes
from services.context import Context

_KNOWN = "events: the demo's programmes"


async def play(context: Context, day: date) -> None:
    """Play one day; on a quiet one nothing is asked of the database."""
    planned = await asyncio.to_thread(scripts)
    programmes = await _programmes(context)
    for script in planned:
        programme = programmes.get(script["programme"])
        if programme is None:
            continue
        number = (day - programme.known_since.date()).days
        for step in STEPS:
            if number in step.days(script):
                async with context.database.transaction(programme.programme_id) as tx:
                    await step.play(tx, script, programme, number)


async def _programmes(context: Context) -> Mapping[str, Programme]:
    """The programmes by their slugs, asked for until they are there."""
    known = cast("Mapping[str, Programme] | None", context.resources.get(_KNOWN))
    if known is None:
        async with context.database.transaction(None) as tx:
            known = {one.slug: one for one in (await all_programmes(tx)).values()}
        if {script["programme"] for script in scripts()} <= set(known):
            context.resources[_KNOWN] = known
    return known
