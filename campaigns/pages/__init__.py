"""HTML pages of the console: `campaigns` with their ledgers, and their `placements`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel

from services import sql
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Conflict, Invalid
from services.pages.forms import Form

queries = sql.load("campaigns")

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


async def attempt(
    call: Call, form: Form[M], command: Callable[[Transaction, M], Awaitable[T]], *, conflict: str = "form"
) -> T | None:
    """Run a command with what was typed, in a transaction of its own; None where the form or the command refused it:
    then the form holds what is wrong, and nothing is stored. A Conflict is said at the input called `conflict`."""
    if form.value is None:
        return None
    try:
        async with call.transaction() as tx:
            return await command(tx, form.value)
    except Invalid as refused:
        for one in refused.fields:
            form.fail(one.field, call.translate(one.sentence))
    except Conflict as refused:
        form.fail(conflict, refused.said(call.translate)[1])
    return None
