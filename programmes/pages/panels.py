"""The programme's part of the organiser's home: tasks that are due, and the goal."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from programmes import records
from services.http.call import Call
from services.routes import Role

SHOWN = 6


async def tasks(call: Call) -> StreamResponse:
    """The most urgent open tasks, to be ticked off on the spot."""
    today = call.context.clock.now().date()
    async with call.transaction() as tx:
        due = await records.queries.due_tasks(tx.connection, programme_id=tx.programme, many=SHOWN)
        count = await records.queries.count_tasks(tx.connection, programme_id=tx.programme, today=today)
    may_tick = call.has_role(Role.ORGANISER, Role.MARKETING)
    return call.page("programmes/panel_tasks.html", due=due, count=count, today=today, may_tick=may_tick)


async def goal(call: Call) -> StreamResponse:
    """How many people live here, and how many should."""
    async with call.transaction() as tx:
        programme = await records.programme(tx)
    return call.page("programmes/panel_goal.html", programme=programme)
