"""Who comes to the village: two programmes, accounts with their roles, tokens with their scopes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web

from services.context import Context
from services.http.call import Programme
from services.http.problems import Unauthorized
from services.identity.principal import GUEST, Principal
from services.routes import Role

HAVLANDET = Programme(UUID("01900000-0000-7000-8000-000000000001"), "havlandet", "Havlandet", "nb")
FJORDEN = Programme(UUID("01900000-0000-7000-8000-000000000002"), "fjorden", "Fjorden", "nb")
PROGRAMMES = {one.slug: one for one in (HAVLANDET, FJORDEN)}


def person(number: int, *held: Role, programme: Programme = HAVLANDET, **more: Any) -> Principal:
    return Principal(
        kind="account",
        account_id=UUID(int=number),
        session_id=UUID(int=1000 + number),
        name="Somebody",
        roles={programme.id: frozenset(held)} if held else {},
        csrf=f"csrf-{number}",
        **more,
    )


PEOPLE = {
    "owner": person(1, Role.OWNER),
    "organiser": person(2, Role.ORGANISER),
    "reader": person(3, Role.READER),
    "neighbour": person(4, Role.OWNER, programme=FJORDEN),
    "newcomer": person(5),
    "operator": person(6, operator=True),
}
TOKENS = {
    name: Principal(
        kind="token",
        account_id=UUID(int=2),
        token_id=UUID(int=2000 + number),
        roles={HAVLANDET.id: frozenset({Role.ORGANISER})},
        scopes=frozenset(scopes),
    )
    for number, (name, scopes) in enumerate(
        {"writes": {"events:write"}, "reads": {"read"}, "other": {"campaigns:write"}}.items()
    )
}


async def identify(context: Context, request: web.Request) -> Principal:
    header = request.headers.get("Authorization")
    if header is not None:
        found = TOKENS.get(header.removeprefix("Bearer "))
        if found is None:
            raise Unauthorized()
        return found
    return PEOPLE.get(request.cookies.get("who", ""), GUEST)


async def find_programme(context: Context, slug: str) -> Programme | None:
    return PROGRAMMES.get(slug)
