"""The page on which an organiser writes to those who were chosen from a list."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from notifications import choosing, messages
from notifications.channels.email.transport import TransportError, Unknown
from notifications.messages import MessageForm
from services import sql
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.ids import new_id
from services.pages import formats
from services.pages.forms import Form
from services.pages.languages import LANGUAGES, msgid

queries = sql.load(__package__)
PRIVATE = {"Cache-Control": "no-store"}
NAMED = 100
LOOKS, PAUSE = 8, 0.25
"""How often, and seconds between, a choice that is not here yet is looked for before the page says so."""
HALF = msgid("Write both a subject and a text in this language, or neither.")
NOTHING = msgid("Write a subject and a text in at least one language.")


async def show(call: Call) -> StreamResponse:
    """GET ?selection=: who gets it, who is left out and why, and the form."""
    selection = _id(call.request.query.get("selection", ""))
    empty = {"selection": selection, "attempt": new_id(call.context.clock.now())}
    return await _page(call, selection, Form.empty(empty))


async def send(call: Call) -> StreamResponse:
    """POST: a test to oneself (`do=test`), or plan it for everyone; the same form sent twice is one message."""
    form = await call.form(MessageForm)
    said = form.value
    selection = said.selection if said is not None else _id(form.get("selection"))
    if said is not None:
        subjects, texts = said.subjects(), said.texts()
        for lang in subjects.keys() ^ texts.keys():
            form.fail(f"{'text' if lang in subjects else 'subject'}.{lang}", call.translate(HALF))
        if not subjects and not texts:
            form.fail("subject", call.translate(NOTHING))
    if said is None or form.value is None:
        return await _page(call, selection, form, status=422)
    if form.get("do") == "test":
        return await _try(call, said, form)
    async with call.transaction() as tx:
        known = await queries.selection_known(tx.connection, selection_id=selection, moment=tx.moment)
        if known is None or not known["complete"] or known["time_zone"] is None:
            return await _page(call, selection, form, status=409)
        wrong = messages.flaw(said, known["time_zone"], tx.moment, known["event_ends_at"])
        if wrong is not None:
            form.fail(wrong[0], call.translate(wrong[1]))
            return await _page(call, selection, form, status=422)
        due_at = messages.due(said.at, known["time_zone"], tx.moment)
        message, new = await messages.plan(tx, call, said, known["event_id"], due_at)
        if new:
            counts = {"planned": message["planned"], "left_out": message["left_out"]}
            await audit.record(tx, call, "message.planned", f"message:{message['id']}", **counts)
    when = formats.moment(message["due_at"], call.lang, known["time_zone"])
    sentence = call.translate.plural(
        "{count} message is planned, and goes out {when}.",
        "{count} messages are planned, and go out {when}.",
        message["planned"],
        when=when,
    )
    return call.redirect(call.console(f"deliveries/-/messages/{message['id']}"), flash=sentence)


async def _try(call: Call, said: MessageForm, form: Form[MessageForm]) -> StreamResponse:
    async with call.transaction() as tx:
        rows = await queries.chosen_bookings(tx.connection, selection_id=said.selection)
    first = next((one.row["booking_id"] for one in choosing.judged(rows) if one.left_out is None), None)
    lang = call.lang if call.lang in said.subjects() else next(iter(said.subjects()))
    try:
        if first is None:
            raise LookupError("nobody to try it with")
        await messages.try_on_me(call.context, call, said, first, lang)
    except (TransportError, Unknown, LookupError):
        return await _page(call, said.selection, form, tried="failed", status=409)
    return await _page(call, said.selection, form, tried="sent")


async def _page(call: Call, selection: UUID, form: Form[Any], *, tried: str = "", status: int = 200) -> StreamResponse:
    for _ in range(LOOKS):
        async with call.transaction() as tx:
            known = await queries.selection_known(tx.connection, selection_id=selection, moment=tx.moment)
            rows = await queries.chosen_bookings(tx.connection, selection_id=selection) if known else []
        if known is not None and known["complete"]:
            break
        await asyncio.sleep(PAUSE)  # it was chosen a moment ago, and is on its way here
    chosen = choosing.judged(rows)
    left_out = [one for one in chosen if one.left_out is not None]
    languages = Counter(one.row["language"] for one in chosen if one.left_out is None)
    return call.page(
        "notifications/compose.html",
        status=status,
        form=form,
        known=known,
        recipients=len(chosen) - len(left_out),
        spoken=[(lang, languages[lang]) for lang in LANGUAGES if languages[lang]],
        written=LANGUAGES,
        left_out=left_out[:NAMED],
        reasons=Counter(one.left_out for one in left_out),
        tried=tried,
        headers=PRIVATE,
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("selection") from None
