"""Programmes in the directory, and the people of each: who has which roles there. A programme keeps an owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.database import Transaction
from services.http.problems import Conflict, NotFound
from services.identity import audit, functions
from services.identity.principal import Principal
from services.pages.languages import msgid
from services.routes import Role


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
    return [Listed(**{**row, "roles": as_roles(row["roles"])}) for row in found]


async def members(tx: Transaction, programme_id: UUID) -> list[Member]:
    """The people of a programme, by name."""
    found = await functions.rows(tx.connection, "list_members", programme_id)
    return [Member(**{**row, "roles": as_roles(row["roles"])}) for row in found]


async def names(tx: Transaction, programme_id: UUID, accounts: Iterable[UUID]) -> Mapping[UUID, str]:
    """Account → name, for those who are members of the programme."""
    found = await functions.rows(tx.connection, "names_of", programme_id, list(accounts))
    return {row["account_id"]: row["name"] for row in found}


@dataclass(frozen=True, slots=True)
class Contact:
    """How to write to a person, and in which language."""

    name: str
    email: str
    language: str


async def contact(tx: Transaction, programme_id: UUID, account_id: UUID) -> Contact | None:
    """How to write to one of the programme's people; None where they are none of them."""
    found = await functions.row(tx.connection, "contact_of_member", programme_id, account_id)
    return Contact(**found) if found else None


async def roles_in(tx: Transaction, programme_id: UUID, account_id: UUID) -> frozenset[Role]:
    """The roles of an account in a programme."""
    return as_roles(await functions.value(tx.connection, "roles_in", programme_id, account_id))


async def grant(tx: Transaction, by: Principal | None, programme_id: UUID, account_id: UUID, *roles: Role) -> None:
    """Give an account further roles in a programme."""
    await functions.value(tx.connection, "hold_programme", programme_id)
    await set_roles(tx, by, programme_id, account_id, await roles_in(tx, programme_id, account_id) | set(roles))


async def revoke(tx: Transaction, by: Principal | None, programme_id: UUID, account_id: UUID, *roles: Role) -> None:
    """Take roles from an account; without roles, all it has there. Raises `Conflict` for a programme's last owner."""
    await functions.value(tx.connection, "hold_programme", programme_id)
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


def as_roles(names: Iterable[str]) -> frozenset[Role]:
    """Roles by their names in the database."""
    return frozenset(Role(name) for name in names)
