"""JSON for how many places there are and how they are given out: capacities with their goals, and an event's rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import AwareDatetime

from events.facts import Unit
from registrations.api import Shown, problem
from registrations.api.console import event_id_of
from registrations.commands import opening
from registrations.commands.rules import Overtaken, rules_for, set_rules
from registrations.commands.together import anew
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Scope
from registrations.giving_out import AcrossForm, CapacityForm, RulesForm, RulesRequest, rules_as_form
from registrations.pages.finding import event_page, from_path
from registrations.sentences import REFUSALS, refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Conflict, Invalid
from services.identity import audit
from services.pages.languages import msgid


class CapacityOut(Shown):
    """A pool as it stands. `goal`: where more is taken than there should be, what it falls to as places are given
    back; who booked last was asked to choose something else."""

    pool_id: UUID
    capacity: int
    goal: int | None


class PoolOut(Shown):
    """Places counted together: of a slot or the event itself (`place`), or across a stand or the event."""

    id: UUID
    scope: Scope
    stand_id: UUID | None
    slot_id: UUID | None
    unit: Unit
    capacity: int
    goal: int | None
    used: int
    waiting: int
    open: bool
    starts_at: datetime
    ends_at: datetime


class PoolsOut(Shown):
    event_id: UUID
    items: list[PoolOut]


class RulesOut(Shown, RulesForm):
    """The rules that hold now. `version` is 0 where the event has none of its own: what is usual holds then."""

    draw_at: AwareDatetime | None = None
    """When lots are drawn, or were to be. A day before the first place begins, where that has come to be earlier than
    the moment that was chosen."""
    version: int
    drawn_at: datetime | None


async def pools(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
        rows = await queries.pools_of_event(tx.connection, event_id=event_id)
    return call.json(PoolsOut(event_id=event_id, items=[PoolOut.model_validate(dict(row)) for row in rows]))


async def set_capacity(call: Call) -> StreamResponse:
    """409 `below-used` with the bookings that came last, where more is taken; `ask` asks them to move, and sets the
    goal to which the capacity falls."""
    said: CapacityForm = call.body
    pool_id = from_path(call, "pool_id", "place")

    async def decide(tx: Transaction) -> Any:
        await opening.set_capacity(tx, pool_id, said.capacity, asking=said.ask)
        await audit.record(tx, call, "capacity.changed", f"pool:{pool_id}", capacity=said.capacity)
        return await queries.find_pool(tx.connection, id=pool_id)

    try:
        row = await anew(call.context, call.programme.id, decide)
    except Refused as refused:
        extra: dict[str, Any] = {}
        if refused.reason is Reason.BELOW_USED:
            found = await anew(call.context, call.programme.id, lambda tx: opening.affected(tx, pool_id, said.capacity))
            extra["affected"] = [str(one) for one in found]
        raise problem(refused, **extra) from refused
    return call.json(CapacityOut(pool_id=pool_id, capacity=row["capacity"], goal=row["goal"]))


async def across(call: Call) -> StreamResponse:
    """Count places over the event or a stand as a whole too; what is booked there draws on it at once."""
    said: AcrossForm = call.body

    async def decide(tx: Transaction) -> UUID:
        event_id = await event_id_of(call, tx)
        await opening.lay_across(tx, event_id, said.stand, said.unit, said.capacity)
        await audit.record(tx, call, "capacity.counted", f"event:{event_id}", capacity=said.capacity)
        return event_id

    try:
        event_id = await anew(call.context, call.programme.id, decide)
    except Refused as refused:
        raise problem(refused) from refused
    async with call.transaction() as tx:
        rows = await queries.pools_of_event(tx.connection, event_id=event_id)
    items = [PoolOut.model_validate(dict(row)) for row in rows]
    return call.json(PoolsOut(event_id=event_id, items=items), status=201)


async def rules(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
        answer = await _rules(tx, event_id)
    return call.json(answer, etag=str(answer.version))


async def set_event_rules(call: Call) -> StreamResponse:
    """409 `changed-meanwhile` where `version` is no longer the one that holds. Lots are drawn after registration opens
    and before the first place begins; 409 `draw-in-the-past` for a moment that has passed."""
    said: RulesRequest = call.body
    try:
        async with call.transaction() as tx:
            event_id = await event_id_of(call, tx)
            event = await event_page(tx, event_id)
            await set_rules(tx, event_id, said.rules(), version=said.version)
            await audit.record(tx, call, "event.rules_changed", f"event:{event_id}", line=said.line)
            answer = await _rules(tx, event_id)
    except Refused as refused:
        if refused.reason is Reason.DRAW_PASSED:
            raise Conflict("draw-in-the-past", REFUSALS[refused.reason]) from refused
        raise Invalid({"draw_at": refusal(refused, call.translate, event["time_zone"])}) from refused
    except Overtaken as overtaken:
        sentence = msgid("Somebody else changed the rules meanwhile. Read them again.")
        raise Conflict("changed-meanwhile", sentence) from overtaken
    return call.json(answer, etag=str(answer.version))


async def _rules(tx: Transaction, event_id: UUID) -> RulesOut:
    given = await rules_for(tx, event_id)
    version = await queries.version_of_rules(tx.connection, event_id=event_id)
    values = {**rules_as_form(given), "draw_at": given.draw_at}
    return RulesOut.model_validate({**values, "version": version or 0, "drawn_at": given.drawn_at})
