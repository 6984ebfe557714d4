"""An event on several dates in one go, by JSON as by its page."""

from __future__ import annotations

from aiohttp import web

from events.access import identifier
from events.api.shapes import DateOut, ListedOut, SeriesOut
from events.attempts import answer, make_series
from events.commands import series as commands
from events.domain.series_inputs import SeriesInput
from services.http.call import Call


async def make(call: Call) -> web.StreamResponse:
    """201, or 200 where the attempt had made them before; with `preview` what would be made, with its clashes."""
    event_id = identifier(call, "event")
    given: SeriesInput = call.body
    subject = f"event:{event_id}"
    if call.query.preview:
        plan = await answer(call, "", subject, lambda tx: commands.plan_series(tx, event_id, given))
        return call.json(SeriesOut(planned=[DateOut.model_validate(one) for one in plan]))
    made: commands.Series = await answer(call, "", subject, lambda tx: make_series(tx, call, event_id, given))
    told = SeriesOut(events=[ListedOut.model_validate(one) for one in made.events], new=made.new)
    return call.json(told, status=201 if made.new else 200)
