"""Pages behind links of mails: choosing a new password, accepting an invitation. Opening one changes nothing: mail
scanners open links too. The link itself is the proof, so these pages are never cached and send no referrer."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from services.http.call import Call
from services.http.problems import Conflict, Problem, TooMany
from services.identity import commands, login, recovery
from services.identity.pages.entry import entered
from services.identity.pages.forms import ForgotForm, JoinForm, NewPasswordForm, again, visitor
from services.identity.roles import role_names
from services.pages.forms import Form


async def show_forgot(call: Call) -> web.StreamResponse:
    return call.page("identity/forgot.html", form=Form[ForgotForm].empty())


async def ask_reset(call: Call) -> web.StreamResponse:
    form = await call.form(ForgotForm)
    if form.value is None:
        return again(call, "identity/forgot.html", form)
    try:
        await recovery.request_reset(call.context, email=form.value.email, client=call.client, language=call.lang)
    except TooMany as problem:
        return again(call, "identity/forgot.html", form, problem)
    return call.redirect(call.link("forgot/sent"))


async def reset_asked(call: Call) -> web.StreamResponse:
    return call.page("identity/forgot_sent.html")


async def show_reset(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        found = await recovery.resetting(tx, call.path("token"))
    if found is None:
        return _spent(call)
    return _private(call, "identity/reset.html", form=Form[NewPasswordForm].empty(), email=found.email)


async def reset(call: Call) -> web.StreamResponse:
    form = await call.form(NewPasswordForm)
    async with call.transaction() as tx:
        found = await recovery.resetting(tx, call.path("token"))
    if found is None:
        return _spent(call)
    if form.value is None:
        return again(call, "identity/reset.html", form, email=found.email)
    try:
        await recovery.reset_password(call.context, call.path("token"), form.value.password)
    except Conflict:
        return _spent(call)
    except Problem as problem:
        return again(call, "identity/reset.html", form, problem, email=found.email)
    return call.redirect(call.link("login"), flash=call.translate("Your password is changed. Log in with the new one."))


async def show_invitation(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        offer = await commands.offer(tx, call.path("token"))
    return _invitation(call, offer, Form[JoinForm].empty())


async def accept_invitation(call: Call) -> web.StreamResponse:
    """Whoever is logged in takes it for their account. Nobody logged in: an address that has an account logs in
    first, any other makes one here; the link has proved that the address is theirs."""
    async with call.transaction() as tx:
        offer = await commands.offer(tx, call.path("token"))
    if offer is None:
        return _spent(call)
    if call.principal.account_id is not None:
        async with call.transaction() as tx:
            await commands.accept(tx, offer, call.principal.account_id)
        return call.redirect(f"/{call.lang}/console/{offer.programme_slug}", flash=_welcome(call, offer))
    if offer.account_id is not None:
        return _invitation(call, offer, Form[JoinForm].empty())
    form = await call.form(JoinForm)
    if form.value is None:
        return _invitation(call, offer, form)
    try:
        async with call.transaction() as tx:
            account_id = await commands.create_account(
                tx, email=offer.email, name=form.value.name, language=call.lang, password=form.value.password
            )
            await commands.accept(tx, offer, account_id)
            found = await login.welcome(call.context, tx, visitor(call), account_id)
    except Problem as problem:
        return again(call, "identity/invitation.html", form, problem, **_shown(call, offer))
    going = f"/{call.lang}/console/{offer.programme_slug}"
    return entered(call, found, going, flash=_welcome(call, offer))


def _invitation(call: Call, offer: commands.Offer | None, form: Form[JoinForm]) -> web.Response:
    if offer is None:
        return _spent(call)
    return _private(
        call, "identity/invitation.html", status=422 if form.errors else 200, form=form, **_shown(call, offer)
    )


def _shown(call: Call, offer: commands.Offer) -> dict[str, Any]:
    return {"offer": offer, "roles": role_names(offer.roles, call.translate), "token": call.path("token")}


def _welcome(call: Call, offer: commands.Offer) -> str:
    return call.translate("Welcome to {programme}.", programme=offer.programme_name)


def _spent(call: Call) -> web.Response:
    """The same page for a link that is used, past, taken back, or was never given."""
    return call.page("identity/link_spent.html", status=410)


def _private(call: Call, template: str, *, status: int = 200, **values: Any) -> web.Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return call.page(template, status=status, headers=headers, **values)
