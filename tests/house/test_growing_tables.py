"""A table may be given further columns while an older version runs beside the newer one: nothing that it asks returns
others for it, since PostgreSQL refuses a prepared statement that would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services import sql
from services.clock import MovedClock
from services.database import Database
from services.keys import Keys
from services.registry import installed
from tests.house.test_shape import ROOT

EACH = [service.name for service in installed()]

GROW = """
-- One column more in every table that has rows of ours.
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT format('ALTER TABLE %I.%I ADD COLUMN of_the_next_version integer', schemaname, tablename)
        FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
    LOOP
        EXECUTE one;
    END LOOP;
END
$$
"""
WHOLE_ROWS = """
-- Functions that return a table's rows as they are, and so return more when it has more.
SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype JOIN pg_class c ON c.oid = t.typrelid
WHERE c.relkind IN ('r', 'v', 'm') AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
"""


async def shapes(service: str, database: str, keys: Keys, clock: MovedClock) -> dict[str, list[tuple[str, str]]]:
    """The columns that each statement of a service returns, as PostgreSQL says it."""
    opened = Database(service, database, keys, clock)
    await opened.open()
    try:
        async with opened.transaction(None) as tx:
            queries: Any = sql.load(service)
            found = {}
            for name in queries.available_queries:
                if not name.endswith("_cursor"):
                    prepared = await tx.connection.prepare(getattr(queries, name).sql)
                    found[name] = [(one.name, one.type.name) for one in prepared.get_attributes()]
            return found
    finally:
        await opened.close()


async def test_statements_return_the_same_of_tables_that_have_grown(
    database: str, keys: Keys, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    before = {service: await shapes(service, database, keys, clock) for service in EACH}
    await admin.execute(GROW)
    after = {service: await shapes(service, database, keys, clock) for service in EACH}
    grown = [
        f"{service}: {name}"
        for service in EACH
        for name in before[service]
        if before[service][name] != after[service][name]
    ]
    assert sum(map(len, before.values())) > 400
    assert grown == []


async def test_no_function_returns_rows_that_may_grow(admin: asyncpg.Connection) -> None:
    assert [row[0] for row in await admin.fetch(WHOLE_ROWS)] == []


@pytest.mark.parametrize("service", EACH)
def test_what_is_named_of_a_table_is_read(service: str) -> None:
    folder = ROOT / service / "queries"
    text = "".join(path.read_text() for path in sorted(folder.glob("*.sql")))
    asked = {found["table"] for found in re.finditer(r"\{(?:\w+: )?(?P<table>[\w.]+)\}", text)}
    assert asked == set(sql.columns(folder))


def test_a_table_that_is_not_known_is_named_in_the_refusal(tmp_path: Path) -> None:
    with pytest.raises(sql.StatementInvalid, match=r"x\.sql: \{h: houses\} is not in columns\.toml"):
        sql._written_out("SELECT {h: houses} FROM houses h", {"boats": ["id"]}, Path("x.sql"))
