"""Logging in: the same work and the same answer for a known and an unknown address, and a second step where one is
set up.

1. Count the attempt at the account's door and at the network address's, in a transaction of its own. A closed door ends
   it.
2. Check the password; where nobody has the address, against a hash that no password has.
3. With a second factor: hand out a signed note that the password was right, good for ten minutes and until the password
   changes; with it and a code, which is counted like an attempt, go on.
4. End the session that the browser had, open a new one, open the doors again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from services.context import Context
from services.database import Transaction
from services.http.problems import TooMany
from services.identity import audit, functions, passwords, sessions, throttling, totp
from services.identity.principal import Principal

log = structlog.get_logger(__name__)

STEP_LASTS = timedelta(minutes=10)
NOTE = "login-step"
LOGIN, CODE = "login", "code"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser at the door."""

    client: str
    """Its network address: for the brake on guessing, never stored."""
    user_agent: str = ""
    session_id: UUID | None = None
    """The session it has, which a login ends."""
    device: str = ""
    """The note it was given when it logged in before."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A login that is complete: the session's token for the cookie, the language of the account, and the note by which
    this browser is known at its next login."""

    token: str
    language: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The password was right; `note` goes through the form with the code."""

    note: str


async def with_password(
    context: Context, visitor: Visitor, *, email: str, password: str
) -> Entered | CodeWanted | None:
    """None where address and password do not belong together. Raises `TooMany` at a closed door, alike for every
    address."""
    keys = context.keys
    own_door = throttling.device_door(keys, LOGIN, email, visitor.device) or throttling.account_door(keys, LOGIN, email)
    doors = (own_door, throttling.address_door(keys, LOGIN, visitor.client))
    await _attempt(context, doors)
    async with context.database.transaction(None) as tx:
        found = await functions.row(tx.connection, "find_credentials", email.strip())
    encoded = found["password_hash"] if found else None
    right = await passwords.fits(encoded, password[: passwords.LONGEST * 2])
    if found is None or encoded is None or not right:
        log.info("login refused", step="password")
        return None
    stronger = await passwords.hashed(password) if passwords.outdated(encoded) else None
    async with context.database.transaction(None) as tx:
        if stronger:
            await functions.value(tx.connection, "rehash_password", found["account_id"], encoded, stronger)
        await throttling.succeeded(tx, *doors)
        if found["second_factor"]:
            return CodeWanted(_note(context, found["account_id"], found["password_changed_at"], tx.moment))
        return await _enter(context, tx, visitor, found["account_id"], "password")


async def with_code(context: Context, visitor: Visitor, *, note: str, code: str) -> Entered | CodeWanted | None:
    """The second step. `CodeWanted` again where the code is wrong, None where the note is too old or not ours. Raises
    `TooMany` at a closed door."""
    read = _read_note(context, note)
    if read is None:
        return None
    account_id, changed = read
    doors = (
        throttling.account_door(context.keys, CODE, str(account_id)),
        throttling.address_door(context.keys, LOGIN, visitor.client),
    )
    await _attempt(context, doors)
    async with context.database.transaction(None) as tx:
        found = await functions.row(tx.connection, "find_login", account_id)
        if found is None or _stamp(found["password_changed_at"]) != changed:
            return None
        how = await totp.check_or_recover(tx, context.keys, account_id, code)
        if how is None:
            # Whoever gets this far knows the password: that belongs in the audit.
            await audit.record(tx, None, "login.refused", f"account:{account_id}", step="code")
            return CodeWanted(note)
        await throttling.succeeded(tx, *doors)
        return await _enter(context, tx, visitor, account_id, how)


async def welcome(context: Context, tx: Transaction, visitor: Visitor, account_id: UUID) -> Entered:
    """Let in whoever has just made their account: there is nothing to check."""
    return await _enter(context, tx, visitor, account_id, "new")


async def _attempt(context: Context, doors: Sequence[throttling.Door]) -> None:
    async with context.database.transaction(None) as tx:
        wait = await throttling.attempt(tx, doors)
    if wait:
        raise TooMany(wait.total_seconds())


async def _enter(context: Context, tx: Transaction, visitor: Visitor, account_id: UUID, how: str) -> Entered:
    account = await functions.row(tx.connection, "find_login", account_id)
    assert account is not None
    token = await sessions.begin(tx, account_id, visitor.user_agent, replaces=visitor.session_id)
    by = Principal(kind="account", account_id=account_id)
    await audit.record(tx, by, "login.entered", f"account:{account_id}", by=how)
    known = throttling.device_door(context.keys, LOGIN, account["email"], visitor.device) is not None
    device = visitor.device if known else throttling.device_note(context.keys, account["email"])
    return Entered(token, account["language"], device)


def _note(context: Context, account_id: UUID, changed: datetime | None, moment: datetime) -> str:
    until = int((moment + STEP_LASTS).timestamp())
    return context.keys.sign(NOTE, f"{account_id}~{_stamp(changed)}~{until}")


def _read_note(context: Context, note: str) -> tuple[UUID, int] | None:
    text = context.keys.unsign(NOTE, note)
    if text is None:
        return None
    account_id, changed, until = text.split("~")
    if context.clock.now().timestamp() >= int(until):
        return None
    return UUID(account_id), int(changed)


def _stamp(moment: datetime | None) -> int:
    """Microseconds, so that a password changed within the same second makes an older note worthless."""
    return int(((moment or NEVER) - NEVER) / timedelta(microseconds=1))
