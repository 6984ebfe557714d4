"""HTML pages: `public` for visitors, `console` and `groups` for organisers, `operator` for the installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp.web import Response

from programmes.paths import Command
from services.http.call import Call
from services.http.problems import Conflict, Invalid
from services.identity import access
from services.pages import flash
from services.pages.forms import Form


async def attempt(call: Call, form: Form[Any], command: Command) -> bool:
    """Run a command in one transaction; what it refuses becomes errors of the form, and nothing is stored."""
    try:
        async with call.transaction() as tx:
            await command(tx)
    except Invalid as refused:
        for one in refused.fields:
            form.fail(one.field, call.translate(one.sentence))
        return False
    except Conflict as refused:
        form.fail("form", refused.said(call.translate)[1])
        return False
    await access.announce(call.context)
    return True


async def act(call: Call, command: Command, back: str, done: str) -> Response:
    """Run a command of a single button and go back; `done` is said there, or the sentence of what refused it."""
    try:
        async with call.transaction() as tx:
            await command(tx)
    except Conflict as refused:
        answer = call.redirect(back)
        sentence = refused.said(call.translate)[1]
        flash.leave(answer, sentence, secure=call.context.settings.secure, tone="warning")
        return answer
    await access.announce(call.context)
    return call.redirect(back, flash=call.translate(done))


def seen(form: Form[Any]) -> int:
    """The version that a button's form carries; 0, which fits nothing, where it carries none."""
    return form.value.version if form.value is not None else 0


def onward(call: Call) -> Callable[..., str]:
    """Makes addresses in the reader's language that pass the click token on: `onward("events", place="Troms")`."""
    via = call.request.query.get("via", "")[:200]

    def address(path: str, **values: str | None) -> str:
        query = {name: value for name, value in {**values, "via": via}.items() if value}
        return call.link(path) + (f"?{urlencode(query)}" if query else "")

    return address
