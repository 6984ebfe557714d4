"""Calls the functions of the schema `identity`: the only way to its tables, for every service and in any
transaction.

    account = await functions.row(tx.connection, "find_account", account_id)

The functions are the named SQL of this package (services/migrations/identity); they run as the schema's owner. A
test calls the roll: each name used here is a function that the services may execute, and PUBLIC may not.
"""

from __future__ import annotations

from typing import Any

import asyncpg

Record = asyncpg.Record


def _statement(name: str, count: int) -> str:
    marks = ", ".join(f"${number}" for number in range(1, count + 1))
    return f"SELECT * FROM identity.{name}({marks})"  # noqa: S608 — names are written in this package, values are parameters


async def rows(connection: Any, name: str, *values: Any) -> list[Record]:
    """All rows that the function returns."""
    found: list[Record] = await connection.fetch(_statement(name, len(values)), *values)
    return found


async def row(connection: Any, name: str, *values: Any) -> Record | None:
    """The function's first row, or None."""
    found: Record | None = await connection.fetchrow(_statement(name, len(values)), *values)
    return found


async def value(connection: Any, name: str, *values: Any) -> Any:
    """What a function that returns one value returns."""
    return await connection.fetchval(_statement(name, len(values)), *values)
