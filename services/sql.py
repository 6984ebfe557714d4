"""Named SQL. A service keeps its statements in `queries/*.sql`; each has a name and a line that says why.

    queries = sql.load(__package__)
    await queries.find_event(tx.connection, id=event_id)

aiosql's endings say what comes back: none for a list of rows, `^` one row or None, `$` one value, `!` the command's
status, `*!` many. Every statement is prepared when the service starts, so a bad one fails the start and not a visitor.

A table that is read as a whole is named in braces, `SELECT {events}` or `SELECT {e: events}` for an alias, and its
columns in `queries/columns.toml`: a version that runs beside the next must not mind a column that it does not know,
and PostgreSQL refuses a prepared statement that would return another row than before.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cache, wraps
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosql
from aiosql.adapters.asyncpg import AsyncPGAdapter
from aiosql.query_loader import QueryLoader


class StatementInvalid(Exception):
    """A named statement does not fit the database. The message gives its name and what PostgreSQL says."""


@cache
def load(package: str) -> Any:
    """All statements below `<package>/queries/`, as attributes of the one object that the process has of them; a name
    used twice raises."""
    folder = Path(str(files(package))) / "queries"
    adapter: Callable[[], Any] = _OnConnections
    queries = aiosql.from_path(folder, adapter, mandatory_parameters=False, loader_cls=_Loader)
    for name in queries.available_queries:
        statement = getattr(queries, name)
        if inspect.isasyncgenfunction(statement):
            setattr(queries, name, _listed(statement))
    return queries


_WHOLE = re.compile(r"\{(?:(?P<alias>\w+): )?(?P<table>[\w.]+)\}")


class _Loader(QueryLoader):
    """Writes out the columns of tables that are named in braces."""

    def load_query_data_from_file(self, path: Path, ns_parts: Any = (), encoding: Any = None) -> Any:
        text = path.read_text(encoding="utf-8")
        return self.load_query_data_from_sql(_written_out(text, columns(path.parent), path), list(ns_parts), path)


def columns(folder: Path) -> dict[str, list[str]]:
    """Those that its statements read of each table that they read as a whole."""
    named = folder / "columns.toml"
    return tomllib.loads(named.read_text(encoding="utf-8")) if named.exists() else {}


def _written_out(text: str, known: dict[str, list[str]], path: Path) -> str:
    def names(found: re.Match[str]) -> str:
        if found["table"] not in known:
            raise StatementInvalid(f"{path}: {found[0]} is not in columns.toml")
        before = f"{found['alias']}." if found["alias"] else ""
        return ", ".join(before + name for name in known[found["table"]])

    return _WHOLE.sub(names, text)


class _OnConnections(AsyncPGAdapter):
    """Asks the connection that it is given. aiosql's own first looks through all names of it for one of a pool's, which
    takes 26 µs of each statement."""

    async def select(
        self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> AsyncIterator[Any]:
        for row in await conn.fetch(sql, *self._values(query_name, parameters)):
            yield row

    async def select_one(self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None) -> Any:
        return await conn.fetchrow(sql, *self._values(query_name, parameters))

    async def select_value(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        return await conn.fetchval(sql, *self._values(query_name, parameters))

    async def insert_update_delete(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        return await conn.execute(sql, *self._values(query_name, parameters))

    def _values(self, name: str, parameters: Any) -> Sequence[Any]:
        return [parameters[one] for one in self.var_sorted[name]] if isinstance(parameters, dict) else parameters


def _listed(statement: Any) -> Callable[..., Any]:
    """aiosql yields the rows that asyncpg has fetched already; a list says so, and can be counted and indexed."""

    @wraps(statement)
    async def rows(*arguments: Any, **values: Any) -> list[Any]:
        return [row async for row in statement(*arguments, **values)]

    return rows


async def prepare(connection: Any, queries: Any) -> int:
    """Prepare every statement and return how many there are; raises `StatementInvalid` for the first that fails."""
    names = [name for name in queries.available_queries if not name.endswith("_cursor")]
    for name in names:
        statement = getattr(queries, name).sql
        try:
            await connection.prepare(statement)
        except Exception as error:
            raise StatementInvalid(f"{name}: {error}") from error
    return len(names)
