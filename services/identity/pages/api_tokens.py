"""One's own API tokens: make one, seen this once; see which there are; revoke one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web

from services.http.call import Call
from services.http.problems import Problem
from services.identity import commands, tokens
from services.identity.pages.account import account_id
from services.identity.pages.forms import TokenForm, again, identifier
from services.identity.roles import role_names, role_options
from services.pages.forms import Form
from services.pages.languages import Translate
from services.registry import installed
from services.routes import Role


async def show(call: Call) -> web.StreamResponse:
    return again(call, "identity/account_tokens.html", _empty(), **await _shown(call))


async def create(call: Call) -> web.StreamResponse:
    account_id(call)
    form = await call.form(TokenForm)
    if form.value is None:
        return again(call, "identity/account_tokens.html", form, **await _shown(call))
    wanted = form.value
    try:
        async with call.transaction() as tx:
            token = await tokens.create(
                tx,
                call.principal,
                wanted.programme,
                name=wanted.name,
                roles=wanted.roles,
                scopes=[f"{one}:{wanted.reach}" for one in wanted.services] or [wanted.reach],
                services=_services(),
                expires_at=tx.moment + timedelta(days=wanted.days),
            )
    except Problem as problem:
        return again(call, "identity/account_tokens.html", form, problem, **await _shown(call))
    return call.page("identity/token_made.html", headers={"Cache-Control": "no-store"}, token=token, name=wanted.name)


async def revoke(call: Call) -> web.StreamResponse:
    own, token_id = account_id(call), identifier(call, "token", "token")
    async with call.transaction() as tx:
        await tokens.revoke(tx, call.principal, token_id, account_id=own)
    return call.redirect(call.link("account/tokens"), flash=call.translate("The token is worthless from now on."))


def _services() -> list[str]:
    """The services that a scope may name: those with an API."""
    return [one.name for one in installed() if any(route.is_api for route in one.routes)]


def reach_of(token: tokens.Token, translate: Translate) -> str:
    """What a token may do and, where it is not everything, in which services."""
    may = translate("Read and write") if any(one.endswith("write") for one in token.scopes) else translate("Read")
    only = sorted(one.partition(":")[0] for one in token.scopes if ":" in one)
    return f"{may}: {', '.join(only)}" if only else may


def _empty() -> Form[TokenForm]:
    return Form[TokenForm].empty({"reach": "read", "days": "90"})


async def _shown(call: Call) -> dict[str, Any]:
    own = account_id(call)
    async with call.transaction() as tx:
        found = await tokens.listed(tx, account_id=own)
        programmes = await commands.programmes_of(tx, own)
    held = {role for one in programmes for role in one.roles}
    offered = tuple(Role) if Role.OWNER in held else tuple(role for role in Role if role in held)
    return {
        "tokens": [(one, role_names(one.roles, call.translate), reach_of(one, call.translate)) for one in found],
        "programmes": [(str(one.id), one.name) for one in programmes],
        "roles": role_options(call.translate, offered, notes=False),
        "services": [(one, one, "") for one in _services()],
        "now": call.context.clock.now(),
    }
