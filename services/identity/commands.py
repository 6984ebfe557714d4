"""Accounts, programmes, roles and invitations: what every service may ask of identity, in a transaction of its own.

    await commands.register_programme(tx, programme_id, slug="blest", name="Blest", language="nb", status="open")
    await commands.grant(tx, call.principal, programme_id, account_id, Role.OWNER)

Each command raises a `Problem` where it refuses, and then nothing is stored. After a commit that registered a
programme, `access.announce(context)` tells all processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from email_validator import EmailNotValidError, validate_email

from services.database import Transaction
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit, functions, mail, passwords
from services.identity.principal import Principal
from services.identity.sessions import new_token
from services.ids import new_id
from services.keys import Keys, token_hash
from services.pages.explaining import EMAIL
from services.pages.languages import LANGUAGES, msgid
from services.routes import Role

INVITED_FOR = timedelta(days=14)
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a programme, as its owners see them."""

    account_id: UUID
    name: str
    email: str
    roles: frozenset[Role]
    second_factor: bool
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A programme of the directory; `roles` are an account's there, where it was asked for one."""

    id: UUID
    slug: str
    name: str
    language: str
    status: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    id: UUID
    email: str
    roles: frozenset[Role]
    language: str
    created_at: datetime
    expires_at: datetime
    mail: str
    """waiting, sent or given_up."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the holder of an invitation's link is offered. `account_id` is the account that has the invited address,
    if any."""

    id: UUID
    email: str
    roles: frozenset[Role]
    language: str
    programme_id: UUID
    programme_slug: str
    programme_name: str
    invited_by: str
    account_id: UUID | None


# Programmes ---------------------------------------------------------------------------------------------------------


async def register_programme(
    tx: Transaction, programme_id: UUID, *, slug: str, name: str, language: str, status: str
) -> None:
    """Write a programme into the directory, or change what it says; `status` is a code of the programmes service.

    Raises `Conflict` where another programme has the slug."""
    try:
        async with tx.connection.transaction():
            await functions.value(
                tx.connection, "register_programme", programme_id, slug, name, language, status, tx.moment
            )
    except asyncpg.UniqueViolationError as error:
        raise Conflict("slug-taken", msgid("Another programme has this address. Choose another.")) from error


async def programmes(tx: Transaction) -> list[Listed]:
    """Every programme of the installation, the oldest first."""
    return [Listed(**row) for row in await functions.rows(tx.connection, "list_programmes")]


async def programmes_of(tx: Transaction, account_id: UUID) -> list[Listed]:
    """The programmes in which an account has a role, by name."""
    found = await functions.rows(tx.connection, "programmes_of", account_id)
    return [Listed(**{**row, "roles": _roles(row["roles"])}) for row in found]


# Accounts -----------------------------------------------------------------------------------------------------------


def address(email: str) -> str:
    """A mail address in its normal form; raises `Invalid` for what is none. Whether anybody reads it is not asked."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid({"email": EMAIL}) from error


async def create_account(
    tx: Transaction,
    *,
    email: str,
    name: str,
    language: str,
    password: str | None,
    operator: bool = False,
    first: bool = False,
    by: Principal | None = None,
) -> UUID:
    """Make an account and return its id. Without a password its owner chooses one by a reset mail. `first`: only if
    there is no account yet. Raises `Invalid` per wrong field, `Conflict` where the address has an account (or,
    for `first`, anybody)."""
    email, name = address(email), name.strip()
    errors: dict[str, str] = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        errors["name"] = msgid("Write the person's name.")
    if language not in LANGUAGES:
        errors["language"] = msgid("Choose one of the options.")
    refused = await passwords.refusal(password, (email, name)) if password is not None else None
    if refused:
        errors["password"] = refused
    if errors:
        raise Invalid(errors)
    encoded = await passwords.hashed(password) if password is not None else None
    account_id = new_id(tx.moment)
    if not await functions.value(
        tx.connection, "create_account", account_id, email, name, language, encoded, operator, first, tx.moment
    ):
        raise Conflict("account-exists", msgid("There is an account with this address."))
    await audit.record_for(tx, by, None, "account.created", f"account:{account_id}", operator=operator)
    return account_id


async def erase_account(tx: Transaction, by: Principal | None, account_id: UUID) -> None:
    """Erase an account with its sessions, roles and tokens. Raises `Conflict` for the last owner of a programme and
    the last operator, `NotFound` for an account that does not exist."""
    match await functions.value(tx.connection, "erase_account", account_id):
        case "last_owner":
            raise Conflict(
                "last-owner", msgid("This person is the only owner of a programme. Make someone else owner first.")
            )
        case "last_operator":
            raise Conflict(
                "last-operator", msgid("This person is the only one who runs the installation. Appoint another first.")
            )
        case "unknown":
            raise NotFound("account")
    await audit.record_for(tx, by, None, "account.erased", f"account:{account_id}")


# Roles --------------------------------------------------------------------------------------------------------------


async def members(tx: Transaction, programme_id: UUID) -> list[Member]:
    """The people of a programme, by name."""
    found = await functions.rows(tx.connection, "list_members", programme_id)
    return [Member(**{**row, "roles": _roles(row["roles"])}) for row in found]


async def names(tx: Transaction, programme_id: UUID, accounts: Iterable[UUID]) -> Mapping[UUID, str]:
    """Account → name, for those who are members of the programme."""
    found = await functions.rows(tx.connection, "names_of", programme_id, list(accounts))
    return {row["account_id"]: row["name"] for row in found}


async def roles_in(tx: Transaction, programme_id: UUID, account_id: UUID) -> frozenset[Role]:
    """The roles of an account in a programme."""
    return _roles(await functions.value(tx.connection, "roles_in", programme_id, account_id))


async def grant(tx: Transaction, by: Principal | None, programme_id: UUID, account_id: UUID, *roles: Role) -> None:
    """Give an account further roles in a programme."""
    await set_roles(tx, by, programme_id, account_id, await roles_in(tx, programme_id, account_id) | set(roles))


async def revoke(tx: Transaction, by: Principal | None, programme_id: UUID, account_id: UUID, *roles: Role) -> None:
    """Take roles from an account; without roles, all it has there. Raises `Conflict` for a programme's last owner."""
    kept = await roles_in(tx, programme_id, account_id) - set(roles) if roles else frozenset()
    await set_roles(tx, by, programme_id, account_id, kept)


