"""JSON for organisers: a programme's texts, settings, state and lists. Bodies are the commands' inputs."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from programmes import records
from programmes.api import Done, Made, command
from programmes.api.public import out
from programmes.commands import lists
from programmes.commands import programme as commands
from programmes.paths import identifier, kind_of
from services.http.call import Call


async def change_about(call: Call) -> StreamResponse:
    return call.json(out(await command(call, lambda tx: commands.change_about(tx, call.principal, call.body))))


async def change_settings(call: Call) -> StreamResponse:
    return call.json(out(await command(call, lambda tx: commands.change_settings(tx, call.principal, call.body))))


async def publish(call: Call) -> StreamResponse:
    return call.json(out(await command(call, lambda tx: commands.publish(tx, call.principal, call.body.version))))


async def close(call: Call) -> StreamResponse:
    return call.json(out(await command(call, lambda tx: commands.close(tx, call.principal, call.body.version))))


async def add_municipality(call: Call) -> StreamResponse:
    new = await command(call, lambda tx: lists.add_municipality(tx, call.principal, call.body))
    return call.json(Made(id=new), status=201)


async def change_municipality(call: Call) -> StreamResponse:
    which = identifier(call, "municipality_id")
    await command(call, lambda tx: lists.change_municipality(tx, call.principal, which, call.body))
    return await _version(call)


async def move_municipality(call: Call) -> StreamResponse:
    which, wanted = identifier(call, "municipality_id"), call.body
    await command(call, lambda tx: lists.move_municipality(tx, call.principal, which, wanted.direction, wanted.version))
    return await _version(call)


async def remove_municipality(call: Call) -> StreamResponse:
    which = identifier(call, "municipality_id")
    await command(call, lambda tx: lists.remove_municipality(tx, call.principal, which, call.query.version))
    return await _version(call)


async def add_term(call: Call) -> StreamResponse:
    kind = kind_of(call)
    new = await command(call, lambda tx: lists.add_term(tx, call.principal, kind, call.body))
    return call.json(Made(id=new), status=201)


async def change_term(call: Call) -> StreamResponse:
    kind, which = kind_of(call), identifier(call, "term_id")
    await command(call, lambda tx: lists.change_term(tx, call.principal, kind, which, call.body))
    return await _version(call)


async def move_term(call: Call) -> StreamResponse:
    kind, which, wanted = kind_of(call), identifier(call, "term_id"), call.body
    await command(call, lambda tx: lists.move_term(tx, call.principal, kind, which, wanted.direction, wanted.version))
    return await _version(call)


async def remove_term(call: Call) -> StreamResponse:
    kind, which = kind_of(call), identifier(call, "term_id")
    await command(call, lambda tx: lists.remove_term(tx, call.principal, kind, which, call.query.version))
    return await _version(call)


async def _version(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        programme = await records.programme(tx)
    return call.json(Done(version=programme.version))
