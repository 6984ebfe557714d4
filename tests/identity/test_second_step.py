"""The second step of a log-in: codes, recovery codes, and the note of the first step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pyotp
import pytest
from cryptography.exceptions import InvalidTag

from services.clock import MovedClock
from services.context import Context
from services.http.problems import TooMany
from services.identity import functions, login, passwords, throttling, totp
from tests.identity.conftest import PASSWORD, NewAccount
from tests.identity.test_entering import FIREFOX, HOME, enter


async def with_second_step(context: Context, account_id: UUID) -> tuple[pyotp.TOTP, list[str]]:
    """Enrol the account; its app and its recovery codes."""
    async with context.database.transaction(None) as tx:
        enrolment = await totp.start(tx, context.keys, account_id, "kari@havlandet.example")
        assert enrolment is not None
        app = pyotp.TOTP(enrolment.secret)
        codes = await totp.confirm(tx, context.keys, account_id, app.at(tx.moment))
        assert codes is not None
    return app, codes


async def step(context: Context, note: str, code: str, client: str = HOME) -> Any:
    return await login.with_code(context, login.Visitor(client, FIREFOX), note=note, code=code)


async def note(context: Context) -> str:
    found = await enter(context)
    assert isinstance(found, login.CodeWanted)
    return found.note


async def test_the_password_alone_does_not_let_in_where_a_second_step_is_set_up(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    app, _ = await with_second_step(context, await new_account("kari"))
    clock.move(timedelta(minutes=1))
    given = await note(context)
    assert isinstance(await step(context, given, "000000"), login.CodeWanted)
    assert isinstance(await step(context, given, app.at(clock.now())), login.Entered)


async def test_a_code_lets_in_once(context: Context, clock: MovedClock, new_account: NewAccount) -> None:
    app, _ = await with_second_step(context, await new_account("kari"))
    clock.move(timedelta(minutes=1))
    code = app.at(clock.now())
    assert isinstance(await step(context, await note(context), code), login.Entered)
    assert isinstance(await step(context, await note(context), code), login.CodeWanted)
    # An older code, still within its neighbourhood, is spent with the newer one.
    assert isinstance(
        await step(context, await note(context), app.at(clock.now() - timedelta(seconds=30))), login.CodeWanted
    )


async def test_the_code_that_confirmed_the_enrolment_is_spent(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    app, _ = await with_second_step(context, await new_account("kari"))
    assert isinstance(await step(context, await note(context), app.at(clock.now())), login.CodeWanted)


async def test_a_clock_half_a_minute_off_is_forgiven_and_a_minute_is_not(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    app, _ = await with_second_step(context, await new_account("kari"))
    clock.move(timedelta(minutes=10))
    late, early = (app.at(clock.now() + timedelta(seconds=seconds)) for seconds in (-60, 30))
    assert isinstance(await step(context, await note(context), late), login.CodeWanted)
    assert isinstance(await step(context, await note(context), early), login.Entered)


async def test_a_recovery_code_lets_in_once(context: Context, clock: MovedClock, new_account: NewAccount) -> None:
    _, codes = await with_second_step(context, await new_account("kari"))
    assert len(set(codes)) == totp.RECOVERY_CODES
    typed = codes[3].upper().replace("-", " ")
    assert isinstance(await step(context, await note(context), typed), login.Entered)
    assert isinstance(await step(context, await note(context), typed), login.CodeWanted)


async def test_guessing_codes_gets_slower_too(context: Context, clock: MovedClock, new_account: NewAccount) -> None:
    await with_second_step(context, await new_account("kari"))
    given = await note(context)
    for number in range(throttling.PER_ACCOUNT):
        assert isinstance(await step(context, given, f"00000{number}", client=f"198.51.100.{number}"), login.CodeWanted)
    with pytest.raises(TooMany):
        await step(context, given, "000009", client="203.0.113.1")


async def test_the_note_of_the_first_step_is_ours_lasts_ten_minutes_and_dies_with_the_password(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    kari = await new_account("kari")
    app, _ = await with_second_step(context, kari)
    clock.move(timedelta(minutes=1))
    given = await note(context)
    assert await step(context, given[:-1] + ("a" if given[-1] != "a" else "b"), app.at(clock.now())) is None
    assert await step(context, "", app.at(clock.now())) is None
    async with context.database.transaction(None) as tx:
        await functions.value(tx.connection, "change_password", kari, await passwords.hashed(PASSWORD), tx.moment)
    assert await step(context, given, app.at(clock.now())) is None
    given = await note(context)
    clock.move(login.STEP_LASTS)
    assert await step(context, given, app.at(clock.now())) is None


async def test_the_secret_is_stored_sealed_and_opens_for_its_own_account_only(
    context: Context, admin: asyncpg.Connection, new_account: NewAccount
) -> None:
    kari, ola = await new_account("kari"), await new_account("ola")
    app, codes = await with_second_step(context, kari)
    sealed = await admin.fetchval("SELECT sealed FROM identity.second_factors")
    assert app.secret.encode() not in sealed
    assert totp._unseal(context.keys, kari, sealed) == app.secret
    with pytest.raises(InvalidTag):
        totp._unseal(context.keys, ola, sealed)
    stored = await admin.fetch("SELECT code_hash FROM identity.recovery_codes")
    assert len(stored) == len(codes)


async def test_a_second_enrolment_does_not_replace_one_that_stands(context: Context, new_account: NewAccount) -> None:
    kari = await new_account("kari")
    await with_second_step(context, kari)
    async with context.database.transaction(None) as tx:
        assert await totp.start(tx, context.keys, kari, "kari@havlandet.example") is None
