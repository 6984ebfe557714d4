"""Running a command for a page or the API: what it refuses is said beside the field, or as a problem of its own."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from aiohttp import web

from events.access import Command
from events.commands import series
from events.commands.events import NotReady
from events.commands.locks import NotThere
from events.domain.refusal import AttemptUsed, Refusal
from events.domain.series_inputs import SeriesInput
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Conflict, FieldError, Invalid, NotFound
from services.identity import audit
from services.pages import flash, formats
from services.pages.forms import Form
from services.pages.languages import Translate

T = TypeVar("T")


def said(refused: Refusal, translate: Translate) -> str:
    """Why a command said no, in the reader's language; days as people there write them."""
    values = {
        name: formats.day(value, translate.lang) if isinstance(value, date) else value
        for name, value in refused.values.items()
    }
    return translate(refused.sentence, **values)


async def attempt(call: Call, form: Form[Any], action: str, subject: str, command: Command) -> Any:
    """Run a command in one transaction with its line in the audit; returns what it returns.

    None where it refuses: the form then holds the errors and nothing was stored.
    """
    try:
        return await run(call, action, subject, command)
    except NotReady as refused:
        for item in refused.items:
            form.fail(item.field, call.translate("Missing: {what}", what=call.translate(item.sentence)))
    except NotThere as refused:
        raise NotFound(refused.what) from None
    except Refusal as refused:
        form.fail(refused.field or "form", said(refused, call.translate))
    return None


async def act(call: Call, action: str, subject: str, command: Command, back: str, done: str) -> web.Response:
    """Run the command of a single button and go back; `done` (a msgid) is said there, or why it was refused."""
    try:
        await run(call, action, subject, command)
    except NotThere as refused:
        raise NotFound(refused.what) from None
    except Refusal as refused:
        answer = call.redirect(back)
        sentence = said(refused, call.translate)
        flash.leave(answer, sentence, secure=call.context.settings.secure, tone="warning")
        return answer
    return call.redirect(back, flash=call.translate(done))


async def run(call: Call, action: str, subject: str, command: Command) -> Any:
    """Run a command in one transaction, with its line in the audit (none where `action` is empty, as it only looks).

    `subject` is `<thing>:<id>`; of something new, the id of what was made.
    """
    async with call.transaction() as tx:
        made = await command(tx)
        kind = subject.partition(":")[0]
        identifier = getattr(made, f"{kind}_id", None)
        if action:
            await audit.record(tx, call, action, f"{kind}:{identifier}" if identifier else subject)
        return made


async def make_series(tx: Transaction, call: Call, event_id: UUID, given: SeriesInput) -> series.Series:
    """The command for several dates, with a line in the audit for each that is new."""
    made = await series.make_series(tx, event_id, given)
    for one in made.events if made.new else ():
        await audit.record(tx, call, "event.copied", f"event:{one.event_id}")
        if given.publish:
            await audit.record(tx, call, "event.published", f"event:{one.event_id}")
    return made


async def answer(call: Call, action: str, subject: str, command: Command) -> Any:
    """Run a command for the API: raises `NotFound`, `Invalid` naming the fields, or `Conflict` with its code."""
    try:
        return await run(call, action, subject, command)
    except NotReady as refused:
        fields = tuple(FieldError(item.field, item.sentence, item.code) for item in refused.items)
        raise Invalid(fields, status=409) from None
    except NotThere as refused:
        raise NotFound(refused.what) from None
    except Refusal as refused:
        if refused.field is None:
            raise Conflict(refused.code, refused.sentence, **refused.values) from None
        field = FieldError(refused.field, said(refused, call.translate), refused.code)
        if isinstance(refused, AttemptUsed):
            raise Conflict(refused.code, refused.sentence, fields=(field,)) from None
        raise Invalid((field,)) from None
