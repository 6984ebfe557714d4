"""The fence between programmes, as the service's own role: what one may not see is there to be seen."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from programmes import inputs
from programmes.commands import groups
from services.context import Context
from services.database import Transaction
from tests.programmes.conftest import MakeProgramme, make_group, publish, read

TABLES = ("programmes", "municipalities", "terms", "working_groups", "members", "tasks")


@pytest.fixture
async def two(context: Context, make: MakeProgramme) -> tuple[UUID, UUID]:
    """Two programmes, both with rows in every table."""
    made = []
    for slug in ("havlandet", "fjordriket"):
        programme_id = await make(slug)
        group = await make_group(context, programme_id)
        body = (await read(context, programme_id)).municipalities[0].id
        async with context.database.transaction(programme_id) as tx:
            await groups.add_member(tx, None, group, inputs.NewMember(name="Liv", title="Leder", stands_for=body))
            await groups.add_task(tx, None, group, inputs.NewTask(title="Brosjyre"))
        await publish(context, programme_id)
        made.append(programme_id)
    return made[0], made[1]


async def test_a_programme_sees_its_own_rows_and_no_others(context: Context, two: tuple[UUID, UUID]) -> None:
    ours, theirs = two

    async def seen(tx: Transaction, table: str) -> set[UUID]:
        return {row["programme_id"] for row in await tx.connection.fetch(f"SELECT programme_id FROM {table}")}

    for table in TABLES:
        async with context.database.system() as tx:
            assert await seen(tx, table) == {ours, theirs}, table
        async with context.database.transaction(ours) as tx:
            assert await seen(tx, table) == {ours}, table
        async with context.database.transaction(None) as tx:
            assert await seen(tx, table) == set(), table


async def test_a_programme_changes_no_row_of_another(context: Context, two: tuple[UUID, UUID]) -> None:
    ours, theirs = two
    for table in (*TABLES, "catalogue_directory", "events_directory"):
        async with context.database.transaction(ours) as tx:
            done = await tx.connection.execute(f"DELETE FROM {table} WHERE programme_id = $1", theirs)
        assert done == "DELETE 0", table


async def test_a_row_cannot_be_written_into_another_programme(context: Context, two: tuple[UUID, UUID]) -> None:
    ours, theirs = two
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with context.database.transaction(ours) as tx:
            await tx.connection.execute(
                "INSERT INTO terms (programme_id, id, kind, position, names) VALUES ($1, $2, 'partner', 1, $3)",
                theirs,
                UUID(int=1),
                {"nb": "Smuglet inn"},
            )


async def test_the_catalogue_is_open_and_holds_no_names_of_people(context: Context, two: tuple[UUID, UUID]) -> None:
    async with context.database.transaction(None) as tx:
        rows = await tx.connection.fetch("SELECT * FROM catalogue_directory")
    assert len(rows) == 2
    assert "Oddvar Flopynt" not in str([dict(row) for row in rows])
