"""Passwords: which are taken, how they are kept, and what changing one ends."""

from __future__ import annotations

import asyncpg
import pytest

from services.context import Context
from services.http.problems import Invalid, TooMany
from services.identity import access, login, passwords, recovery, throttling
from services.identity.principal import GUEST
from tests.identity.conftest import PASSWORD, NewAccount
from tests.identity.test_entering import enter, entered


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("kort", passwords.TOO_SHORT),
        ("elleve tegn", passwords.TOO_SHORT),
        ("x" * 129, passwords.TOO_LONG),
        ("passwordpassword", passwords.TOO_COMMON),
        ("qwertyuiop123", passwords.TOO_COMMON),
        ("aaaaaaaaaaaaaaaa", passwords.TOO_COMMON),
        ("kari nordmann1", passwords.TOO_COMMON),
        ("kari@havlandet.example", passwords.TOO_COMMON),
        ("vind over blanke skjær", None),
        ("bare små bokstaver her", None),
        ("🐟🌊🏔️ havet ligger stille", None),
    ],
)
async def test_passwords_are_refused_for_being_short_or_common_and_for_nothing_else(
    password: str, refused: str | None
) -> None:
    assert await passwords.refusal(password, ("kari@havlandet.example", "Kari Nordmann")) == refused


async def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    encoded = await passwords.hashed("blåbærskogen på øya")
    assert await passwords.fits(encoded, "bla\u030abærskogen pa\u030a øya")


async def test_a_hash_made_under_weaker_parameters_is_renewed_at_login(
    context: Context, admin: asyncpg.Connection, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    await new_account("kari")
    before = await admin.fetchval("SELECT password_hash FROM identity.accounts")
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert isinstance(await enter(context), login.Entered)
    after = await admin.fetchval("SELECT password_hash FROM identity.accounts")
    assert after != before and "m=16,t=2" in after
    assert isinstance(await enter(context), login.Entered)


async def test_changing_the_password_ends_every_other_session_and_renews_this_one(
    context: Context, new_account: NewAccount
) -> None:
    await new_account("kari")
    here, there = await entered(context), await entered(context)
    principal = await access.session(context, here.token)
    with pytest.raises(Invalid) as wrong:
        await recovery.change_password(context, principal, current="ikke dette heller", password="nye ord i samme vind")
    assert [one.field for one in wrong.value.fields] == ["current"]
    token = await recovery.change_password(context, principal, current=PASSWORD, password="nye ord i samme vind")
    assert await access.session(context, there.token) == GUEST
    assert await access.session(context, here.token) == GUEST
    renewed = await access.session(context, token)
    assert renewed.session_id == principal.session_id
    assert renewed.csrf != principal.csrf
    assert await enter(context) is None
    assert isinstance(await enter(context, password="nye ord i samme vind"), login.Entered)


async def test_guessing_the_current_password_in_a_stolen_session_is_throttled(
    context: Context, new_account: NewAccount
) -> None:
    await new_account("kari")
    principal = await access.session(context, (await entered(context)).token)
    for _ in range(throttling.PER_ACCOUNT):
        with pytest.raises(Invalid):
            await recovery.confirm_password(context, principal, "gjett igjen og igjen")
    with pytest.raises(TooMany):
        await recovery.confirm_password(context, principal, PASSWORD)
