"""One's own account: name and language, programmes, password, open sessions, and erasing it all."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from services.http.call import Call
from services.http.problems import NotFound, Problem
from services.identity import audit, commands, functions, recovery, sessions
from services.identity.pages.forms import ChangePasswordForm, ConfirmForm, ProfileForm, again, identifier
from services.identity.roles import role_names
from services.pages.flash import leave
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid

CHOOSE = msgid("Choose one of the options.")


def account_id(call: Call) -> UUID:
    """The caller's own account. Account pages are for people: an API token has no business here."""
    if call.principal.kind != "account" or call.principal.account_id is None:
        raise NotFound("account")
    return call.principal.account_id


async def show(call: Call) -> web.StreamResponse:
    return await _profile(call, None)


async def save(call: Call) -> web.StreamResponse:
    own = account_id(call)
    form = await call.form(ProfileForm)
    if form.value is not None and form.value.language not in LANGUAGES:
        form.fail("language", call.translate(CHOOSE))
    if form.value is None:
        return await _profile(call, form)
    async with call.transaction() as tx:
        await functions.value(tx.connection, "change_profile", own, form.value.name, form.value.language)
    return call.redirect(f"/{form.value.language}/account", flash=call.translate("Saved."))


async def leave_programme(call: Call) -> web.StreamResponse:
    """Give up all one's roles in a programme; its last owner cannot."""
    own, programme_id = account_id(call), identifier(call, "id", "programme")
    try:
        async with call.transaction() as tx:
            await commands.revoke(tx, call.principal, programme_id, own)
    except Problem as problem:
        response = call.redirect(call.link("account"))
        leave(response, problem.said(call.translate)[1], call.context.settings.secure, "warning")
        return response
    return call.redirect(call.link("account"), flash=call.translate("You have left the programme."))


async def show_security(call: Call) -> web.StreamResponse:
    return await _security(call, None)


async def change_password(call: Call) -> web.StreamResponse:
    account_id(call)
    form = await call.form(ChangePasswordForm)
    if form.value is None:
        return await _security(call, form)
    try:
        token = await recovery.change_password(
            call.context, call.principal, current=form.value.current, password=form.value.password
        )
    except Problem as problem:
        return await _security(call, form, problem)
    said = call.translate("Your password is changed, and you are logged out everywhere else.")
    response = call.redirect(call.link("account/security"), flash=said)
    sessions.set_cookie(response, token, secure=call.context.settings.secure)
    return response


async def end_session(call: Call) -> web.StreamResponse:
    own, session_id = account_id(call), identifier(call, "session", "session")
    async with call.transaction() as tx:
        if not await sessions.end(tx, own, session_id, "revoked"):
            raise NotFound("session")
        await audit.record(tx, call, "session.revoked", f"session:{session_id}")
    return call.redirect(call.link("account/security"), flash=call.translate("That session has ended."))


async def end_other_sessions(call: Call) -> web.StreamResponse:
    own = account_id(call)
    async with call.transaction() as tx:
        ended = await sessions.end_others(tx, own, call.principal.session_id, "revoked")
        await audit.record(tx, call, "session.others_revoked", f"account:{own}", ended=ended)
    return call.redirect(call.link("account/security"), flash=call.translate("You are logged out everywhere else."))


async def show_erase(call: Call) -> web.StreamResponse:
    return again(call, "identity/account_erase.html", Form[ConfirmForm].empty(), account=await _own(call))


async def erase(call: Call) -> web.StreamResponse:
    account = await _own(call)
    form = await call.form(ConfirmForm)
    if form.value is None:
        return again(call, "identity/account_erase.html", form, account=account)
    try:
        await recovery.confirm_password(call.context, call.principal, form.value.current)
        async with call.transaction() as tx:
            await commands.erase_account(tx, call.principal, account["id"])
    except Problem as problem:
        return again(call, "identity/account_erase.html", form, problem, account=account)
    response = call.redirect(call.link("login"), flash=call.translate("Your account is erased."))
    sessions.drop_cookie(response, secure=call.context.settings.secure)
    return response


async def _own(call: Call) -> functions.Record:
    async with call.transaction() as tx:
        account = await functions.row(tx.connection, "find_account", account_id(call))
    if account is None:
        raise NotFound("account")
    return account


async def _profile(call: Call, form: Form[ProfileForm] | None) -> web.Response:
    own = account_id(call)
    async with call.transaction() as tx:
        account = await functions.row(tx.connection, "find_account", own)
        programmes = await commands.programmes_of(tx, own)
    if account is None:
        raise NotFound("account")
    shown = form or Form[ProfileForm].empty({"name": account["name"], "language": account["language"]})
    return call.page(
        "identity/account.html",
        status=422 if shown.errors else 200,
        form=shown,
        account=account,
        programmes=[(one, role_names(one.roles, call.translate)) for one in programmes],
        languages_offered=[(one, ENDONYMS[one]) for one in LANGUAGES],
    )


async def _security(
    call: Call, form: Form[ChangePasswordForm] | None, problem: Problem | None = None
) -> web.StreamResponse:
    own = account_id(call)
    async with call.transaction() as tx:
        account = await functions.row(tx.connection, "find_account", own)
        opened = await sessions.listed(tx, own)
    return again(
        call,
        "identity/account_security.html",
        form or Form[ChangePasswordForm].empty(),
        problem,
        account=account,
        sessions=[(one, agent_name(one.agent, call)) for one in opened],
        current=call.principal.session_id,
    )


PRODUCTS = {
    "edge": "Edge",
    "opera": "Opera",
    "samsung": "Samsung Internet",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "android": "Android",
    "ios": "iOS",
    "windows": "Windows",
    "chromeos": "ChromeOS",
    "macos": "macOS",
    "linux": "Linux",
}


def agent_name(agent: str, call: Call) -> str:
    """`Firefox on Linux`, from the class that a session keeps."""
    browser, _, system = agent.partition("-")
    return call.translate(
        "{browser} on {system}",
        browser=PRODUCTS.get(browser) or call.translate("A browser"),
        system=PRODUCTS.get(system) or call.translate("another system"),
    )
