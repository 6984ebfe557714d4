"""The schema's walls: functions alone, an audit that stays, moments from the caller."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from services.context import Context
from services.identity import audit, functions
from services.identity.principal import Principal
from tests.identity.conftest import NewAccount

ROOT = Path(__file__).parents[2]
FUNCTIONS = """
SELECT p.proname AS name, p.prosecdef AS definer, p.prorettype::regtype::text AS returns, p.proconfig AS settings,
       has_function_privilege('events_app', p.oid, 'EXECUTE') AS services,
       has_function_privilege('identity_app', p.oid, 'EXECUTE') AS own,
       EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0) OR p.proacl IS NULL AS everyone
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'identity'
"""

ASKED_BY_SERVICES = {
    "find_session", "find_token", "find_programme", "list_programmes", "register_programme", "list_members", "names_of",
    "contact_of_member", "hold_programme", "roles_in", "set_roles", "create_account", "record_audit",
}  # fmt: skip


async def test_every_function_runs_as_the_owner_on_a_path_of_its_own_and_is_not_for_everyone(
    admin: asyncpg.Connection,
) -> None:
    found = [row for row in await admin.fetch(FUNCTIONS) if row["name"] not in {"fence", "refuse_change"}]
    assert len(found) > 40
    assert [row["name"] for row in found if not row["definer"]] == []
    assert [row["name"] for row in found if row["settings"] != ["search_path=identity, pg_temp"]] == []
    assert [row["name"] for row in found if row["everyone"]] == []


async def test_a_service_may_ask_who_is_there_and_nothing_that_opens_an_account(admin: asyncpg.Connection) -> None:
    found = await admin.fetch(FUNCTIONS)
    assert {row["name"] for row in found if row["services"]} == ASKED_BY_SERVICES
    assert [row["name"] for row in found if not row["own"] and row["name"] not in {"fence", "refuse_change"}] == []


async def test_the_code_calls_functions_that_exist_and_none_is_left_over(admin: asyncpg.Connection) -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "services" / "identity").rglob("*.py"))
    called = set(re.findall(r"functions\.(?:rows|row|value)\(\s*tx\.connection,\s*\"(\w+)\"", code))
    there = {row["name"] for row in await admin.fetch(FUNCTIONS)} - {"fence", "refuse_change"}
    within = {"roles_of", "change_password", "end_sessions"}
    assert called - there == set()
    assert there - called - within == set()


TABLES = (
    "accounts", "memberships", "sessions", "second_factors", "recovery_codes", "api_tokens", "invitations",
    "password_resets", "throttles", "outgoing_mails", "audit", "programme_directory",
)  # fmt: skip


async def test_no_role_reads_a_table_past_the_functions(admin: asyncpg.Connection) -> None:
    rights = (
        "SELECT has_table_privilege($1, 'identity.' || $2::text, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
        " AND has_schema_privilege($1, 'identity', 'USAGE')"
    )
    reachable = [
        (role, table)
        for role in ("identity_app", "identity_system", "events_app", "registrations_system")
        for table in TABLES
        if await admin.fetchval(rights, role, table)
    ]
    assert reachable == []
    assert await admin.fetchval(rights, "identity_owner", "accounts"), "there is a right to be found"


async def test_a_service_is_refused_the_table_and_served_by_the_function(context: Context, programme: UUID) -> None:
    async with context.database.transaction(None) as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.connection.transaction():
                await tx.connection.fetch("SELECT * FROM identity.programme_directory")
        assert await functions.row(tx.connection, "find_programme", "havlandet") is not None


async def test_the_audit_cannot_be_changed_not_even_by_its_owner(
    context: Context, admin: asyncpg.Connection, programme: UUID
) -> None:
    async with context.database.transaction(programme) as tx:
        await audit.record(tx, None, "test.done", "test:1")
    await admin.execute("SET search_path = identity")
    before = await admin.fetch("SELECT * FROM audit")
    assert before
    for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await admin.execute(statement)  # a superuser passes by every grant: the trigger still stands
        await admin.execute("SET ROLE identity_owner")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.execute(statement)
        await admin.execute("RESET ROLE")
    assert await admin.fetch("SELECT * FROM audit") == before


async def test_the_audit_refuses_peoples_words(context: Context, programme: UUID) -> None:
    async with context.database.transaction(programme) as tx:
        for words in ("Kari Nordmann", "kari@havlandet.example", "hei på deg"):
            with pytest.raises(ValueError, match="audit detail 'note'"):
                await audit.record(tx, None, "test.done", "test:1", note=words)


async def test_an_entry_says_who_did_what_and_forgets_the_name_with_the_account(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari")
    by = Principal(kind="account", account_id=kari)
    async with context.database.transaction(programme) as tx:
        await audit.record(tx, by, "event.published", "event:7", languages=["nb", "en"], seats=12)
        newest = (await audit.listed(tx, programme, 1))[0]
    assert (newest.actor, newest.account_name, newest.action, newest.subject) == (
        "account",
        "Kari",
        "event.published",
        "event:7",
    )
    assert newest.details == {"languages": ["nb", "en"], "seats": 12}
    async with context.database.transaction(programme) as tx:
        assert await functions.value(tx.connection, "erase_account", kari) == "erased"
        assert (await audit.listed(tx, programme, 1))[0].account_name is None


def test_no_statement_reads_the_servers_clock() -> None:
    for path in (ROOT / "services" / "migrations" / "identity").glob("*.sql"):
        text = re.sub(r"--.*", "", path.read_text())
        assert (
            re.findall(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp\(\)|localtimestamp)", text, re.I)
            == []
        )
