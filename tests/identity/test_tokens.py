"""API tokens: never more than their account has, and nothing once they are revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.clock import MovedClock
from services.context import Context
from services.http.problems import Invalid, NotFound, Unauthorized
from services.identity import access, commands, tokens
from services.identity.principal import Principal
from services.routes import Role
from tests.identity.conftest import NewAccount


async def create(
    context: Context,
    programme_id: UUID,
    account_id: UUID,
    *given: Role,
    scopes: Iterable[str] = ("read",),
    days: int = 30,
) -> str:
    by = Principal(kind="account", account_id=account_id)
    async with context.database.transaction(programme_id) as tx:
        return await tokens.create(
            tx,
            by,
            programme_id,
            name="Nettstedet",
            roles=given,
            scopes=scopes,
            expires_at=tx.moment + timedelta(days=days),
            services=("events",),
        )


async def identify(context: Context, header: str) -> Principal:
    request: Any = SimpleNamespace(headers={"Authorization": header}, cookies={})
    return await access.identify(context, request)


async def test_a_token_acts_in_its_programme_with_its_roles_and_scopes(
    context: Context, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    async with context.database.transaction(neighbour) as tx:
        await commands.grant(tx, None, neighbour, kari, Role.OWNER)
    token = await create(context, programme, kari, Role.READER, Role.MARKETING, scopes=["events:write"])
    principal = await identify(context, f"Bearer {token}")
    assert (principal.kind, principal.account_id, principal.operator) == ("token", kari, False)
    assert principal.roles_in(programme) == {Role.READER, Role.MARKETING}
    assert principal.roles_in(neighbour) == frozenset()
    assert principal.may_use("events", unsafe=True) and principal.may_use("events", unsafe=False)
    assert not principal.may_use("campaigns", unsafe=False)


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [
        ({"read"}, True, False),
        ({"write"}, True, True),
        ({"events:read"}, True, False),
        ({"events:write"}, True, True),
        ({"campaigns:write"}, False, False),
        (set(), False, False),
    ],
)
def test_scopes_reach_as_far_as_they_say(scopes: set[str], read: bool, write: bool) -> None:
    principal = Principal(kind="token", scopes=frozenset(scopes))
    assert (principal.may_use("events", unsafe=False), principal.may_use("events", unsafe=True)) == (read, write)


async def test_a_role_taken_from_the_person_is_taken_from_the_token_at_once(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    ola = await new_account("ola", programme, Role.ORGANISER, Role.READER)
    token = await create(context, programme, ola, Role.ORGANISER, Role.READER)
    async with context.database.transaction(programme) as tx:
        await commands.revoke(tx, None, programme, ola, Role.ORGANISER)
    assert (await identify(context, f"Bearer {token}")).roles_in(programme) == {Role.READER}
    async with context.database.transaction(programme) as tx:
        await commands.revoke(tx, None, programme, ola)
    with pytest.raises(Unauthorized):
        await identify(context, f"Bearer {token}")


async def test_a_token_ends_when_it_expires_or_is_revoked(
    context: Context, clock: MovedClock, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    short, long = (
        await create(context, programme, kari, Role.READER, days=1),
        await create(context, programme, kari, Role.READER, days=300),
    )
    clock.move(timedelta(days=1))
    with pytest.raises(Unauthorized):
        await identify(context, f"Bearer {short}")
    principal = await identify(context, f"Bearer {long}")
    assert principal.token_id is not None
    async with context.database.transaction(programme) as tx:
        with pytest.raises(NotFound):  # another programme's owner
            await tokens.revoke(tx, principal, principal.token_id, programme_id=neighbour)
        await tokens.revoke(tx, principal, principal.token_id, programme_id=programme)
    with pytest.raises(Unauthorized):
        await identify(context, f"Bearer {long}")


async def test_an_authorization_that_is_no_live_token_is_refused_and_does_not_make_a_guest(context: Context) -> None:
    for header in ("Bearer blest_no", "Bearer ", "Basic a2FyaTpwdw==", "Bearer", "blest_no", ""):
        with pytest.raises(Unauthorized):
            await identify(context, header)


async def test_a_token_is_stored_as_a_hash_with_a_beginning_to_recognise_it_by(
    context: Context, programme: UUID, admin: asyncpg.Connection, new_account: NewAccount
) -> None:
    token = await create(context, programme, await new_account("kari", programme, Role.OWNER), Role.READER)
    row = dict(await admin.fetchrow("SELECT * FROM identity.api_tokens") or {})
    assert token.startswith(row["prefix"]) and len(row["prefix"]) < len(token) - 20
    assert token not in str(row)


async def test_nobody_makes_a_token_with_more_than_they_have(
    context: Context, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    ola = await new_account("ola", programme, Role.READER)
    for where, role in ((programme, Role.OWNER), (programme, Role.MARKETING), (neighbour, Role.READER)):
        with pytest.raises(Invalid) as invalid:
            await create(context, where, ola, role)
        assert [one.field for one in invalid.value.fields] == ["roles"]


async def test_every_wrong_field_of_a_token_is_named(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    with pytest.raises(Invalid) as invalid:
        await create(context, programme, kari, scopes=["everything"], days=400)
    assert {one.field for one in invalid.value.fields} == {"roles", "scopes", "expires_at"}


async def test_lists_show_tokens_to_their_maker_and_to_the_programme(
    context: Context, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    kari, ola = await new_account("kari", programme, Role.OWNER), await new_account("ola", programme, Role.READER)
    await create(context, programme, kari, Role.OWNER)
    await create(context, programme, ola, Role.READER)
    async with context.database.transaction(programme) as tx:
        assert [one.account_name for one in await tokens.listed(tx, account_id=ola)] == ["Ola"]
        assert {one.account_name for one in await tokens.listed(tx, programme_id=programme)} == {"Kari", "Ola"}
        assert await tokens.listed(tx, programme_id=neighbour) == []
        assert await tokens.listed(tx) == []
