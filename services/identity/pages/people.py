"""The people of a programme: who they are and what they may do, invitations, and what was done by whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from services.http.call import Call
from services.http.pagination import Cursor
from services.http.problems import NotFound, Problem
from services.identity import audit, commands, tokens
from services.identity.audit_words import halves
from services.identity.pages.api_tokens import reach_of
from services.identity.pages.forms import InviteForm, RolesForm, again, identifier
from services.identity.roles import role_names, role_options
from services.pages.flash import leave
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, Translate
from services.registry import installed
from services.routes import Role

PER_PAGE = 50


async def show(call: Call) -> web.StreamResponse:
    """Everyone with a role may see who the others are; addresses and invitations are for owners."""
    owner = call.has_role()
    async with call.transaction() as tx:
        members = await commands.members(tx, call.programme.id)
        invitations = await commands.invitations(tx, call.programme.id) if owner else []
    return call.page(
        "identity/people.html",
        owner=owner,
        members=[(one if owner else replace(one, email=""), role_names(one.roles, call.translate)) for one in members],
        invitations=[(one, role_names(one.roles, call.translate)) for one in invitations],
        now=call.context.clock.now(),
    )


async def show_invite(call: Call) -> web.StreamResponse:
    form = Form[InviteForm].empty({"language": call.programme.language})
    return again(call, "identity/invite.html", form, **_choices(call))


async def invite(call: Call) -> web.StreamResponse:
    form = await call.form(InviteForm)
    if form.value is None:
        return again(call, "identity/invite.html", form, **_choices(call))
    wanted = form.value
    try:
        async with call.transaction() as tx:
            await commands.invite(
                tx,
                call.context.keys,
                call.principal,
                call.programme.id,
                email=wanted.email,
                roles=wanted.roles,
                language=wanted.language,
            )
    except Problem as problem:
        return again(call, "identity/invite.html", form, problem, **_choices(call))
    said = call.translate("The invitation is on its way to {email}.", email=wanted.email)
    return call.redirect(call.console("people"), flash=said)


async def send_again(call: Call) -> web.StreamResponse:
    """The same invitation anew: a new link and two more weeks; the older link is worthless."""
    invitation_id = identifier(call, "invitation", "invitation")
    async with call.transaction() as tx:
        found = [one for one in await commands.invitations(tx, call.programme.id) if one.id == invitation_id]
        if not found:
            raise NotFound("invitation")
        one = found[0]
        await commands.invite(
            tx,
            call.context.keys,
            call.principal,
            call.programme.id,
            email=one.email,
            roles=one.roles,
            language=one.language,
        )
    said = call.translate("The invitation is on its way to {email}.", email=one.email)
    return call.redirect(call.console("people"), flash=said)


async def withdraw(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        await commands.withdraw(tx, call.principal, call.programme.id, identifier(call, "invitation", "invitation"))
    return call.redirect(call.console("people"), flash=call.translate("The invitation is taken back."))


async def show_person(call: Call) -> web.StreamResponse:
    member = await _member(call)
    form = Form[RolesForm].empty({"roles": [role.value for role in member.roles]})
    return again(call, "identity/person.html", form, member=member, roles=role_options(call.translate))


async def change_roles(call: Call) -> web.StreamResponse:
    member = await _member(call)
    form = await call.form(RolesForm)
    shown: dict[str, Any] = {"member": member, "roles": role_options(call.translate)}
    if form.value is None:
        return again(call, "identity/person.html", form, **shown)
    try:
        async with call.transaction() as tx:
            await commands.set_roles(tx, call.principal, call.programme.id, member.account_id, form.value.roles)
    except Problem as problem:
        return again(call, "identity/person.html", form, problem, **shown)
    said = call.translate("{name}'s roles are changed.", name=member.name)
    return call.redirect(_after(call, member, form.value.roles), flash=said)


async def remove(call: Call) -> web.StreamResponse:
    member = await _member(call)
    try:
        async with call.transaction() as tx:
            await commands.revoke(tx, call.principal, call.programme.id, member.account_id)
    except Problem as problem:
        response = call.redirect(call.console("people"))
        leave(response, problem.said(call.translate)[1], call.context.settings.secure, "warning")
        return response
    said = call.translate("{name} no longer takes part.", name=member.name)
    return call.redirect(_after(call, member, []), flash=said)


async def show_tokens(call: Call) -> web.StreamResponse:
    """Which programs have access to the programme, whoever let them in."""
    async with call.transaction() as tx:
        found = await tokens.listed(tx, programme_id=call.programme.id)
    shown = [(one, role_names(one.roles, call.translate), reach_of(one, call.translate)) for one in found]
    return call.page("identity/programme_tokens.html", tokens=shown, now=call.context.clock.now())


async def revoke_token(call: Call) -> web.StreamResponse:
    token_id = identifier(call, "token", "token")
    async with call.transaction() as tx:
        await tokens.revoke(tx, call.principal, token_id, programme_id=call.programme.id)
    said = call.translate("The token is worthless from now on.")
    return call.redirect(call.console("people/tokens"), flash=said)


async def show_history(call: Call) -> web.StreamResponse:
    """The programme's audit, the newest first."""
    before = audit.place(Cursor.read(call.request.query.get("after"), "at", "id"))
    async with call.transaction() as tx:
        found = await audit.listed(tx, call.programme.id, PER_PAGE + 1, before)
    shown = found[:PER_PAGE]
    more = audit.after(shown[-1]).text if len(found) > PER_PAGE else ""
    return call.page(
        "identity/history.html",
        entries=[(*told(one, call.translate), page_of(one, call)) for one in shown],
        next_href=call.console(f"people/history?after={more}") if more else "",
    )


