"""The way in and out: log in, with a second step where one is set up; log out; set up the first account."""

from __future__ import annotations

import asyncio
import hmac

from aiohttp import web

from services.http.call import Call
from services.http.guard import safe_path
from services.http.problems import Invalid, NotFound, Problem, TooMany
from services.identity import commands, functions, login, sessions, throttling
from services.identity.pages.forms import CodeForm, LoginForm, SetupForm, again, visitor
from services.keys import SecretMissing
from services.pages.flash import leave
from services.pages.forms import Form
from services.pages.languages import LANGUAGES, msgid

SETUP_CODE = "setup-code"
"""The secret's name: `blest run` makes it, and prints it while nobody has an account."""
UNKNOWN = msgid("This address and this password do not belong together.")
WRONG_CODE = msgid("This code is wrong, or has been used. Wait for the next one.")
TOO_LATE = msgid("That took too long. Log in again.")
WRONG_SETUP_CODE = msgid("This is not the code that was shown when Blest was started.")


async def show_login(call: Call) -> web.StreamResponse:
    going = safe_path(call.request.query.get("next", ""))
    if call.principal.kind == "account":
        return call.redirect(going or call.link("console"))
    return call.page("identity/login.html", form=None, going=going, fresh=await _nobody_yet(call))


async def log_in(call: Call) -> web.StreamResponse:
    form = await call.form(LoginForm)
    going = safe_path(form.get("next"))
    if form.value is None:
        return again(call, "identity/login.html", form, going=going, fresh=False)
    try:
        found = await login.with_password(
            call.context, visitor(call), email=form.value.email, password=form.value.password
        )
    except TooMany as problem:
        return again(call, "identity/login.html", form, problem, going=going, fresh=False)
    if found is None:
        form.fail("form", call.translate(UNKNOWN))
        return call.form_page("identity/login.html", form, going=going, fresh=False)
    if isinstance(found, login.CodeWanted):
        return call.page("identity/login_code.html", form=Form[CodeForm].empty(), note=found.note, going=going)
    return entered(call, found, going)


async def give_code(call: Call) -> web.StreamResponse:
    form = await call.form(CodeForm)
    going, note = safe_path(form.get("next")), form.get("note")
    if form.value is None:
        return again(call, "identity/login_code.html", form, note=note, going=going)
    try:
        found = await login.with_code(call.context, visitor(call), note=note, code=form.value.code)
    except TooMany as problem:
        return again(call, "identity/login_code.html", form, problem, note=note, going=going)
    if found is None:
        fresh = Form[LoginForm].empty()
        fresh.fail("form", call.translate(TOO_LATE))
        return call.form_page("identity/login.html", fresh, going=going, fresh=False)
    if isinstance(found, login.CodeWanted):
        form.fail("code", call.translate(WRONG_CODE))
        return call.form_page("identity/login_code.html", form, note=note, going=going)
    return entered(call, found, going)


def entered(call: Call, found: login.Entered, going: str = "", flash: str | None = None) -> web.Response:
    """To where they were going, else to the console in the account's own language, with the new session's cookie."""
    lang = found.language if found.language in LANGUAGES else call.lang
    response = call.redirect(going or f"/{lang}/console", flash=flash)
    sessions.set_cookie(response, found.token, secure=call.context.settings.secure)
    sessions.set_device_cookie(response, found.device, secure=call.context.settings.secure)
    return response


async def log_out(call: Call) -> web.StreamResponse:
    if call.principal.account_id is not None and call.principal.session_id is not None:
        async with call.transaction() as tx:
            await sessions.end(tx, call.principal.account_id, call.principal.session_id, "logout")
    response = call.redirect(call.link("login"))
    leave(response, call.translate("You are logged out."), call.context.settings.secure)
    sessions.drop_cookie(response, secure=call.context.settings.secure)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def show_setup(call: Call) -> web.StreamResponse:
    if not await _nobody_yet(call):
        raise NotFound("page")
    return call.page("identity/setup.html", form=Form[SetupForm].empty(), possible=bool(await _setup_code(call)))


async def set_up(call: Call) -> web.StreamResponse:
    """The first account, which runs the installation: for whoever read the code where Blest was started, and only while
    there is no account at all."""
    wanted = await _setup_code(call)
    if not wanted or not await _nobody_yet(call):
        raise NotFound("page")
    form = await call.form(SetupForm)
    if form.value is None:
        return again(call, "identity/setup.html", form, possible=True)
    try:
        await _compare(call, form.value.setup_code, wanted)
        async with call.transaction() as tx:
            account_id = await commands.create_account(
                tx,
                email=form.value.email,
                name=form.value.name,
                language=call.lang,
                password=form.value.password,
                operator=True,
                first=True,
            )
            found = await login.welcome(call.context, tx, visitor(call), account_id)
    except Problem as problem:
        return again(call, "identity/setup.html", form, problem, possible=True)
    return entered(call, found, flash=call.translate("Welcome. Blest is yours to set up."))


async def _nobody_yet(call: Call) -> bool:
    async with call.transaction() as tx:
        return int(await functions.value(tx.connection, "count_accounts")) == 0


async def _setup_code(call: Call) -> str:
    """The code from the secrets; empty where this process was given none."""
    try:
        return await asyncio.to_thread(call.context.keys.secret, SETUP_CODE)
    except SecretMissing:
        return ""


async def _compare(call: Call, typed: str, wanted: str) -> None:
    """Raises `Invalid` for another code, `TooMany` after too many; case, spaces and hyphens do not count."""
    door = throttling.address_door(call.context.keys, "setup", call.client, free=5)
    async with call.transaction() as tx:
        wait = await throttling.attempt(tx, [door])
    if wait:
        raise TooMany(wait.total_seconds())
    given, right = ("".join(text.split()).replace("-", "").lower() for text in (typed, wanted))
    if not hmac.compare_digest(given.encode(), right.encode()):
        raise Invalid({"setup_code": WRONG_SETUP_CODE})
