"""Setting up the second factor and taking it away, and the recovery codes, which are shown once."""

from __future__ import annotations

from aiohttp import web

from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound, Problem, TooMany
from services.identity import audit, functions, mail, recovery, sessions, throttling, totp
from services.identity.pages.account import account_id
from services.identity.pages.forms import ConfirmForm, TypedCodeForm, again
from services.pages.forms import Form
from services.pages.languages import msgid

PRIVATE = {"Cache-Control": "no-store"}
NOT_THIS = msgid("This is not the code that the app shows now. Check that the phone's clock is right.")


async def show(call: Call) -> web.StreamResponse:
    """What stands: nothing yet, an enrolment that waits for its code, or a second factor."""
    own = account_id(call)
    async with call.transaction() as tx:
        account = await _account(tx, call)
        enrolment = await totp.started(tx, call.context.keys, own, account["email"])
    if enrolment is not None:
        return call.page(
            "identity/second_factor_confirm.html",
            headers=PRIVATE,
            form=Form[TypedCodeForm].empty(),
            enrolment=enrolment,
        )
    return call.page("identity/second_factor.html", form=Form[ConfirmForm].empty(), account=account)


async def start(call: Call) -> web.StreamResponse:
    own = account_id(call)
    form = await call.form(ConfirmForm)
    account = await _confirmed(call, form)
    if isinstance(account, web.Response):
        return account
    async with call.transaction() as tx:
        await totp.start(tx, call.context.keys, own, account["email"])
    return call.redirect(call.link("account/second-factor"))


async def confirm(call: Call) -> web.StreamResponse:
    """The app's first code: the second factor stands, this session goes on under a new token, all others end."""
    own, keys = account_id(call), call.context.keys
    form = await call.form(TypedCodeForm)
    door = throttling.account_door(keys, "code", str(own))
    async with call.transaction() as tx:
        account = await _account(tx, call)
        enrolment = await totp.started(tx, keys, own, account["email"])
        wait = await throttling.attempt(tx, [door])
    if enrolment is None:
        raise NotFound("second-factor")
    if form.value is None or wait:
        problem = TooMany(wait.total_seconds()) if wait else None
        return again(call, "identity/second_factor_confirm.html", form, problem, enrolment=enrolment)
    async with call.transaction() as tx:
        codes = await totp.confirm(tx, keys, own, form.value.code)
        if codes is not None:
            await throttling.succeeded(tx, door)
            token = await _renew_session(tx, call)
            await audit.record(tx, call, "second_factor.confirmed", f"account:{own}")
            await mail.notify(tx, own, "second_factor_added")
    if codes is None:
        form.fail("code", call.translate(NOT_THIS))
        return again(call, "identity/second_factor_confirm.html", form, enrolment=enrolment)
    response = call.page("identity/recovery_codes.html", headers=PRIVATE, codes=codes, fresh=True)
    sessions.set_cookie(response, token, secure=call.context.settings.secure)
    return response


async def renew_codes(call: Call) -> web.StreamResponse:
    own = account_id(call)
    form = await call.form(ConfirmForm)
    account = await _confirmed(call, form)
    if isinstance(account, web.Response):
        return account
    if account["second_factor_at"] is None:
        raise NotFound("second-factor")
    async with call.transaction() as tx:
        codes = await totp.renew_recovery_codes(tx, call.context.keys, own)
        await audit.record(tx, call, "recovery_codes.renewed", f"account:{own}")
    return call.page("identity/recovery_codes.html", headers=PRIVATE, codes=codes, fresh=False)


async def remove(call: Call) -> web.StreamResponse:
    own = account_id(call)
    form = await call.form(ConfirmForm)
    account = await _confirmed(call, form)
    if isinstance(account, web.Response):
        return account
    async with call.transaction() as tx:
        if not await totp.remove(tx, own):
            raise NotFound("second-factor")
        token = await _renew_session(tx, call)
        await audit.record(tx, call, "second_factor.removed", f"account:{own}")
        await mail.notify(tx, own, "second_factor_removed")
    said = call.translate("The second step is removed. From now on the password alone lets you in.")
    response = call.redirect(call.link("account/security"), flash=said)
    sessions.set_cookie(response, token, secure=call.context.settings.secure)
    return response


async def _renew_session(tx: Transaction, call: Call) -> str:
    assert call.principal.account_id is not None and call.principal.session_id is not None
    await sessions.end_others(tx, call.principal.account_id, call.principal.session_id, "credentials")
    return await sessions.rotate(tx, call.principal.session_id)


async def _account(tx: Transaction, call: Call) -> functions.Record:
    found = await functions.row(tx.connection, "find_account", account_id(call))
    if found is None:
        raise NotFound("account")
    return found


async def _confirmed(call: Call, form: Form[ConfirmForm]) -> functions.Record | web.Response:
    """The account, once the password was typed right; else the page again."""
    problem: Problem | None = None
    if form.value is not None:
        try:
            return await recovery.confirm_password(call.context, call.principal, form.value.current)
        except Problem as refused:
            problem = refused
    async with call.transaction() as tx:
        account = await _account(tx, call)
    return again(call, "identity/second_factor.html", form, problem, account=account)
