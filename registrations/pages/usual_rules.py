"""How the programme's events give their places out where they have no rules of their own."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from registrations.commands.rules import set_rules, usual_rules
from registrations.giving_out import RulesForm, rules_as_form
from registrations.statements import queries
from services.http.call import Call
from services.identity import audit
from services.pages.forms import Form


async def show(call: Call) -> StreamResponse:
    """GET: the usual rules, and which events have their own."""
    async with call.transaction() as tx:
        given = await usual_rules(tx)
    return await _page(call, Form.empty(rules_as_form(given)))


async def save(call: Call) -> StreamResponse:
    """POST: from now on so, wherever nothing else was said. Lots are drawn per event, never here."""
    form = await call.form(RulesForm)
    if form.value is None:
        return await _page(call, form, 422)
    given = form.value.model_copy(update={"draw_at": None})
    async with call.transaction() as tx:
        await set_rules(tx, tx.programme, given.rules())
        await audit.record(tx, call, "programme.rules_changed", f"programme:{tx.programme}", line=given.line)
    return call.redirect(call.console("attendees/-/usual-rules"), flash=call.translate("Saved."))


async def _page(call: Call, form: Form[RulesForm], status: int = 200) -> StreamResponse:
    async with call.transaction() as tx:
        own = await queries.events_with_rules(tx.connection, moment=tx.moment)
    return call.page("registrations/usual_rules.html", status=status, form=form, own=own)
