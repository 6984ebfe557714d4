"""What one programme has, asked for by another's owner under its own programme's address, by its real ids.

    reach = await Reach.of(admin, services, theirs)
    wrong = await reach.walk(client, person, "fjordriket")

Every route that names a thing by its id is asked for theirs. None may show it, and none may change a row of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp.test_utils import TestClient
from pydantic import BaseModel

from services.routes import Route
from services.service import Service
from tests.house.people import Person

PARTS = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
TABLES = {
    "account": "memberships",
    "booking": "bookings",
    "delivery": "deliveries",
    "group": "working_groups",
    "import": "imports",
    "mail": "shift_mails",
    "municipality": "municipalities",
    "session": "slots",
    "token": "api_tokens",
}
"""Where the things lie whose table is not called by their plural."""
WORDS = {"lang": "nb", "kind": "svg", "step": "registrations"}
"""Parts of paths that are words, and name nothing of anybody's."""

FENCED = """
-- Tables with rows of programmes, and the column that names one: `id`, else what of its key is not the programme.
SELECT n.nspname AS schema, c.relname AS table,
    (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE i.indrelid = c.oid AND i.indisprimary
        AND a.atttypid IN ('uuid'::regtype, 'bigint'::regtype) AND a.attname <> 'programme_id'
     ORDER BY a.attname <> 'id', a.attnum LIMIT 1) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND c.relkind = 'r' AND EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'programme_id' AND NOT a.attisdropped)
"""


@dataclass(slots=True)
class Reach:
    """One programme's things, by service and name."""

    admin: asyncpg.Connection
    programme_id: UUID
    services: Sequence[Service]
    tables: list[asyncpg.Record]
    ids: dict[tuple[str, str], UUID | int] = field(default_factory=dict)
    """(service, table) → the id of one row."""
    tried: set[tuple[str, str]] = field(default_factory=set)
    """(service, part of a path) that were asked for by a real id."""
    untried: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    async def of(cls, admin: asyncpg.Connection, services: Sequence[Service], programme_id: UUID) -> Reach:
        owners = {schema: one.name for one in services for schema in (one.name, *one.schemas)}
        made = cls(admin, programme_id, services, await admin.fetch(FENCED, list(owners)))
        for row in made.tables:
            if row["key"] is not None:
                where, key = f'"{row["schema"]}"."{row["table"]}"', row["key"]
                # Theirs alone: an account may be in several programmes.
                found = await admin.fetchval(
                    f"SELECT t.{key} FROM {where} AS t WHERE t.programme_id = $1 AND NOT EXISTS ("
                    f"SELECT FROM {where} AS o WHERE o.{key} = t.{key} AND o.programme_id <> $1) LIMIT 1",
                    programme_id,
                )
                if found is not None:
                    made.ids[owners[row["schema"]], row["table"]] = found
        return made

    async def state(self) -> dict[str, tuple[int, str]]:
        """How many rows of theirs each table has, and a digest of them."""
        found = {}
        for row in self.tables:
            where = f'"{row["schema"]}"."{row["table"]}"'
            counted = await self.admin.fetchrow(
                f"SELECT count(*) AS many, md5(string_agg(t::text, '' ORDER BY t::text)) AS digest "
                f"FROM {where} AS t WHERE programme_id = $1",
                self.programme_id,
            )
            found[where] = (counted["many"], counted["digest"])
        return found

    async def walk(self, client: TestClient[Any, Any], person: Person, ours: str) -> list[str]:
        """What went wrong: routes that answered as if the thing were there, or failed."""
        wrong = []
        for service, route, path in self._addresses(ours):
            status = await _asked(client, route, path, person)
            shown = status < 300 if route.method != "GET" else status < 400
            if shown or status >= 500:
                wrong.append(f"{service} {route.method} {route.path}: {status}")
        return wrong

    def _addresses(self, ours: str) -> Iterator[tuple[str, Route, str]]:
        for service in self.services:
            for route in service.routes:
                named = [one for one in PARTS.findall(route.path) if one not in {"programme", *WORDS}]
                if route.access.kind != "roles" or not named:
                    continue
                ids = {one: self._id(service.name, one) for one in named}
                for one, found in ids.items():
                    (self.untried if found is None else self.tried).add((service.name, one))
                parts = {"programme": ours, **WORDS} | {one: str(found or UUID(int=7)) for one, found in ids.items()}
                yield service.name, route, PARTS.sub(lambda part, parts=parts: parts[part.group(1)], route.path)

    def _id(self, service: str, part: str) -> UUID | int | None:
        name = part.removesuffix("_id")
        return self.ids.get((service, TABLES.get(name, f"{name}s")))


async def _asked(client: TestClient[Any, Any], route: Route, path: str, person: Person) -> int:
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Accept": "application/json" if route.is_api else "text/html",
        "X-CSRF-Token": person.csrf,
    }
    body: dict[str, Any] = {}
    if route.is_api and route.body is not None:
        schema = route.body.model_json_schema() if issubclass(route.body, BaseModel) else {}
        body = {"json": plausible(schema, schema.get("$defs", {}))}
    client.session.cookie_jar.clear()
    async with client.request(
        route.method, path, headers=headers, cookies=person.cookies, allow_redirects=False, **body
    ) as answer:
        return answer.status


FORMATS = {
    "uuid": str(UUID(int=7)),
    "date": "2026-12-24",
    "date-time": "2026-12-24T12:00:00Z",
    "email": "ada@example.org",
}


def plausible(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """Something that a JSON schema takes, in most cases: what is required and no more."""
    if "$ref" in schema:
        return plausible(known[schema["$ref"].rsplit("/", 1)[1]], known)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return plausible(schema[several][0], known)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: plausible(schema["properties"][name], known) for name in schema.get("required", [])}
        case "array":
            return [plausible(schema.get("items", {}), known)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return FORMATS.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
