"""Databases for tests: lent, emptied, and lent again, since copying the template is most of what a small test costs.

A database that a superuser has had its hands on (the fixture `admin`) is dropped instead: it may have another shape.
"""

from __future__ import annotations

import secrets

import asyncpg

from tests.servers import TEMPLATE, Where

_free: list[str] = []
"""Emptied databases of this process."""

EMPTY = """
-- Delete every row and start every sequence anew; triggers and foreign keys are passed by, the audit's among them.
-- A table without a page was never written to: most are not, and looking is cheaper than planning a DELETE.
DO $$
DECLARE one text;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true), set_config('lock_timeout', '3s', true);
    FOR one IN SELECT format('DELETE FROM %I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'schema_migrations'
        AND pg_relation_size(format('%I.%I', schemaname, tablename)) > 0
    LOOP
        EXECUTE one;
    END LOOP;
    FOR one IN SELECT format('ALTER SEQUENCE %I.%I RESTART', schemaname, sequencename) FROM pg_sequences
        WHERE last_value IS NOT NULL
    LOOP
        EXECUTE one;
    END LOOP;
END
$$
"""
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


async def lend(where: Where) -> str:
    """The name of an empty, migrated database."""
    if _free:
        return _free.pop()
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY')
    finally:
        await admin.close()
    return name


async def give_back(where: Where, name: str, *, spent: bool) -> None:
    """Empty it for the next test, or drop it where it is `spent` or will not be emptied."""
    if not spent:
        admin = await asyncpg.connect(**{**where.admin, "database": name})
        try:
            await admin.fetch(OTHERS, name)
            await admin.execute(EMPTY)
        except asyncpg.PostgresError:
            spent = True
        else:
            _free.append(name)
        finally:
            await admin.close()
    if spent:
        admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
        try:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        finally:
            await admin.close()
