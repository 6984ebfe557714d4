"""How many places there are, and how they are given out: the one form that owns capacity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import opening
from registrations.commands.rules import rules_for, set_rules
from registrations.commands.together import anew
from registrations.domain.refusals import Refused
from registrations.giving_out import AcrossForm, CapacityForm, RulesForm, moment_of, rules_as_form
from registrations.pages import places
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.sentences import UNITS, refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.pages.forms import Form
from services.pages.languages import Refused as Miswritten


async def show(call: Call) -> StreamResponse:
    return await _page(call)


async def _page(
    call: Call,
    *,
    capacity: tuple[str, Form[CapacityForm]] | None = None,
    affected: list[Any] | None = None,
    across: Form[AcrossForm] | None = None,
    rules: Form[RulesForm] | None = None,
    status: int = 200,
) -> StreamResponse:
    """Every place with its form, and the rules; `capacity` is (pool, the form to be shown again)."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        rows = await queries.places_of_event(tx.connection, event_id=event["id"])
        laid = await queries.counted_across(tx.connection, event_id=event["id"])
        given = await rules_for(tx, event["id"])
        overtaken = await queries.draw_overtaken(tx.connection, event_id=event["id"])
    return call.page(
        "registrations/capacity.html",
        status=status,
        event=event,
        stands=places.stands(rows, event["time_zone"], call.context.clock.now()),
        laid=laid,
        units=[(unit.value, call.translate(name)) for unit, name in UNITS.items()],
        form=rules or Form.empty(rules_as_form(given, event["time_zone"])),
        overtaken=overtaken,
        drawn=given.drawn_at,
        own=event["line"] is not None,
        failed=capacity,
        affected=affected or [],
        across=across or Form.empty({"unit": "persons"}),
        make=Form.empty,
    )


async def change(call: Call) -> StreamResponse:
    """Another capacity for one place: never below what is taken; who waits moves up at once."""
    form = await call.form(CapacityForm)
    pool_id = from_path(call, "pool_id", "place")
    if form.value is None:
        return await _page(call, capacity=(str(pool_id), form), status=422)
    wanted, asking = form.value.capacity, form.value.ask

    async def decide(tx: Transaction) -> Any:
        event = await event_named(call, tx)
        pool = await queries.find_pool(tx.connection, id=pool_id)
        if pool is None or pool["event_id"] != event["id"]:
            raise NotFound("place")
        await opening.set_capacity(tx, pool_id, wanted, asking=asking)
        await audit.record(tx, call, "capacity.changed", f"pool:{pool_id}", capacity=wanted)

    try:
        await anew(call.context, call.programme.id, decide)
    except Refused as refused:
        form.fail("capacity", refusal(refused, call.translate))
        return await _page(
            call, capacity=(str(pool_id), form), affected=await _affected(call, pool_id, wanted), status=409
        )
    return call.redirect(_back(call), flash=call.translate("The capacity is changed."))


async def _affected(call: Call, pool_id: UUID, capacity: int) -> list[Any]:
    """Who booked last, and would have to choose something else for the place to hold so few."""

    async def look(tx: Transaction) -> list[Any]:
        found = await opening.affected(tx, pool_id, capacity)
        return list(await queries.named_bookings(tx.connection, bookings=found))

    return await anew(call.context, call.programme.id, look)


async def across(call: Call) -> StreamResponse:
    """Count places over the event or a stand as a whole too; what is booked there draws on it at once."""
    form = await call.form(AcrossForm)
    if form.value is None:
        return await _page(call, across=form, status=422)
    given = form.value

    async def decide(tx: Transaction) -> None:
        event = await event_named(call, tx)
        await opening.lay_across(tx, event["id"], given.stand, given.unit, given.capacity)
        await audit.record(tx, call, "capacity.counted", f"event:{event['id']}", capacity=given.capacity)

    try:
        await anew(call.context, call.programme.id, decide)
    except Refused as refused:
        form.fail("capacity", refusal(refused, call.translate))
        return await _page(call, across=form, status=409)
    return call.redirect(_back(call), flash=call.translate("Places are counted so from now on."))


async def rule(call: Call) -> StreamResponse:
    """How places are given out from now on."""
    form = await call.form(RulesForm)
    if form.value is None:
        return await _page(call, rules=form, status=422)
    given = form.value
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        zone, stands = event["time_zone"], await rules_for(tx, event["id"])
    try:
        draw_at = moment_of(given.draw_at, zone, stands.draw_at) if given.draw_at else None
        async with call.transaction() as tx:
            await set_rules(tx, event["id"], replace(given.rules(), draw_at=draw_at))
            await audit.record(tx, call, "event.rules_changed", f"event:{event['id']}", line=given.line)
    except Miswritten as wrong:
        form.fail("draw_at", call.translate(wrong.sentence))
        return await _page(call, rules=form, status=422)
    except Refused as refused:
        form.fail("draw_at", refusal(refused, call.translate, zone))
        return await _page(call, rules=form, status=409)
    return call.redirect(_back(call), flash=call.translate("Saved."))


async def go_by_usual(call: Call) -> StreamResponse:
    """The event goes by the programme's usual rules again."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        await queries.drop_rules(tx.connection, event_id=event["id"])
        await audit.record(tx, call, "event.rules_dropped", f"event:{event['id']}")
    return call.redirect(_back(call), flash=call.translate("Saved."))


def _back(call: Call) -> str:
    return call.console(f"attendees/{call.path('event')}/places")
