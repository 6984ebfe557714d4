"""What is personal goes when its time has come, and not before."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import asyncpg

from services.clock import MovedClock
from services.context import Context
from services.identity import commands, recovery, retention, sessions, tokens
from services.identity.principal import Principal
from services.routes import Role
from tests.identity.conftest import NewAccount

PERSONAL = ("sessions", "api_tokens", "invitations", "throttles", "outgoing_mails")


async def counts(admin: asyncpg.Connection) -> dict[str, int]:
    return {name: await admin.fetchval(f"SELECT count(*) FROM identity.{name}") for name in PERSONAL}


async def test_each_rule_erases_what_is_past_and_keeps_what_is_not(
    context: Context, clock: MovedClock, admin: asyncpg.Connection, programme: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    by = Principal(kind="account", account_id=kari)
    async with context.database.transaction(programme) as tx:
        await sessions.begin(tx, kari, "")
        await tokens.create(
            tx, by, programme, name="x", roles=[Role.READER], scopes=["read"], expires_at=tx.moment + timedelta(days=5)
        )
        await commands.invite(
            tx, context.keys, by, programme, email="ola@havlandet.example", roles=[Role.READER], language="nb"
        )
    await recovery.request_reset(context, email="kari@havlandet.example", client="192.0.2.10", language="nb")
    full = await counts(admin)
    assert all(full.values())

    clock.move(timedelta(days=1))
    await retention.erase_credentials(context)
    assert await counts(admin) == full, "nothing is past its time"

    clock.move(timedelta(days=60))
    async with context.database.transaction(None) as tx:
        # The mails never left: no server. Giving up starts their time.
        await tx.connection.execute(
            "SELECT identity.fail_mail(id, 'x', NULL, $1) FROM identity.take_mails(9, $1, '1 min')", tx.moment
        )
    clock.move(timedelta(days=8))
    await retention.erase_credentials(context)
    assert await counts(admin) == dict.fromkeys(PERSONAL, 0)
    assert await admin.fetchval("SELECT count(*) FROM identity.accounts") == 1


async def test_an_account_that_belongs_nowhere_goes_after_a_year_and_one_that_is_used_stays(
    context: Context, clock: MovedClock, admin: asyncpg.Connection, programme: UUID, new_account: NewAccount
) -> None:
    await new_account("member", programme, Role.OWNER)
    await new_account("operator", operator=True)
    idle, used = await new_account("idle"), await new_account("used")
    clock.move(timedelta(days=364))
    await retention.erase_idle_accounts(context)
    assert await admin.fetchval("SELECT count(*) FROM identity.accounts") == 4
    async with context.database.transaction(None) as tx:
        await sessions.begin(tx, used, "")
    clock.move(timedelta(days=2))
    await retention.erase_idle_accounts(context)
    left = {row["id"] for row in await admin.fetch("SELECT id FROM identity.accounts")}
    assert idle not in left and used in left and len(left) == 3


async def test_the_checks_find_nothing_wrong_and_find_what_is_made_wrong(
    context: Context, clock: MovedClock, admin: asyncpg.Connection, programme: UUID, new_account: NewAccount
) -> None:
    async def broken() -> dict[str, int]:
        async with context.database.system() as tx:
            return {check.name: await check.count(tx) for check in retention.CHECKS}

    await new_account("kari", programme, Role.OWNER)
    await recovery.request_reset(context, email="kari@havlandet.example", client="192.0.2.10", language="nb")
    assert await broken() == {"programmes-have-owners": 0, "mails-leave": 0}
    clock.move(timedelta(hours=2))
    await admin.execute("UPDATE identity.memberships SET role = 'reader'")
    assert await broken() == {"programmes-have-owners": 1, "mails-leave": 1}
