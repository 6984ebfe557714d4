"""JSON for organisers: working groups, who sits in them, their tasks."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel, ConfigDict

from programmes import records
from programmes.api import Made, Shown, command
from programmes.commands import groups as commands
from programmes.domain import LeaderTitle
from programmes.paths import identifier
from services.facts import Texts
from services.http.call import Call


class MemberOut(Shown):
    id: UUID
    name: str
    title: str
    municipality_id: UUID | None
    partner_id: UUID | None
    body: str | None


class TaskOut(Shown):
    id: UUID
    title: str
    due_on: date | None
    owner_id: UUID | None
    done_at: datetime | None


class GroupOut(Shown):
    """A working group with its process groups; `version` goes with the next change of this group."""

    id: UUID
    parent_id: UUID | None
    names: Texts
    activity_id: UUID | None
    leader_name: str | None
    leader_title: LeaderTitle | None
    leader_municipality_id: UUID | None
    version: int
    members: tuple[MemberOut, ...]
    tasks: tuple[TaskOut, ...]
    processes: tuple[GroupOut, ...]


class Groups(Shown):
    items: tuple[GroupOut, ...]


class Settled(BaseModel):
    """Whether a task is done."""

    model_config = ConfigDict(extra="forbid")

    done: bool


async def everything(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        found = await records.groups(tx)
    return call.json(Groups(items=tuple(GroupOut.model_validate(group) for group in found)))


async def add(call: Call) -> StreamResponse:
    return call.json(
        Made(id=await command(call, lambda tx: commands.add_group(tx, call.principal, call.body))), status=201
    )


async def change(call: Call) -> StreamResponse:
    which = identifier(call, "group_id")
    await command(call, lambda tx: commands.change_group(tx, call.principal, which, call.body))
    return await _group(call)


async def remove(call: Call) -> StreamResponse:
    which = identifier(call, "group_id")
    await command(call, lambda tx: commands.remove_group(tx, call.principal, which, call.query.version))
    return call.json(Made(id=which))


async def add_member(call: Call) -> StreamResponse:
    which = identifier(call, "group_id")
    new = await command(call, lambda tx: commands.add_member(tx, call.principal, which, call.body))
    return call.json(Made(id=new), status=201)


async def change_member(call: Call) -> StreamResponse:
    group, which = identifier(call, "group_id"), identifier(call, "member_id")
    await command(call, lambda tx: commands.change_member(tx, call.principal, group, which, call.body))
    return await _group(call)


async def remove_member(call: Call) -> StreamResponse:
    group, which = identifier(call, "group_id"), identifier(call, "member_id")
    await command(call, lambda tx: commands.remove_member(tx, call.principal, group, which))
    return await _group(call)


async def add_task(call: Call) -> StreamResponse:
    which = identifier(call, "group_id")
    new = await command(call, lambda tx: commands.add_task(tx, call.principal, which, call.body))
    return call.json(Made(id=new), status=201)


async def change_task(call: Call) -> StreamResponse:
    group, which = identifier(call, "group_id"), identifier(call, "task_id")
    await command(call, lambda tx: commands.change_task(tx, call.principal, group, which, call.body))
    return await _group(call)


async def settle_task(call: Call) -> StreamResponse:
    group, which = identifier(call, "group_id"), identifier(call, "task_id")
    await command(call, lambda tx: commands.settle_task(tx, call.principal, group, which, call.body.done))
    return await _group(call)


async def remove_task(call: Call) -> StreamResponse:
    group, which = identifier(call, "group_id"), identifier(call, "task_id")
    await command(call, lambda tx: commands.remove_task(tx, call.principal, group, which))
    return await _group(call)


async def _group(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        return call.json(GroupOut.model_validate(await records.group(tx, identifier(call, "group_id"))))
