"""An event on several dates in one go: by a rule or date by date, after a look at them and what they clash with."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from events.access import identifier
from events.attempts import attempt, make_series
from events.commands.series import Planned, Series, plan_series
from events.domain.series import Every
from events.domain.series_inputs import SeriesForm
from events.domain.zones import to_wall
from events.pages.addressed import read
from events.pages.words import INPUT_MOMENT
from services.http.call import Call
from services.ids import new_id
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import msgid

BLANKS = 3
"""Empty inputs for further dates, beside those that are filled in."""
OTHERS_MADE = msgid(
    "This form made other dates before, or the same ones with another choice of publishing. Look at the events that "
    "there are, or press the button again to make these too."
)
PACES = {
    Every.WEEK: msgid("Every week"),
    Every.TWO_WEEKS: msgid("Every second week"),
    Every.MONTH: msgid("Every month, on the same date"),
    Every.MONTH_BY_WEEKDAY: msgid("Every month, on the same weekday (such as the second Saturday)"),
}


async def ask(call: Call) -> web.StreamResponse:
    return await _page(call, Form.empty({"attempt": new_id(call.context.clock.now())}))


async def make(call: Call) -> web.StreamResponse:
    """Show the dates; make those still ticked where that button was pressed."""
    event_id = identifier(call, "event")
    form = await call.form(SeriesForm)
    given, subject = form.value, f"event:{event_id}"
    if given is None:
        return await _page(call, form)
    made: Series | None = None
    if form.get("then") == "make" and given.ticked:
        chosen = given.chosen()
        made = await attempt(call, form, "", subject, lambda tx: make_series(tx, call, event_id, chosen))
    elif form.get("then") == "make":
        form.fail("ticked", call.translate("Tick at least one of the dates."))
    if form.errors.pop("attempt", None):
        # Pressed again, it makes what is shown now.
        form.raw["attempt"] = [str(new_id(call.context.clock.now()))]
        form.fail("form", call.translate(OTHERS_MADE))
    if made is None:
        plan = await attempt(call, form, "", subject, lambda tx: plan_series(tx, event_id, given))
        return await _page(call, form, plan or ())
    count = len(made.events)
    if not made.new:
        said = call.translate.plural("This date was made already.", "These {count} dates were made already.", count)
    elif given.publish:
        said = call.translate.plural("One date is published.", "{count} dates are published.", count)
    else:
        said = call.translate.plural("One draft is made.", "{count} drafts are made.", count)
    response = call.redirect(call.console("events" if given.publish else "events?show=drafts"))
    flash.leave(response, said, call.context.settings.secure, "success" if made.new else "warning")
    return response


async def _page(call: Call, form: Form[SeriesForm], plan: Sequence[Planned] = ()) -> web.StreamResponse:
    _, whole = await read(call)
    zone = whole.event.time_zone
    dates = [(to_wall(one.starts_at, zone).strftime(INPUT_MOMENT), one) for one in plan]
    return call.form_page(
        "events/series.html",
        form,
        event=whole.event,
        whole=whole,
        paces=[(pace.value, call.translate(name)) for pace, name in PACES.items()],
        further=[*filter(None, form.all("dates")), *[""] * BLANKS],
        dates=dates,
        clashing=sum(bool(one.clashes) for one in plan),
        action=call.console(f"events/{whole.event.event_id}/series"),
    )
