"""API tokens: for programs, in one programme, with scopes and a cap on roles. Shown once, stored as a hash.

    blest_k3x9…      130 bits of chance behind a name that scanners of leaked secrets can find

A token never has more than its account has at that moment: a role taken from the person is taken from the token
at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.database import Transaction
from services.http.problems import Invalid, NotFound
from services.identity import audit, commands, functions
from services.identity.principal import Principal
from services.identity.sessions import new_token
from services.ids import new_id
from services.keys import token_hash
from services.pages.languages import msgid
from services.routes import Role

PREFIX = "blest_"
SHOWN = len(PREFIX) + 5
"""How much of a token is stored to recognise it by."""
LONGEST = timedelta(days=366)
SCOPES = ("read", "write")
"""`read` or `write` of every service; `<service>:read` or `<service>:write` of one. Write includes read."""


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as lists show it."""

    id: UUID
    programme_id: UUID
    programme_slug: str
    programme_name: str
    account_id: UUID
    account_name: str
    name: str
    prefix: str
    roles: list[str]
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


async def create(
    tx: Transaction,
    by: Principal,
    programme_id: UUID,
    *,
    name: str,
    roles: Iterable[Role],
    scopes: Iterable[str],
    expires_at: datetime,
    services: Iterable[str] = (),
) -> str:
    """Make a token for the caller's account and return it, the only time that it is seen.

    `services` are the names that a scope may begin with. Raises `Invalid` per wrong field: no role, a role the
    account does not have, an unknown scope, an expiry in the past or more than a year away.
    """
    assert by.account_id is not None
    wanted, reach, name = set(roles), set(scopes), name.strip()
    errors: dict[str, str] = {}
    if not 1 <= len(name) <= 80:
        errors["name"] = msgid("Say what the token is for, in at most 80 characters.")
    if not wanted:
        errors["roles"] = msgid("Choose at least one.")
    else:
        own = await commands.roles_in(tx, programme_id, by.account_id)
        if not own or (Role.OWNER not in own and not wanted <= own):
            errors["roles"] = msgid("A token cannot have a role that you do not have yourself.")
    known = {*SCOPES, *(f"{service}:{scope}" for service in services for scope in SCOPES)}
    if not reach or not reach <= known:
        errors["scopes"] = msgid("Choose what the token may do.")
    if not tx.moment < expires_at <= tx.moment + LONGEST:
        errors["expires_at"] = msgid("Choose a day within the next year.")
    if errors:
        raise Invalid(errors)
    token_id, token = new_id(tx.moment), PREFIX + new_token()
    await functions.value(
        tx.connection,
        "create_token",
        token_id,
        programme_id,
        by.account_id,
        name,
        token[:SHOWN],
        token_hash(token),
        sorted(role.value for role in wanted),
        sorted(reach),
        tx.moment,
        expires_at,
    )
    await audit.record_for(
        tx,
        by,
        programme_id,
        "token.created",
        f"token:{token_id}",
        roles=wanted,
        scopes=reach,
        expires=expires_at.date(),
    )
    return token


async def listed(tx: Transaction, *, account_id: UUID | None = None, programme_id: UUID | None = None) -> list[Token]:
    """The tokens of an account, of a programme, or of an account in a programme; revoked ones are not shown."""
    found = await functions.rows(tx.connection, "list_tokens", account_id, programme_id)
    return [Token(**row) for row in found]


async def in_use(tx: Transaction, number: int) -> list[Token]:
    """The tokens of all programmes that still work, the last used first. For operators."""
    return [Token(**row) for row in await functions.rows(tx.connection, "live_tokens", tx.moment, number)]


async def revoke(
    tx: Transaction, by: Principal, token_id: UUID, *, account_id: UUID | None = None, programme_id: UUID | None = None
) -> None:
    """Revoke a token of an account or of a programme; it is worthless at once. Raises `NotFound` where there is none
    such."""
    if not await functions.value(tx.connection, "revoke_token", token_id, account_id, programme_id, tx.moment):
        raise NotFound("token")
    await audit.record_for(tx, by, programme_id, "token.revoked", f"token:{token_id}")
