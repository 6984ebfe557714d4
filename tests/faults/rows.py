"""Every row of every table that the services keep, so that two moments can be compared; what messaging and the process
itself write down all the time is left out."""

from __future__ import annotations

from collections import Counter

from services.registry import installed
from tests.faults.world import World

SCHEMAS = ("people", *(service.name for service in installed()))
MOVING = frozenset({"outbox", "inbox", "seen", "dead_letters", "task_runs", "idempotency_keys", "schema_migrations"})
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY($1) ORDER BY 1, 2"


async def every_row(world: World) -> dict[str, Counter[str]]:
    """By table, each row as text and how often it is there."""
    found = {}
    for row in await world.look(TABLES, list(SCHEMAS)):
        if row["tablename"] not in MOVING:
            name = f'{row["schemaname"]}."{row["tablename"]}"'
            rows = await world.look(f"SELECT to_jsonb(one)::text AS text FROM {name} AS one")
            found[name] = Counter(one["text"] for one in rows)
    return found


def differences(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> list[str]:
    """A line for each table that is not what it was."""
    found = []
    for table, rows in before.items():
        missing, new = rows - after[table], after[table] - rows
        if missing or new:
            example = next(iter(missing or new))[:300]
            counts = f"{missing.total()} rows are missing, {new.total()} are new"
            found.append(f"{table} was not restored: {counts}, such as {example}")
    return found
