"""Identity for programs: who am I, the people of a programme, its invitations, tokens and audit. Thin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from services.http.call import Call
from services.http.pagination import Cursor, Page, Paging
from services.http.problems import NotFound
from services.identity import audit, commands, tokens
from services.identity.pages.forms import identifier
from services.routes import Role


class Membership(BaseModel):
    programme: str
    """The programme's slug."""
    name: str
    roles: list[Role]


class Me(BaseModel):
    kind: str
    name: str
    operator: bool
    scopes: list[str]
    programmes: list[Membership]


class Person(BaseModel):
    account_id: UUID
    name: str
    email: str
    roles: list[Role]
    second_factor: bool
    used_at: datetime | None


class People(BaseModel):
    items: list[Person]


class Roles(BaseModel):
    roles: list[Role] = Field(min_length=1)


class Invite(BaseModel):
    email: EmailStr
    roles: list[Role] = Field(min_length=1)
    language: str = Field(pattern="^[a-z]{2}$")


class Invitation(BaseModel):
    id: UUID
    email: str
    roles: list[Role]
    language: str
    created_at: datetime
    expires_at: datetime
    mail: str


class Invitations(BaseModel):
    items: list[Invitation]


class TokenShown(BaseModel):
    """A token without its secret, which is seen only once, on the page where it is made."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    prefix: str
    account_id: UUID
    account_name: str
    roles: list[Role]
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class Tokens(BaseModel):
    items: list[TokenShown]


class Entry(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str
    account_id: UUID | None
    account_name: str | None
    token_name: str | None
    action: str
    subject: str
    subject_name: str | None
    details: dict[str, Any]


async def me(call: Call) -> web.StreamResponse:
    principal = call.principal
    assert principal.account_id is not None
    async with call.transaction() as tx:
        found = await commands.programmes_of(tx, principal.account_id)
    # A token is of one programme, with fewer roles than its account perhaps.
    held = [(one, principal.roles_in(one.id)) for one in found]
    return call.json(
        Me(
            kind=principal.kind,
            name=principal.name,
            operator=principal.operator,
            scopes=sorted(principal.scopes),
            programmes=[Membership(programme=one.slug, name=one.name, roles=_ordered(r)) for one, r in held if r],
        )
    )


async def revoke_self(call: Call) -> web.StreamResponse:
    """A program that fears for its token can end it."""
    principal = call.principal
    if principal.token_id is None:
        raise NotFound("token")
    async with call.transaction() as tx:
        await tokens.revoke(tx, principal, principal.token_id, account_id=principal.account_id)
    return web.Response(status=204)


async def people(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        found = await commands.members(tx, call.programme.id)
    return call.json(People(items=[_person(one) for one in found]))


async def set_roles(call: Call) -> web.StreamResponse:
    account_id = identifier(call, "account", "person")
    async with call.transaction() as tx:
        if not await commands.roles_in(tx, call.programme.id, account_id):
            raise NotFound("person")
        await commands.set_roles(tx, call.principal, call.programme.id, account_id, call.body.roles)
        found = await commands.members(tx, call.programme.id)
    return call.json(next(_person(one) for one in found if one.account_id == account_id))


async def remove(call: Call) -> web.StreamResponse:
    account_id = identifier(call, "account", "person")
    async with call.transaction() as tx:
        if not await commands.roles_in(tx, call.programme.id, account_id):
            raise NotFound("person")
        await commands.revoke(tx, call.principal, call.programme.id, account_id)
    return web.Response(status=204)


async def invitations(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        found = await commands.invitations(tx, call.programme.id)
    return call.json(Invitations(items=[_invitation(one) for one in found]))


async def invite(call: Call) -> web.StreamResponse:
    asked: Invite = call.body
    async with call.transaction() as tx:
        invitation_id = await commands.invite(
            tx,
            call.context.keys,
            call.principal,
            call.programme.id,
            email=asked.email,
            roles=asked.roles,
            language=asked.language,
        )
        found = await commands.invitations(tx, call.programme.id)
    made = next(one for one in found if one.id == invitation_id)
    return call.json(_invitation(made), status=201)


async def withdraw(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        await commands.withdraw(tx, call.principal, call.programme.id, identifier(call, "invitation", "invitation"))
    return web.Response(status=204)


async def list_tokens(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        found = await tokens.listed(tx, programme_id=call.programme.id)
    return call.json(Tokens(items=[TokenShown.model_validate(one) for one in found]))


async def revoke_token(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        await tokens.revoke(tx, call.principal, identifier(call, "token", "token"), programme_id=call.programme.id)
    return web.Response(status=204)


async def history(call: Call) -> web.StreamResponse:
    asked: Paging = call.query
    before = audit.place(Cursor.read(asked.after, "at", "id"))
    async with call.transaction() as tx:
        found = await audit.listed(tx, call.programme.id, asked.limit + 1, before)
    return call.json(Page[Entry].of(found, asked.limit, audit.after, Entry.model_validate))


def _person(one: commands.Member) -> Person:
    return Person(
        account_id=one.account_id,
        name=one.name,
        email=one.email,
        roles=_ordered(one.roles),
        second_factor=one.second_factor,
        used_at=one.used_at,
    )


def _invitation(one: commands.OpenInvitation) -> Invitation:
    return Invitation(
        id=one.id,
        email=one.email,
        roles=_ordered(one.roles),
        language=one.language,
        created_at=one.created_at,
        expires_at=one.expires_at,
        mail=one.mail,
    )


def _ordered(roles: Iterable[Role]) -> list[Role]:
    held = set(roles)
    return [role for role in Role if role in held]
