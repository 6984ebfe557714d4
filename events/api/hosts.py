"""Hosts of stands by JSON: accounts and times, never names."""

from __future__ import annotations

from aiohttp import web

from events.access import identifier
from events.api.shapes import GapOut, HostsOut, MyShiftOut, MyShiftsOut, ShiftOut
from events.attempts import answer
from events.commands import hosts
from events.records import find_hosts, my_shifts, queries
from services.http.call import Call
from services.http.problems import NotFound


async def listed(call: Call) -> web.StreamResponse:
    """Who stands at a stand and when, and where somebody is missing."""
    stand_id = identifier(call, "stand")
    async with call.transaction() as tx:
        stand = await queries.find_stand(tx.connection, stand_id=stand_id)
        if stand is None:
            raise NotFound("stand")
        found = (await find_hosts(tx, stand["event_id"])).at(stand_id)
    shifts = [ShiftOut.model_validate(one) for one in found.shifts]
    return call.json(HostsOut(shifts=shifts, gaps=[GapOut.model_validate(one) for one in found.gaps]))


async def mine(call: Call) -> web.StreamResponse:
    """What the caller has before them."""
    assert call.principal.account_id is not None
    async with call.transaction() as tx:
        rows = await my_shifts(tx, call.principal.account_id, 100)
    return call.json(MyShiftsOut(shifts=[MyShiftOut.model_validate(row) for row in rows]))


async def put_on(call: Call) -> web.StreamResponse:
    stand_id, given = identifier(call, "stand"), call.body
    made = await answer(call, "shift.set", "shift:", lambda tx: hosts.put_on(tx, stand_id, given))
    return call.json(ShiftOut.model_validate(made), status=201)


async def change(call: Call) -> web.StreamResponse:
    shift_id, given = identifier(call, "shift"), call.body
    changed = await answer(call, "shift.changed", f"shift:{shift_id}", lambda tx: hosts.change(tx, shift_id, given))
    return call.json(ShiftOut.model_validate(changed))


async def take_off(call: Call) -> web.StreamResponse:
    shift_id, version = identifier(call, "shift"), call.query.version
    await answer(call, "shift.removed", f"shift:{shift_id}", lambda tx: hosts.take_off(tx, shift_id, version))
    return web.Response(status=204)
