"""The walls in the database, walked: row-level security, grants and retention for every table there is."""

from __future__ import annotations

import re

import asyncpg
import pytest

from services.chassis import CHASSIS
from services.registry import installed
from services.schedule import HOUSEKEEPING

SERVICES = (CHASSIS, *installed())
SCHEMAS = [schema for service in SERVICES for schema in (service.name, *service.schemas)]
PERSONAL = re.compile(
    r"(^|_)(answer|details|name|email|e_mail|phone|mobile|address|postcode|note|notes|body|message|birth|promise|wishes|text|recipient)($|_)"
)

TABLES = """
-- Every table with its fences: whether rows are secured, also against the owner, and its policies.
SELECT n.nspname AS schema, c.relname AS table, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'programme_id' AND NOT
       a.attisdropped) AS fenced, (SELECT coalesce(json_agg(json_build_object('name', p.policyname, 'cmd', p.cmd,
       'roles', p.roles,                                             'using', p.qual, 'check', p.with_check)),
       '[]')::text    FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname) AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p')
ORDER BY 1, 2
"""

COLUMNS = """
SELECT n.nspname AS schema, c.relname AS table, a.attname AS column, col_description(c.oid, a.attnum) AS comment,
       format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2, 3
"""

# Columns whose name looks personal and that hold nothing of a person: what organisers publish, and the machinery.
PUBLIC = {"schema_migrations", "outbox", "inbox", "seen", "dead_letters"}

WITHOUT_A_FENCE = {
    "schema_migrations": "dbmate's",
    "task_runs": "when a task ran; nobody's data",
    "idempotency_keys": "written before a programme is known; its answers are sealed",
    "identity.programme_directory": "which programmes there are, and their public names",
    # Of people, who may be in several programmes or none; behind functions that are asked for one account at a time.
    "identity.accounts": "an account is in any number of programmes",
    "identity.outgoing_mails": "a mail about an account",
    "identity.password_resets": "an account's",
    "identity.recovery_codes": "an account's, hashed",
    "identity.second_factors": "an account's, sealed",
    "identity.sessions": "an account's, hashed",
    "identity.throttles": "of addresses and accounts, as keyed hashes",
}
"""Tables whose rows belong to no programme, and why. A new table is fenced, or is named here."""
WORDS = {"text", "text[]", "jsonb", "bytea", "character varying"}
"""Types of columns that can hold what somebody wrote."""


async def test_every_table_of_a_programme_is_fenced_also_against_its_owner(admin: asyncpg.Connection) -> None:
    tables = await admin.fetch(TABLES, SCHEMAS)
    assert len(tables) > 20
    open_tables = [
        f"{row['schema']}.{row['table']}" for row in tables if row["fenced"] and not (row["secured"] and row["forced"])
    ]
    assert open_tables == []


async def test_a_table_without_a_programme_is_one_that_we_know_of(admin: asyncpg.Connection) -> None:
    without = {(row["schema"], row["table"]) for row in await admin.fetch(TABLES, SCHEMAS) if not row["fenced"]}
    unknown = {(schema, table) for schema, table in without if not {table, f"{schema}.{table}"} & set(WITHOUT_A_FENCE)}
    assert unknown == set(), "give it a programme_id and SELECT fence('…'), or say why it needs none"
    gone = {one for one in WITHOUT_A_FENCE if not any(one in {table, f"{schema}.{table}"} for schema, table in without)}
    assert gone == set()


@pytest.mark.parametrize("service", [service.name for service in installed()])
async def test_no_service_reads_identitys_tables_but_by_its_functions(admin: asyncpg.Connection, service: str) -> None:
    tables = await admin.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'identity' AND c.relkind IN ('r', 'p')"
        " AND has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE')",
        f"{service}_app",
    )
    assert tables == []


async def test_every_fence_holds_for_reading_and_for_writing(admin: asyncpg.Connection) -> None:
    import json

    broken = []
    for row in await admin.fetch(TABLES, SCHEMAS):
        if not row["fenced"]:
            continue
        policies = json.loads(row["policies"])
        both = [
            p for p in policies if "current_setting" in (p["using"] or "") and "current_setting" in (p["check"] or "")
        ]
        open_to_all = [
            p for p in policies if p["using"] == "true" and "public" in str(p["roles"]) and p["cmd"] != "SELECT"
        ]
        if not both or open_to_all:
            broken.append(f"{row['schema']}.{row['table']}")
    assert broken == []


async def test_only_directories_can_be_read_without_a_programme(admin: asyncpg.Connection) -> None:
    import json

    readable = [
        row["table"]
        for row in await admin.fetch(TABLES, SCHEMAS)
        if row["fenced"]
        and any(
            p["using"] == "true" and p["cmd"] == "SELECT" and "public" in str(p["roles"])
            for p in json.loads(row["policies"])
        )
    ]
    assert [name for name in readable if not name.endswith("_directory")] == []


async def test_every_personal_column_has_a_retention_rule_that_exists(admin: asyncpg.Connection) -> None:
    rules = {rule.name for service in SERVICES for rule in service.retention}
    tasks = {task.name for service in SERVICES for task in (*service.tasks, *HOUSEKEEPING)}
    named, wrong = set(), []
    for row in await admin.fetch(COLUMNS, SCHEMAS):
        where = f"{row['schema']}.{row['table']}.{row['column']}"
        comment = row["comment"] or ""
        rule = re.search(r"retention=([\w-]+)", comment)
        if comment.startswith("personal"):
            if not rule or rule.group(1) not in rules:
                wrong.append(f"{where}: its rule {rule and rule.group(1)} is not declared")
            else:
                named.add(rule.group(1))
        elif (
            row["type"] in WORDS
            and PERSONAL.search(row["column"])
            and row["table"] not in PUBLIC
            and not comment.startswith("public")
        ):
            wrong.append(f"{where}: looks personal; comment it 'personal; retention=…' or 'public; …'")
    assert wrong == []
    assert {rule.task for service in SERVICES for rule in service.retention if rule.task} <= tasks
    assert named, "no personal column at all: this test would prove nothing"


@pytest.mark.parametrize("service", [service.name for service in installed()])
async def test_a_service_touches_its_own_schema_and_no_other(admin: asyncpg.Connection, service: str) -> None:
    own = next([one.name, *one.schemas] for one in installed() if one.name == service)
    foreign = []
    for row in await admin.fetch(TABLES, SCHEMAS):
        for kind in ("app", "system", "owner"):
            rights = await admin.fetchval(
                "SELECT has_table_privilege($1, format('%I.%I', $2::text, $3::text), 'SELECT, INSERT, UPDATE, DELETE')"
                " AND has_schema_privilege($1, $2, 'USAGE')",
                f"{service}_{kind}",
                row["schema"],
                row["table"],
            )
            if rights and row["schema"] not in own:
                foreign.append(f"{service}_{kind} may use {row['schema']}.{row['table']}")
    assert foreign == []


async def test_no_role_of_ours_passes_by_the_fences(admin: asyncpg.Connection) -> None:
    powerful = await admin.fetch(
        "SELECT rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls OR rolcreaterole)"
        " AND rolname ~ '_(owner|app|system)$'"
    )
    assert powerful == []
