"""Working groups: who leads and sits in them, and what they have to do.

A group has a version of its own, so that two people who work in different groups never get in each other's way. What
a group does is no part of the programme's public state, so nothing here is a fact.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from programmes import inputs, records
from programmes.commands import CHANGED, made, pointing
from programmes.domain import Direction, Kind, Programme, WorkingGroup, moved
from services.database import Transaction
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit
from services.identity.principal import Principal
from services.pages.explaining import CHOOSE, FILL_IN, UNKNOWN
from services.pages.languages import msgid

ACTIVITIES = (Kind.WORK_AREA, Kind.ACTIVITY_TYPE)
"""What a working group may be for."""


async def add_group(tx: Transaction, by: Principal | None, wanted: inputs.Group) -> UUID:
    """Set up a working group, or a process group under one; returns its id. Raises `Invalid` per wrong field."""
    await _fit(tx, await records.programme(tx), wanted)
    new = made(tx)
    with pointing():
        await records.queries.insert_group(tx.connection, programme_id=tx.programme, id=new, **_columns(wanted))
    await _recorded(tx, by, "group.added", new)
    return new


async def change_group(tx: Transaction, by: Principal | None, group_id: UUID, wanted: inputs.GroupChange) -> None:
    """Rename a group, or give it another activity or leader; it stays under the group it is under."""
    now = await _touch(tx, group_id, wanted.version)
    if wanted.parent_id != now.parent_id:
        raise Invalid({"parent_id": msgid("A group stays where it was set up.")})
    await _fit(tx, await records.programme(tx), wanted)
    values = {name: value for name, value in _columns(wanted).items() if name != "parent_id"}
    with pointing():
        await records.queries.write_group(tx.connection, programme_id=tx.programme, id=group_id, **values)
    await _recorded(tx, by, "group.changed", group_id)


async def remove_group(tx: Transaction, by: Principal | None, group_id: UUID, seen: int) -> None:
    """Dissolve a group, with its process groups, members and tasks."""
    await _touch(tx, group_id, seen)
    await records.queries.delete_group(tx.connection, programme_id=tx.programme, id=group_id)
    await _recorded(tx, by, "group.removed", group_id)


async def move_group(tx: Transaction, by: Principal | None, group_id: UUID, direction: Direction, seen: int) -> None:
    """Move a group a place up or down among its like."""
    now = await _touch(tx, group_id, seen)
    everything = await records.groups(tx)
    siblings = everything if now.parent_id is None else (await records.group(tx, now.parent_id)).processes
    ids = moved([one.id for one in siblings], group_id, direction)
    await records.queries.place_groups(tx.connection, programme_id=tx.programme, ids=ids)


async def add_member(tx: Transaction, by: Principal | None, group_id: UUID, wanted: inputs.NewMember) -> UUID:
    """Give someone in office a seat, for a municipality, a partner or another body; returns the seat's id."""
    await _touch(tx, group_id, None)
    body = _body(await records.programme(tx), wanted)
    new = made(tx)
    with pointing():
        await records.queries.insert_member(
            tx.connection,
            programme_id=tx.programme,
            id=new,
            group_id=group_id,
            name=wanted.name,
            title=wanted.title,
            moment=tx.moment,
            **body,
        )
    await _recorded(tx, by, "group.member_added", group_id)
    return new


async def change_member(
    tx: Transaction, by: Principal | None, group_id: UUID, member_id: UUID, wanted: inputs.MemberChange
) -> None:
    """Write a seat anew: another name, title or body."""
    await _touch(tx, group_id, wanted.version)
    body = _body(await records.programme(tx), wanted)
    with pointing():
        status = await records.queries.write_member(
            tx.connection,
            programme_id=tx.programme,
            id=member_id,
            group_id=group_id,
            name=wanted.name,
            title=wanted.title,
            **body,
        )
    _there(status, "member")
    await _recorded(tx, by, "group.member_changed", group_id)


async def remove_member(tx: Transaction, by: Principal | None, group_id: UUID, member_id: UUID) -> None:
    """Free a seat: the name is gone at once."""
    await _touch(tx, group_id, None)
    _there(
        await records.queries.delete_member(tx.connection, programme_id=tx.programme, id=member_id, group_id=group_id),
        "member",
    )
    await _recorded(tx, by, "group.member_removed", group_id)


async def add_task(tx: Transaction, by: Principal | None, group_id: UUID, wanted: inputs.NewTask) -> UUID:
    """Note something for the group to do; returns its id. Raises `Invalid` where its owner has no seat."""
    await _touch(tx, group_id, None)
    _owner(await records.group(tx, group_id), wanted.owner_id)
    new = made(tx)
    with pointing():
        await records.queries.insert_task(
            tx.connection, programme_id=tx.programme, id=new, group_id=group_id, **wanted.model_dump()
        )
    await _recorded(tx, by, "task.added", group_id)
    return new


