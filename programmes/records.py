"""A programme and its groups, read whole from the database into the shapes of `domain`."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from programmes.domain import Kind, LeaderTitle, Member, Municipality, Programme, Task, Term, WorkingGroup
from programmes.facts import ProgrammeStatus
from services import sql
from services.database import Transaction
from services.http.problems import NotFound
from services.words import sort_key

queries: Any = sql.load("programmes")


async def programme(tx: Transaction) -> Programme:
    """The transaction's programme with its lists; raises `NotFound` where there is none."""
    found = await queries.find_programme(tx.connection, programme_id=tx.programme)
    if found is None:
        raise NotFound("programme")
    values = dict(found)
    values["status"] = ProgrammeStatus(values["status"])
    values["languages"] = tuple(values["languages"])
    values["required_languages"] = tuple(values["required_languages"])
    municipalities = await queries.municipalities(tx.connection, programme_id=tx.programme)
    terms = await queries.terms(tx.connection, programme_id=tx.programme)
    return Programme(
        **values,
        municipalities=tuple(Municipality(**row) for row in municipalities),
        terms=tuple(Term(**{**row, "kind": Kind(row["kind"]), "parts": tuple(row["parts"])}) for row in terms),
    )


async def groups(tx: Transaction) -> tuple[WorkingGroup, ...]:
    """The working groups of the transaction's programme with their members, tasks and process groups."""
    members: dict[UUID, list[Member]] = defaultdict(list)
    for row in await queries.members(tx.connection, programme_id=tx.programme):
        values = dict(row)
        members[values.pop("group_id")].append(Member(**values))
    for seated in members.values():
        seated.sort(key=lambda member: sort_key(member.name))
    tasks: dict[UUID, list[Task]] = defaultdict(list)
    for row in await queries.tasks(tx.connection, programme_id=tx.programme):
        values = dict(row)
        tasks[values.pop("group_id")].append(Task(**values))
    rows = await queries.groups(tx.connection, programme_id=tx.programme)

    def build(row: Any) -> WorkingGroup:
        title = row["leader_title"]
        return WorkingGroup(
            **{**row, "leader_title": LeaderTitle(title) if title else None},
            members=tuple(members[row["id"]]),
            tasks=tuple(tasks[row["id"]]),
            processes=tuple(build(one) for one in rows if one["parent_id"] == row["id"]),
        )

    return tuple(build(row) for row in rows if row["parent_id"] is None)


async def group(tx: Transaction, group_id: UUID) -> WorkingGroup:
    """One working group or process group; raises `NotFound`."""
    for found in await groups(tx):
        for one in (found, *found.processes):
            if one.id == group_id:
                return one
    raise NotFound("working_group")
