"""The demo's programmes, played by the service's own commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from programmes import demo, records
from programmes.demo.people import PASSWORD
from programmes.demo.scripts import LANGUAGES, groups, scripts
from programmes.domain import Kind
from programmes.facts import ProgrammeStatus
from services.context import Context
from services.identity import commands as identity
from services.identity.access import find_programme
from services.routes import Role
from tests.programmes.conftest import read

WHOLE_YEAR = 365


async def play(context: Context, days: range, first: date) -> AsyncIterator[int]:
    for number in days:
        await demo.play(context, first + timedelta(days=number))
        yield number
        context.clock.move(timedelta(days=1))  # type: ignore[attr-defined]


async def test_the_first_day_sets_up_three_programmes_and_somebody_for_every_role(context: Context) -> None:
    await demo.play(context, context.clock.now().date())
    found = []
    for script in scripts():
        known = await find_programme(context, script["slug"])
        assert known is not None
        found.append(await read(context, known.id))
    assert [one.status for one in found] == [ProgrammeStatus.PUBLISHED] * 3
    blest = found[0]
    assert [len(blest.listed(kind)) for kind in Kind] == [11, 11, 10, 5, 6]
    assert len(blest.municipalities) == 3
    async with context.database.transaction(None) as tx:
        members = await identity.members(tx, blest.id)
    assert {role for member in members for role in member.roles} == set(Role)
    assert all(member.email.endswith("@blest.example") for member in members)


async def test_every_public_text_is_there_in_every_language(context: Context) -> None:
    await demo.play(context, context.clock.now().date())
    for script in scripts():
        known = await find_programme(context, script["slug"])
        assert known is not None
        programme = await read(context, known.id)
        texts = [
            getattr(programme, name)
            for name in ("names", "fields", "summaries", "aims", "reasons", "organisation", "notes")
        ]
        texts += [term.names for term in programme.terms]
        async with context.database.transaction(known.id) as tx:
            for group in await records.groups(tx):
                texts += [group.names, *(process.names for process in group.processes)]
        assert [text for text in texts if set(text) != set(LANGUAGES)] == []


async def test_every_group_has_people_from_every_municipality(context: Context) -> None:
    await demo.play(context, context.clock.now().date())
    for script in scripts():
        known = await find_programme(context, script["slug"])
        assert known is not None
        programme = await read(context, known.id)
        async with context.database.transaction(known.id) as tx:
            there = await records.groups(tx)
        assert len(there) == len(script["work_area"])
        assert [group.names["nb"] for group in there if group.unrepresented(programme)] == []


async def test_in_some_groups_sit_those_whom_the_catalogue_names(context: Context) -> None:
    await demo.play(context, context.clock.now().date())
    blest = scripts()[0]
    bodies = {member.get("body") or member["for"] for group, _ in groups(blest) for member in group["members"]}
    assert {"county", "governor", "business", "volunteers", "Innovasjon Norge", "NAV"} <= bodies
    known = await find_programme(context, blest["slug"])
    assert known is not None
    async with context.database.transaction(known.id) as tx:
        there = await records.groups(tx)
    seated = {member.body for top in there for group in (top, *top.processes) for member in group.members}
    assert {"Innovasjon Norge", "NAV"} <= seated


@pytest.mark.timeout(240)
async def test_the_year_ticks_off_tasks_and_seats_members(context: Context) -> None:
    first = context.clock.now().date()
    open_at: dict[int, tuple[int, int]] = {}
    async for number in play(context, range(WHOLE_YEAR + 1), first):
        if number in {0, WHOLE_YEAR}:
            async with context.database.system() as tx:
                done = await tx.connection.fetchval("SELECT count(*) FROM tasks WHERE done_at IS NOT NULL")
                open_at[number] = (done, await tx.connection.fetchval("SELECT count(*) FROM members"))
    scripted = [group for script in scripts() for group in groups(script)]
    tasks = [task for group, _ in scripted for task in group["tasks"]]
    assert open_at[0][0] == 0
    assert open_at[WHOLE_YEAR][0] == sum("done" in task for task in tasks)
    assert open_at[WHOLE_YEAR][1] == sum(len(group["members"]) for group, _ in scripted) > open_at[0][1]
    late = [task for task in tasks if task["due"] < WHOLE_YEAR and "done" not in task]
    due = [task for task in tasks if task["due"] >= WHOLE_YEAR]
    assert late and due, "the panel of tasks has something to show"


async def test_the_password_is_kept_among_the_secrets_and_read_by_nobody_else(
    context: Context, tmp_path: object
) -> None:
    await demo.play(context, context.clock.now().date())
    path = context.settings.secrets / PASSWORD
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text().strip()) == 23


def test_every_task_belongs_to_a_member_of_its_group() -> None:
    for script in scripts():
        for group, _ in groups(script):
            for task in group["tasks"]:
                member = group["members"][task["owner"]]
                assert member.get("from", 0) <= task.get("from", 0), task["title"]
