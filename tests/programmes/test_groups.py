"""Working groups, who sits in them, and their tasks."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from programmes import inputs, records
from programmes.commands import groups
from programmes.domain import Direction, WorkingGroup
from services.context import Context
from services.http.problems import Conflict, Invalid, NotFound
from tests.programmes.conftest import MakeProgramme, facts, make_group, read


async def one(context: Context, programme_id: UUID, group_id: UUID) -> WorkingGroup:
    async with context.database.transaction(programme_id) as tx:
        return await records.group(tx, group_id)


async def test_a_working_group_needs_an_activity_and_a_leader_in_office(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    with pytest.raises(Invalid) as refused:
        async with context.database.transaction(programme_id) as tx:
            await groups.add_group(tx, None, inputs.Group(names={"en": "Farming"}))
    assert {one.field for one in refused.value.fields} == {
        "names.nb",
        "activity_id",
        "leader_title",
        "leader_municipality_id",
    }


async def test_a_process_group_stands_under_a_working_group_and_no_deeper(
    context: Context, make: MakeProgramme
) -> None:
    programme_id = await make()
    top = await make_group(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        under = await groups.add_group(tx, None, inputs.Group(names={"nb": "Gårdsbruk"}, parent_id=top))
    assert [process.id for process in (await one(context, programme_id, top)).processes] == [under]
    with pytest.raises(Invalid) as refused:
        async with context.database.transaction(programme_id) as tx:
            await groups.add_group(tx, None, inputs.Group(names={"nb": "Fjøs"}, parent_id=under))
    assert [one.field for one in refused.value.fields] == ["parent_id"]


async def test_members_stand_for_a_municipality_or_a_partner(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    now, group_id = await read(context, programme_id), await make_group(context, programme_id)
    for body in (now.municipalities[1].id, now.terms[-1].id if now.terms[-1].kind == "partner" else None):
        if body:
            async with context.database.transaction(programme_id) as tx:
                wanted = inputs.NewMember(name="Liv Sjøstjerne", title="Rådgiver", stands_for=body)
                await groups.add_member(tx, None, group_id, wanted)
    for wrong in (uuid4(), now.listed(now.terms[0].kind)[0].id):
        if wrong in {term.id for term in now.terms if term.kind == "partner"}:
            continue
        with pytest.raises(Invalid) as refused:
            async with context.database.transaction(programme_id) as tx:
                wanted = inputs.NewMember(name="Liv Sjøstjerne", title="Rådgiver", stands_for=wrong)
                await groups.add_member(tx, None, group_id, wanted)
        assert [one.field for one in refused.value.fields] == ["stands_for"]


async def test_a_member_may_stand_for_a_body_that_is_neither_a_municipality_nor_a_partner(
    context: Context, make: MakeProgramme
) -> None:
    programme_id = await make()
    now, group_id = await read(context, programme_id), await make_group(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        wanted = inputs.NewMember(name="Turid Fyrlykt", title="Rådgiver", body="Innovasjon Norge")
        member_id = await groups.add_member(tx, None, group_id, wanted)
    seated = {member.id: member for member in (await one(context, programme_id, group_id)).members}
    assert (seated[member_id].body, seated[member_id].municipality_id, seated[member_id].partner_id) == (
        "Innovasjon Norge",
        None,
        None,
    )
    for given, field in (({}, "stands_for"), ({"stands_for": now.municipalities[0].id, "body": "NAV"}, "body")):
        with pytest.raises(Invalid) as refused:
            async with context.database.transaction(programme_id) as tx:
                wanted = inputs.NewMember(name="Turid Fyrlykt", title="Rådgiver", **given)
                await groups.add_member(tx, None, group_id, wanted)
        assert [one.field for one in refused.value.fields] == [field]


async def test_a_member_who_leaves_is_forgotten_and_the_task_stays(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id, member = await seated(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        await groups.add_task(tx, None, group_id, inputs.NewTask(title="Brosjyre", owner_id=member))
    async with context.database.transaction(programme_id) as tx:
        await groups.remove_member(tx, None, group_id, member)
    group = await one(context, programme_id, group_id)
    assert group.members == ()
    assert [(task.title, task.owner_id) for task in group.tasks] == [("Brosjyre", None)]


async def test_a_task_belongs_to_somebody_in_its_group(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id, _ = await seated(context, programme_id)
    with pytest.raises(Invalid) as refused:
        async with context.database.transaction(programme_id) as tx:
            await groups.add_task(tx, None, group_id, inputs.NewTask(title="Brosjyre", owner_id=uuid4()))
    assert [one.field for one in refused.value.fields] == ["owner_id"]


async def test_a_task_is_ticked_off_once_and_opened_again(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id = await make_group(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        wanted = inputs.NewTask(title="Brosjyre", due_on=date(2026, 4, 10))
        task = await groups.add_task(tx, None, group_id, wanted)
    moment = context.clock.now()
    for done, expected in ((True, moment), (True, moment), (False, None)):
        async with context.database.transaction(programme_id) as tx:
            await groups.settle_task(tx, None, group_id, task, done)
        assert (await one(context, programme_id, group_id)).tasks[0].done_at == expected
        context.clock.move(timedelta(days=1))  # type: ignore[attr-defined]


async def test_open_tasks_come_first_and_the_most_urgent_of_them(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id = await make_group(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        for title, due in (
            ("uten dag", None),
            ("sent", date(2026, 5, 2)),
            ("tidlig", date(2026, 5, 1)),
            ("gjort", None),
        ):
            last = await groups.add_task(tx, None, group_id, inputs.NewTask(title=title, due_on=due))
        await groups.settle_task(tx, None, group_id, last, True)
    titles = [task.title for task in (await one(context, programme_id, group_id)).tasks]
    assert titles == ["tidlig", "sent", "uten dag", "gjort"]


async def test_two_editors_of_a_group_do_not_overwrite_each_other(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id = await make_group(context, programme_id)
    now = await one(context, programme_id, group_id)

    async def rename(name: str) -> None:
        values = {field: getattr(now, field) for field in inputs.Group.model_fields}
        wanted = inputs.GroupChange.model_validate({**values, "version": now.version, "names": {"nb": name}})
        async with context.database.transaction(programme_id) as tx:
            await groups.change_group(tx, None, group_id, wanted)

    await rename("Jord og skog")
    with pytest.raises(Conflict) as refused:
        await rename("Skog og jord")
    assert refused.value.code == "changed-meanwhile"


async def test_groups_are_moved_among_their_like(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    first = await make_group(context, programme_id, names={"nb": "A"})
    second = await make_group(context, programme_id, names={"nb": "B"})
    version = (await one(context, programme_id, second)).version
    async with context.database.transaction(programme_id) as tx:
        await groups.move_group(tx, None, second, Direction.UP, version)
    async with context.database.transaction(programme_id) as tx:
        assert [group.id for group in await records.groups(tx)] == [second, first]


async def test_a_dissolved_group_takes_everything_with_it(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id, _ = await seated(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        under = await groups.add_group(tx, None, inputs.Group(names={"nb": "Gårdsbruk"}, parent_id=group_id))
        await groups.add_task(tx, None, under, inputs.NewTask(title="Brosjyre"))
    version = (await one(context, programme_id, group_id)).version
    async with context.database.transaction(programme_id) as tx:
        await groups.remove_group(tx, None, group_id, version)
    async with context.database.system() as tx:
        for table in ("working_groups", "members", "tasks"):
            assert await tx.connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_what_groups_do_is_no_fact(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    before = len(await facts(context))
    group_id, _ = await seated(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        await groups.add_task(tx, None, group_id, inputs.NewTask(title="Brosjyre"))
    assert len(await facts(context)) == before


async def test_what_is_not_there_is_not_found(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group_id = await make_group(context, programme_id)
    for command in (
        lambda tx: groups.settle_task(tx, None, group_id, uuid4(), True),
        lambda tx: groups.remove_task(tx, None, group_id, uuid4()),
        lambda tx: groups.remove_member(tx, None, group_id, uuid4()),
        lambda tx: groups.remove_group(tx, None, uuid4(), 1),
    ):
        with pytest.raises(NotFound):
            async with context.database.transaction(programme_id) as tx:
                await command(tx)


async def seated(context: Context, programme_id: UUID) -> tuple[UUID, UUID]:
    """A working group with one member."""
    now, group_id = await read(context, programme_id), await make_group(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        wanted = inputs.NewMember(name="Liv Sjøstjerne", title="Rådgiver", stands_for=now.municipalities[1].id)
        return group_id, await groups.add_member(tx, None, group_id, wanted)