async def change_task(
    tx: Transaction, by: Principal | None, group_id: UUID, task_id: UUID, wanted: inputs.TaskChange
) -> None:
    """Other words, another day or another owner for a task."""
    await _touch(tx, group_id, wanted.version)
    _owner(await records.group(tx, group_id), wanted.owner_id)
    with pointing():
        status = await records.queries.write_task(
            tx.connection,
            programme_id=tx.programme,
            id=task_id,
            group_id=group_id,
            **wanted.model_dump(exclude={"version"}),
        )
    _there(status, "task")
    await _recorded(tx, by, "task.changed", group_id)


async def settle_task(tx: Transaction, by: Principal | None, group_id: UUID, task_id: UUID, done: bool) -> None:
    """Tick a task off, or open it again. The same twice changes nothing, so no version is asked for."""
    done_at: datetime | None = tx.moment if done else None
    status = await records.queries.settle_task(
        tx.connection, programme_id=tx.programme, id=task_id, group_id=group_id, done_at=done_at
    )
    _there(status, "task")
    await _recorded(tx, by, "task.done" if done else "task.opened", group_id)


async def remove_task(tx: Transaction, by: Principal | None, group_id: UUID, task_id: UUID) -> None:
    """Strike a task that will not be done."""
    await _touch(tx, group_id, None)
    _there(
        await records.queries.delete_task(tx.connection, programme_id=tx.programme, id=task_id, group_id=group_id),
        "task",
    )
    await _recorded(tx, by, "task.removed", group_id)


async def _touch(tx: Transaction, group_id: UUID, seen: int | None) -> WorkingGroup:
    """Lock a group and raise its version; raises `NotFound`, or `Conflict` where it changed after `seen`."""
    row = await records.queries.touch_group(tx.connection, programme_id=tx.programme, id=group_id, seen=seen)
    found = await records.group(tx, group_id)
    if row is None:
        raise Conflict("changed-meanwhile", CHANGED)
    return found


async def _fit(tx: Transaction, now: Programme, wanted: inputs.Group) -> None:
    """All that could be wrong with a group, at once."""
    errors: dict[str, str] = {}
    if not wanted.names.get(now.language):
        errors[f"names.{now.language}"] = FILL_IN
    if wanted.activity_id is not None:
        activity = now.term(wanted.activity_id)
        if activity is None or activity.kind not in ACTIVITIES:
            errors["activity_id"] = UNKNOWN
    if wanted.leader_municipality_id is not None and now.municipality(wanted.leader_municipality_id) is None:
        errors["leader_municipality_id"] = UNKNOWN
    if wanted.parent_id is None:
        for name in ("activity_id", "leader_title", "leader_municipality_id"):
            if getattr(wanted, name) is None:
                errors[name] = CHOOSE
    else:
        parents = [one.id for one in await records.groups(tx)]
        if wanted.parent_id not in parents:
            errors["parent_id"] = msgid("A process group stands under a working group.")
    if errors:
        raise Invalid(errors)


def _columns(wanted: inputs.Group) -> dict[str, object]:
    values = wanted.model_dump(exclude={"version"})
    values["leader_title"] = wanted.leader_title.value if wanted.leader_title else None
    return values


def _body(now: Programme, wanted: inputs.NewMember) -> dict[str, UUID | str | None]:
    """The municipality, partner or other body that a member stands for, as columns."""
    found: dict[str, UUID | str | None] = {"municipality_id": None, "partner_id": None, "body": wanted.body}
    if wanted.stands_for is None:
        if wanted.body is None:
            raise Invalid({"stands_for": CHOOSE})
        return found
    if wanted.body is not None:
        raise Invalid({"body": msgid("Leave this empty, or choose nobody above: a member stands for one body.")})
    if now.municipality(wanted.stands_for) is not None:
        return {**found, "municipality_id": wanted.stands_for}
    term = now.term(wanted.stands_for)
    if term is None or term.kind is not Kind.PARTNER:
        raise Invalid({"stands_for": UNKNOWN})
    return {**found, "partner_id": wanted.stands_for}


def _owner(group: WorkingGroup, owner_id: UUID | None) -> None:
    if owner_id is not None and all(member.id != owner_id for member in group.members):
        raise Invalid({"owner_id": msgid("Choose someone who sits in the group.")})


def _there(status: str, what: str) -> None:
    if status.endswith(" 0"):
        raise NotFound(what)


async def _recorded(tx: Transaction, by: Principal | None, action: str, group_id: UUID) -> None:
    await audit.record(tx, by, action, f"working_group:{group_id}")
