"""How many places there are, and how they are given out: the one form that owns capacity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp.web import StreamResponse

from registrations.commands import opening
from registrations.commands.rules import set_rules
from registrations.commands.together import anew
from registrations.domain.records import EventRules, LinePolicy
from registrations.domain.refusals import Refused
from registrations.inputs import CapacityForm, RulesForm
from registrations.pages import places
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.sentences import refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.pages.forms import Form


async def show(call: Call) -> StreamResponse:
    return await _page(call)


async def _page(
    call: Call,
    *,
    capacity: tuple[str, Form[CapacityForm]] | None = None,
    rules: Form[RulesForm] | None = None,
    status: int = 200,
) -> StreamResponse:
    """Every place with its form, and the rules; `capacity` is (pool, the form to be shown again)."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        rows = await queries.places_of_event(tx.connection, event_id=event["id"])
    usual = EventRules()
    given = rules or Form.empty(
        {
            "line": event["line"] or usual.line,
            "offer_hours": event["offer_hours"] or int(usual.offer_for.total_seconds() // 3600),
            "largest_household": event["largest_household"] or usual.largest_household,
        }
    )
    return call.page(
        "registrations/capacity.html",
        status=status,
        event=event,
        stands=places.stands(rows, event["time_zone"], call.context.clock.now()),
        form=given,
        failed=capacity,
        make=Form.empty,
    )


async def change(call: Call) -> StreamResponse:
    """Another capacity for one place: never below what is taken; who waits moves up at once."""
    form = await call.form(CapacityForm)
    pool_id = from_path(call, "pool_id", "place")
    if form.value is None:
        return await _page(call, capacity=(str(pool_id), form), status=422)
    wanted = form.value.capacity

    async def decide(tx: Transaction) -> Any:
        event = await event_named(call, tx)
        pool = await queries.find_pool(tx.connection, id=pool_id)
        if pool is None or pool["event_id"] != event["id"]:
            raise NotFound("place")
        await opening.set_capacity(tx, pool_id, wanted)
        await audit.record(tx, call, "capacity.changed", f"pool:{pool_id}", capacity=wanted)

    try:
        await anew(call.context, call.programme.id, decide)
    except Refused as refused:
        form.fail("capacity", refusal(refused, call.translate))
        return await _page(call, capacity=(str(pool_id), form), status=409)
    return call.redirect(_back(call), flash=call.translate("The capacity is changed."))


async def rule(call: Call) -> StreamResponse:
    """How places are given out from now on."""
    form = await call.form(RulesForm)
    if form.value is None:
        return await _page(call, rules=form, status=422)
    given = form.value
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        rules = EventRules(LinePolicy(given.line), timedelta(hours=given.offer_hours), given.largest_household)
        await set_rules(tx, event["id"], rules)
        await audit.record(tx, call, "event.rules_changed", f"event:{event['id']}", line=given.line)
    return call.redirect(_back(call), flash=call.translate("Saved."))


def _back(call: Call) -> str:
    return call.console(f"attendees/{call.path('event')}/places")
