"""Who is asking, and about which programme: the first two questions of every request.

A session is looked up each time: one indexed read, and a revoked one is over at once everywhere. The directory of
programmes changes rarely and is asked always, so each process keeps what it found for a few seconds; the hint
`hints.identity` makes every process forget it when a programme changes.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from uuid import UUID

from aiohttp.web import Request

from services.context import Context
from services.identity import functions, sessions
from services.identity.principal import GUEST, Principal
from services.keys import token_hash
from services.routes import Role
from services.service import Hint

if TYPE_CHECKING:
    from services.http.call import Programme

HINT = "hints.identity"
REMEMBERED = 3.0
"""Seconds of real time for which a programme found is believed; what is not found is asked anew each time."""
MOST = 10_000
_DIRECTORY = "identity: programmes found"


async def identify(context: Context, request: Request) -> Principal:
    """The guest, account or API token behind a request. Raises `Unauthorized` for an Authorization header that is no
    live token; a cookie that has ended makes a guest."""
    if "Authorization" in request.headers:
        return await _token(context, request.headers["Authorization"])
    cookie = request.cookies.get(sessions.cookie_name(context.settings.secure))
    return await session(context, cookie) if cookie else GUEST


async def session(context: Context, cookie: str) -> Principal:
    """The account whose open session has this token, else a guest."""
    async with context.database.transaction(None) as tx:
        found = await functions.row(
            tx.connection, "find_session", token_hash(cookie), tx.moment, sessions.IDLE, sessions.ABSOLUTE
        )
    if found is None:
        return GUEST
    return Principal(
        kind="account",
        account_id=found["account_id"],
        session_id=found["session_id"],
        name=found["name"],
        language=found["language"],
        operator=found["operator"],
        roles=_roles(found["programmes"], found["roles"]),
        csrf=sessions.csrf(context.keys, found["session_id"], found["rotation"]),
    )


async def _token(context: Context, header: str) -> Principal:
    from services.http.problems import Unauthorized

    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorized()
    async with context.database.transaction(None) as tx:
        found = await functions.row(tx.connection, "find_token", token_hash(token), tx.moment)
    if found is None:
        raise Unauthorized()
    return Principal(
        kind="token",
        account_id=found["account_id"],
        token_id=found["token_id"],
        name=found["name"],
        language=found["language"],
        roles={found["programme_id"]: frozenset(Role(role) for role in found["roles"])},
        scopes=frozenset(found["scopes"]),
    )


def _roles(programmes: list[UUID], roles: list[str]) -> dict[UUID, frozenset[Role]]:
    found: dict[UUID, frozenset[Role]] = {}
    for programme_id, role in zip(programmes, roles, strict=True):
        found[programme_id] = found.get(programme_id, frozenset()) | {Role(role)}
    return found


async def find_programme(context: Context, slug: str) -> Programme | None:
    """The programme with this slug, as it was within the last few seconds; None where there is none."""
    from services.http.call import Programme

    known: dict[str, tuple[Programme, float]] = context.resources.setdefault(_DIRECTORY, {})
    remembered = known.get(slug)
    if remembered is not None and time.monotonic() - remembered[1] < REMEMBERED:
        return remembered[0]
    async with context.database.transaction(None) as tx:
        found = await functions.row(tx.connection, "find_programme", slug)
    if found is None:
        known.pop(slug, None)
        return None
    programme = Programme(found["id"], found["slug"], found["name"], found["language"])
    if len(known) >= MOST:
        known.clear()
    known[slug] = (programme, time.monotonic())
    return programme


async def announce(context: Context) -> None:
    """Call after the commit that changed the directory: all processes forget what they found. A lost hint costs
    seconds."""
    context.resources.pop(_DIRECTORY, None)
    await context.bus.hint(HINT, json.dumps({"forget": "programmes"}).encode())


async def forget(context: Context, data: bytes) -> None:
    """What a process does when it hears the hint."""
    context.resources.pop(_DIRECTORY, None)


HINTS = (Hint(HINT, forget),)