def told(entry: audit.Entry, translate: Translate) -> tuple[audit.Entry, str, str, str]:
    """An entry with its action, its details and the kind of thing it is about, in words."""
    kind = entry.subject.partition(":")[0].replace("_", " ")
    return entry, action_name(entry.action, translate), details_of(entry, translate), translate.context("audit", kind)


def page_of(entry: audit.Entry, call: Call) -> str | None:
    """Where the console shows what an entry is about, as its service declares; None where nothing does."""
    kind, _, identity = entry.subject.partition(":")
    page = next((service.subjects[kind] for service in installed() if kind in service.subjects), None)
    return call.console(page.format(id=identity)) if page else None


def action_name(action: str, translate: Translate) -> str:
    """`event.rules_changed` as `event: rules changed`; catalogues give both halves in the context `audit`."""
    return ": ".join(translate.context("audit", half) for half in halves(action))


def details_of(entry: audit.Entry, translate: Translate) -> str:
    """What an entry adds, on one line; role names as people know them, the rest as it was noted."""
    said = []
    for name, value in entry.details.items():
        if name == "roles":
            said.append(role_names(value, translate) or translate("no roles"))
        else:
            values = value if isinstance(value, list) else [value]
            said.append(f"{name.replace('_', ' ')}: {', '.join(str(one) for one in values)}")
    return "; ".join(said)


def _after(call: Call, member: commands.Member, roles: list[Role]) -> str:
    """Back to the list, unless one has just taken oneself off it."""
    if member.account_id == call.principal.account_id and Role.OWNER not in roles:
        return call.console() if roles else call.link("account")
    return call.console("people")


async def _member(call: Call) -> commands.Member:
    account_id = identifier(call, "account", "person")
    async with call.transaction() as tx:
        found = [one for one in await commands.members(tx, call.programme.id) if one.account_id == account_id]
    if not found:
        raise NotFound("person")
    return found[0]


def _choices(call: Call) -> dict[str, Any]:
    return {
        "roles": role_options(call.translate),
        "languages_offered": [(one, ENDONYMS[one]) for one in LANGUAGES],
    }
