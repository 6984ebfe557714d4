"""Choosing a password: by the link of a reset mail, or while logged in. Either way every other session of the
account ends."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.context import Context
from services.database import Transaction
from services.http.problems import Conflict, Invalid, TooMany
from services.identity import audit, functions, mail, passwords, sessions, throttling
from services.identity.principal import Principal
from services.keys import token_hash
from services.pages.languages import msgid

RESET = "reset"
PER_ACCOUNT = 3
PER_ADDRESS = 10
SPENT = msgid("This link has been used, or its time has passed. Ask for a new one.")
WRONG = msgid("This is not your current password.")


@dataclass(frozen=True, slots=True)
class Resetting:
    """Whose password the link of a reset mail may change."""

    account_id: UUID
    email: str
    name: str


async def request_reset(context: Context, *, email: str, client: str, language: str) -> None:
    """Let a reset mail go to an address, if an account has it: that is asked when the mail is sent, so the work here
    is the same for all. Raises `TooMany` at a closed door."""
    doors = (
        throttling.account_door(context.keys, RESET, email, PER_ACCOUNT),
        throttling.address_door(context.keys, RESET, client, PER_ADDRESS),
    )
    async with context.database.transaction(None) as tx:
        wait = await throttling.attempt(tx, doors)
        if not wait:
            await mail.queue(tx, mail.RESET, email, language)
    if wait:
        raise TooMany(wait.total_seconds())


async def resetting(tx: Transaction, token: str) -> Resetting | None:
    """Whom a reset link belongs to; None where it is used, past or was never given."""
    found = await functions.row(tx.connection, "find_reset", token_hash(token), tx.moment)
    return Resetting(**found) if found else None


async def reset_password(context: Context, token: str, password: str) -> None:
    """Use a reset link. Raises `Invalid` for a password refused (the link stays good), `Conflict` for a link that is
    spent."""
    async with context.database.transaction(None) as tx:
        found = await resetting(tx, token)
    if found is None:
        raise Conflict("reset-spent", SPENT)
    await _judge(password, found.email, found.name)
    encoded = await passwords.hashed(password)
    async with context.database.transaction(None) as tx:
        account_id = await functions.value(tx.connection, "use_reset", token_hash(token), encoded, tx.moment)
        if account_id is None:
            raise Conflict("reset-spent", SPENT)
        await audit.record(
            tx, Principal(kind="account", account_id=account_id), "password.reset", f"account:{account_id}"
        )
        await mail.notify(tx, account_id, "password_changed")


async def change_password(context: Context, by: Principal, *, current: str, password: str) -> str:
    """Change the caller's own password and return the new token of their session. Raises `Invalid` per wrong field,
    `TooMany` after too many wrong guesses at the current one."""
    assert by.account_id is not None and by.session_id is not None
    account = await confirm_password(context, by, current)
    await _judge(password, account["email"], account["name"])
    encoded = await passwords.hashed(password)
    async with context.database.transaction(None) as tx:
        await functions.value(tx.connection, "change_password", by.account_id, encoded, tx.moment)
        await sessions.end_others(tx, by.account_id, by.session_id, "credentials")
        token = await sessions.rotate(tx, by.session_id)
        await audit.record(tx, by, "password.changed", f"account:{by.account_id}")
        await mail.notify(tx, by.account_id, "password_changed")
    return token


async def confirm_password(context: Context, by: Principal, current: str) -> functions.Record:
    """The caller's account, once they have typed their password again: before what a borrowed laptop must not do.

    Raises `Invalid` (field `current`) for a wrong one, `TooMany` after too many."""
    assert by.account_id is not None
    door = throttling.account_door(context.keys, "confirm", str(by.account_id))
    async with context.database.transaction(None) as tx:
        wait = await throttling.attempt(tx, [door])
        account = await functions.row(tx.connection, "find_account", by.account_id)
    if wait:
        raise TooMany(wait.total_seconds())
    if account is None or not await passwords.fits(account["password_hash"], current[: passwords.LONGEST * 2]):
        raise Invalid({"current": WRONG})
    async with context.database.transaction(None) as tx:
        await throttling.succeeded(tx, door)
    return account


async def _judge(password: str, *known: str) -> None:
    refused = await passwords.refusal(password, known)
    if refused:
        raise Invalid({"password": refused})
