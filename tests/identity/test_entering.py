"""Logging in: the same for everyone who is not let in, slower for who guesses; and how long it lasts."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from services.clock import MovedClock
from services.context import Context
from services.http.problems import TooMany
from services.identity import access, login, passwords, sessions, throttling
from services.identity.principal import GUEST, Principal
from tests.identity.conftest import PASSWORD, NewAccount

HOME = "192.0.2.10"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def enter(context: Context, name: str = "kari", password: str = PASSWORD, client: str = HOME, **more: Any) -> Any:
    visitor = login.Visitor(client, FIREFOX, **more)
    return await login.with_password(context, visitor, email=f"{name}@havlandet.example", password=password)


async def entered(context: Context, name: str = "kari", **more: Any) -> login.Entered:
    found = await enter(context, name, **more)
    assert isinstance(found, login.Entered)
    return found


def asking(**cookies: str) -> Any:
    """A request with these cookies and no more."""
    return SimpleNamespace(headers={}, cookies=cookies)


async def test_it_lets_in_whoever_knows_the_password(context: Context, new_account: NewAccount) -> None:
    kari = await new_account("kari")
    found = await login.with_password(
        context, login.Visitor(HOME, FIREFOX), email=" KARI@havlandet.example ", password=PASSWORD
    )
    assert isinstance(found, login.Entered)
    principal = await access.identify(context, asking(session=found.token))
    assert (principal.kind, principal.account_id, principal.name) == ("account", kari, "Kari")
    assert principal.csrf


async def test_it_answers_alike_for_a_wrong_password_an_unknown_address_and_one_without_a_password(
    context: Context, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    await new_account("kari")
    async with context.database.transaction(None) as tx:
        from services.identity import commands

        await commands.create_account(tx, email="ola@havlandet.example", name="Ola", language="nb", password=None)
    checked = []
    true_fits = passwords._fits
    monkeypatch.setattr(
        passwords, "_fits", lambda encoded, text: checked.append(encoded.split("$")[:4]) or true_fits(encoded, text)
    )
    answers = [
        await enter(context, "kari", "feil passord er dette"),
        await enter(context, "nobody"),
        await enter(context, "ola"),
    ]
    assert answers == [None, None, None]
    assert len(checked) == 3, "the same work for each"
    assert checked[0] == checked[1] == checked[2], "at the same cost"


async def test_guessing_at_an_account_gets_slower_and_slower_and_is_forgotten_after_a_day(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    await new_account("kari")
    waits = []
    for number in range(throttling.PER_ACCOUNT + 6):
        while True:
            try:
                # Each guess comes from another address: the account's own door is what closes.
                assert await enter(context, "kari", "gjett igjen og igjen", client=f"198.51.100.{number}") is None
                break
            except TooMany as closed:
                waits.append(int(closed.headers["Retry-After"]))
                clock.move(timedelta(seconds=waits[-1]))
    assert waits == [2, 4, 8, 16, 32, 64]
    with pytest.raises(TooMany):
        await enter(context, "kari")  # the right password waits as well
    clock.move(timedelta(days=1, minutes=1))
    assert isinstance(await enter(context, "kari"), login.Entered)


async def test_a_door_never_stays_closed_for_more_than_a_quarter_of_an_hour(
    context: Context, clock: MovedClock
) -> None:
    door = [throttling.account_door(context.keys, "login", "kari@havlandet.example")]
    longest = timedelta(0)
    for _ in range(40):
        async with context.database.transaction(None) as tx:
            wait = await throttling.attempt(tx, door)
        longest = max(longest, wait)
        clock.move(wait)
    assert longest == throttling.LONGEST


async def test_an_unknown_address_is_throttled_like_a_known_one(context: Context, new_account: NewAccount) -> None:
    await new_account("kari")
    closed = {}
    for name in ("kari", "nobody"):
        for tries in range(20):
            try:
                await enter(context, name, "gjett igjen og igjen", client=f"198.51.100.{tries}")
            except TooMany as problem:
                closed[name] = (tries, problem.headers)
                break
    assert closed["kari"] == closed["nobody"]


async def test_one_address_that_tries_many_accounts_is_stopped(context: Context) -> None:
    refused = 0
    for number in range(throttling.PER_ADDRESS + 3):
        try:
            assert await enter(context, f"name{number}") is None
        except TooMany:
            refused += 1
    assert refused == 3


async def test_logging_in_to_ones_own_account_does_not_open_the_brake_on_guessing(
    context: Context, new_account: NewAccount
) -> None:
    await new_account("mallory")
    refused = 0
    for number in range(throttling.PER_ADDRESS + 2):
        try:
            await enter(context, f"victim{number}")
            await enter(context, "mallory")
        except TooMany:
            refused += 1
    assert refused >= 1


async def test_a_hundred_guesses_at_once_are_counted_one_after_the_other(
    context: Context, new_account: NewAccount
) -> None:
    import asyncio

    await new_account("kari")
    door = [throttling.account_door(context.keys, "login", "kari@havlandet.example")]

    async def attempt() -> timedelta:
        async with context.database.transaction(None) as tx:
            return await throttling.attempt(tx, door)

    waits = await asyncio.gather(*(attempt() for _ in range(100)))
    assert sum(1 for wait in waits if not wait) == throttling.PER_ACCOUNT


async def test_neighbours_in_one_ipv6_network_share_a_door(context: Context) -> None:
    def door(client: str) -> throttling.Door:
        return throttling.address_door(context.keys, "login", client)

    assert door("2001:db8:1:2::5") == door("2001:db8:1:2:ffff::9")
    assert door("2001:db8:1:2::5") != door("2001:db8:1:3::5")
    assert door("::ffff:192.0.2.10") == door(HOME)


async def test_a_strangers_guesses_do_not_keep_out_who_was_in_before(context: Context, new_account: NewAccount) -> None:
    await new_account("kari")
    await new_account("mallory")
    known = (await entered(context)).device
    hers = (await entered(context, "mallory")).device
    for number in range(throttling.PER_ACCOUNT):
        assert await enter(context, "kari", "gjett igjen og igjen", client=f"198.51.100.{number}") is None
    for stranger in ("", hers, known[:-1] + "1", "x"):
        with pytest.raises(TooMany):
            await enter(context, "kari", client="203.0.113.7", device=stranger)
    again = await entered(context, device=known)
    assert again.device == known
    # What was known once is no free pass: this browser's own guesses are counted at its own door.
    for _ in range(throttling.PER_ACCOUNT):
        assert await enter(context, "kari", "gjett igjen og igjen", device=known) is None
    with pytest.raises(TooMany):
        await enter(context, "kari", device=known)


async def test_the_table_of_failures_names_nobody(
    context: Context, admin: asyncpg.Connection, new_account: NewAccount
) -> None:
    await enter(context, "kari", "feil passord er dette")
    rows = await admin.fetch("SELECT * FROM identity.throttles")
    assert len(rows) == 2
    assert b"kari" not in b"".join(row["key"] for row in rows)


# Sessions -------------------------------------------------------------------------------------------------------------


async def test_a_login_ends_the_session_that_the_browser_had_and_gives_another(
    context: Context, new_account: NewAccount
) -> None:
    await new_account("kari")
    first = await entered(context)
    had = await access.session(context, first.token)
    second = await entered(context, session_id=had.session_id)
    assert second.token != first.token
    assert await access.session(context, first.token) == GUEST
    assert (await access.session(context, second.token)).kind == "account"


async def test_a_session_ends_after_twelve_idle_hours(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    await new_account("kari")
    found = await entered(context)
    clock.move(timedelta(hours=11, minutes=59))
    assert (await access.session(context, found.token)).kind == "account"
    clock.move(timedelta(hours=12))
    assert await access.session(context, found.token) == GUEST


async def test_a_session_in_use_ends_after_seven_days_all_the_same(
    context: Context, clock: MovedClock, new_account: NewAccount
) -> None:
    await new_account("kari")
    found = await entered(context)
    for _ in range(int(timedelta(days=7) / timedelta(hours=8)) - 1):
        clock.move(timedelta(hours=8))
        assert (await access.session(context, found.token)).kind == "account"
    clock.move(timedelta(hours=8))
    assert await access.session(context, found.token) == GUEST


async def test_a_revoked_session_is_over_at_once(context: Context, new_account: NewAccount) -> None:
    kari = await new_account("kari")
    found = await entered(context)
    principal = await access.session(context, found.token)
    assert principal.session_id is not None
    async with context.database.transaction(None) as tx:
        assert await sessions.end(tx, kari, principal.session_id, "revoked")
    assert await access.session(context, found.token) == GUEST


async def test_nobody_ends_the_session_of_another(context: Context, new_account: NewAccount) -> None:
    await new_account("kari")
    mallory = await new_account("mallory")
    found = await entered(context)
    principal = await access.session(context, found.token)
    assert principal.session_id is not None
    async with context.database.transaction(None) as tx:
        assert not await sessions.end(tx, mallory, principal.session_id, "revoked")
    assert (await access.session(context, found.token)).kind == "account"


async def test_a_session_keeps_the_class_of_browser_and_no_more(
    context: Context, admin: asyncpg.Connection, new_account: NewAccount
) -> None:
    await new_account("kari")
    found = await entered(context)
    row = await admin.fetchrow("SELECT * FROM identity.sessions")
    assert row is not None and row["agent"] == "firefox-linux"
    assert found.token not in str(dict(row))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (FIREFOX, "firefox-linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "safari-ios"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/150.0 Safari/537.36 Edg/150.0", "edge-windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "chrome-android"),
        ("", "other-other"),
        ("curl/8", "other-other"),
    ],
)  # fmt: skip
def test_browsers_are_told_apart_by_class(header: str, found: str) -> None:
    assert sessions.agent_class(header) == found


def test_a_principal_of_a_person_has_no_scopes_to_reach_beyond() -> None:
    assert Principal(kind="account").may_use("events", unsafe=True)