async def set_roles(
    tx: Transaction, by: Principal | None, programme_id: UUID, account_id: UUID, roles: Iterable[Role]
) -> None:
    """Give an account exactly these roles (none: remove it). Raises `Conflict` where no owner would be left."""
    wanted = sorted(role.value for role in roles)
    granter = by.account_id if by else None
    match await functions.value(tx.connection, "set_roles", programme_id, account_id, wanted, granter, tx.moment):
        case "last_owner":
            raise Conflict("last-owner", msgid("A programme keeps at least one owner. Make someone else owner first."))
        case "unknown":
            raise NotFound("account")
        case "changed":
            action = "member.roles_set" if wanted else "member.removed"
            await audit.record_for(tx, by, programme_id, action, f"account:{account_id}", roles=wanted)


# Invitations --------------------------------------------------------------------------------------------------------


async def invite(
    tx: Transaction,
    keys: Keys,
    by: Principal | None,
    programme_id: UUID,
    *,
    email: str,
    roles: Iterable[Role],
    language: str,
) -> UUID:
    """Invite an address to a programme; an open invitation for it is sent anew with these roles, its older link
    worthless.

    The answer is the same whether or not the address has an account. Raises `Invalid` per wrong field."""
    email, wanted = address(email), sorted(role.value for role in roles)
    errors: dict[str, str] = {}
    if not wanted:
        errors["roles"] = msgid("Choose at least one.")
    if language not in LANGUAGES:
        errors["language"] = msgid("Choose one of the options.")
    if errors:
        raise Invalid(errors)
    made = await functions.row(
        tx.connection,
        "invite",
        new_id(tx.moment),
        programme_id,
        email,
        wanted,
        language,
        token_hash(new_token()),
        by.account_id if by else None,
        tx.moment,
        tx.moment + INVITED_FOR,
    )
    assert made is not None
    invitation_id: UUID = made["id"]
    token = keys.token(mail.INVITATION, invitation_id, made["rotation"])
    await functions.value(tx.connection, "seal_invitation", invitation_id, token_hash(token))
    await mail.queue(tx, mail.INVITATION, email, language, invitation_id)
    await audit.record_for(tx, by, programme_id, "invitation.sent", f"invitation:{invitation_id}", roles=wanted)
    return invitation_id


async def invitations(tx: Transaction, programme_id: UUID) -> list[OpenInvitation]:
    """A programme's open invitations, past ones among them, the newest first."""
    found = await functions.rows(tx.connection, "list_invitations", programme_id)
    return [OpenInvitation(**{**row, "roles": _roles(row["roles"])}) for row in found]


async def withdraw(tx: Transaction, by: Principal | None, programme_id: UUID, invitation_id: UUID) -> None:
    """Take an invitation back. Raises `NotFound` where it is not open."""
    if not await functions.value(tx.connection, "withdraw_invitation", programme_id, invitation_id, tx.moment):
        raise NotFound("invitation")
    await audit.record_for(tx, by, programme_id, "invitation.withdrawn", f"invitation:{invitation_id}")


async def offer(tx: Transaction, token: str) -> Offer | None:
    """What an invitation's link offers; None where it is spent, taken back, past or was never given."""
    found = await functions.row(tx.connection, "find_invitation", token_hash(token), tx.moment)
    return Offer(**{**found, "roles": _roles(found["roles"])}) if found else None


async def accept(tx: Transaction, offered: Offer, account_id: UUID) -> None:
    """Take an invitation for an account. Raises `Conflict` where it was taken or taken back meanwhile."""
    if not await functions.value(tx.connection, "accept_invitation", offered.id, account_id, tx.moment):
        raise Conflict("invitation-spent", msgid("This invitation is no longer open. Ask for a new one."))
    await audit.record_for(
        tx,
        Principal(kind="account", account_id=account_id),
        offered.programme_id,
        "invitation.accepted",
        f"invitation:{offered.id}",
        roles=sorted(role.value for role in offered.roles),
    )


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)
