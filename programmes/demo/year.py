"""The days after the first: members join, tasks are written down and ticked off, each on the day its script says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from programmes import inputs, records
from programmes.commands import groups
from programmes.demo.scripts import Script, names
from programmes.demo.scripts import groups as scripted
from programmes.domain import Kind, Programme, WorkingGroup
from services.context import Context
from services.database import Transaction
from services.identity.access import find_programme

Seats = dict[str, UUID]
"""Whom members may stand for: municipalities and partners by their keys in the script."""


async def live(context: Context, script: Script, number: int) -> None:
    """Play day `number` (the first is 0) of one programme."""
    if number not in _busy(script):
        return
    found = await find_programme(context, script["slug"])
    if found is None:
        raise LookupError(f"the demo's programme {script['slug']} is gone")
    async with context.database.transaction(found.id) as tx:
        now = await records.programme(tx)
        first = tx.moment.date() - timedelta(days=number)
        there = _by_names(await records.groups(tx))
        for scripted_group, parent in scripted(script):
            group = there[_key(scripted_group, parent)]
            for member in scripted_group["members"]:
                if member.get("from") == number:
                    await seat(tx, group.id, member, _seats(script, now))
            for task in scripted_group["tasks"]:
                if task.get("from") == number:
                    await write_task(tx, group.id, scripted_group, task, first)
                if task.get("done") == number:
                    await groups.settle_task(tx, None, group.id, _task(group, task), True)


async def seat(tx: Transaction, group_id: UUID, member: Script, bodies: Seats) -> None:
    """Give a scripted member a seat."""
    wanted = inputs.NewMember(
        name=member["name"],
        title=member["title"],
        stands_for=bodies[member["for"]] if "for" in member else None,
        body=member.get("body"),
    )
    await groups.add_member(tx, None, group_id, wanted)


async def write_task(tx: Transaction, group_id: UUID, scripted_group: Script, task: Script, first: date) -> None:
    """Write a scripted task down; it belongs to the member it names, where that one has a seat by now."""
    group = await records.group(tx, group_id)
    owner = scripted_group["members"][task["owner"]]["name"]
    owner_id = next((member.id for member in group.members if member.name == owner), None)
    wanted = inputs.NewTask(title=task["title"], due_on=first + timedelta(days=task["due"]), owner_id=owner_id)
    await groups.add_task(tx, None, group_id, wanted)


def _busy(script: Script) -> set[int]:
    """The days on which something happens."""
    return set(_days(script))


def _days(script: Script) -> Iterator[int]:
    for group, _ in scripted(script):
        for one in (*group["members"], *group["tasks"]):
            yield from (one[name] for name in ("from", "done") if name in one)


def _key(group: Script, parent: Script | None) -> tuple[str, str]:
    return (names(parent)["nb"] if parent else "", names(group)["nb"])


def _by_names(found: tuple[WorkingGroup, ...]) -> Mapping[tuple[str, str], WorkingGroup]:
    top = {("", group.names["nb"]): group for group in found}
    return top | {(group.names["nb"], process.names["nb"]): process for group in found for process in group.processes}


def _seats(script: Script, now: Programme) -> Seats:
    """By the order in which both were written: a script's municipalities and partners are never moved."""
    found = dict(
        zip((one["key"] for one in script["municipality"]), (one.id for one in now.municipalities), strict=True)
    )
    partners = (term.id for term in now.listed(Kind.PARTNER))
    return found | dict(zip((one["key"] for one in script["partner"]), partners, strict=True))


def _task(group: WorkingGroup, task: Script) -> UUID:
    return next(one.id for one in group.tasks if one.title == task["title"])
