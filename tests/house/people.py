"""People of a test: accounts with roles in a programme, signed in as a browser would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.identity import access, commands, sessions, tokens
from services.identity.principal import Principal
from services.ids import new_id
from services.process import Running
from services.registry import installed
from services.routes import Role

PASSWORD = "vind over blanke skjær"


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in account: what a browser keeps of it."""

    account_id: UUID
    cookies: dict[str, str]
    csrf: str


async def found_programme(house: Running, slug: str) -> UUID:
    """A programme known to identity alone: enough to have roles in."""
    async with house.contexts["identity"].database.transaction(None) as tx:
        programme_id = new_id(tx.moment)
        await commands.register_programme(
            tx, programme_id, slug=slug, name=slug.title(), language="nb", status="published"
        )
    return programme_id


async def sign_in(house: Running, name: str, programme_id: UUID | None, *roles: Role, operator: bool = False) -> Person:
    """Make an account with these roles and open a session for it."""
    context = house.contexts["identity"]
    async with context.database.transaction(None) as tx:
        account_id = await commands.create_account(
            tx, email=f"{name}@blest.example", name=name.title(), language="nb", password=PASSWORD, operator=operator
        )
        if programme_id is not None:
            await commands.grant(tx, None, programme_id, account_id, *roles)
        token = await sessions.begin(tx, account_id, "test")
    principal = await access.session(context, token)
    return Person(account_id, {sessions.cookie_name(context.settings.secure): token}, principal.csrf)


async def token_of(house: Running, person: Person, programme_id: UUID, *roles: Role, scopes: tuple[str, ...]) -> str:
    """An API token of this account, for an hour."""
    async with house.contexts["identity"].database.transaction(None) as tx:
        return await tokens.create(
            tx,
            Principal(kind="account", account_id=person.account_id),
            programme_id,
            name="walk",
            roles=roles,
            scopes=scopes,
            services=[service.name for service in installed()],
            expires_at=tx.moment + timedelta(hours=1),
        )


async def sign_in_again(house: Running, person: Person) -> Person:
    """The same account in a new session: the old one ended while the clock moved."""
    context = house.contexts["identity"]
    async with context.database.transaction(None) as tx:
        token = await sessions.begin(tx, person.account_id, "test")
    principal = await access.session(context, token)
    return Person(person.account_id, {sessions.cookie_name(context.settings.secure): token}, principal.csrf)


def quick_hashes(monkeypatch: Any) -> None:
    """The least that argon2 takes: what is tested is what is done with a hash, not how hard it is."""
    from services.identity import passwords

    quick = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "BLANK", passwords._blank())
