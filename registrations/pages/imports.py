"""Bringing a list of people in: send the file, see what would become of every row, then book.

The file that was read is kept for an hour at most, fenced, and gone once it is carried out. The other way, to have it
sent again and known by its hash, keeps less, but then the file must be found and sent anew each time another column is
chosen: a browser does not fill in a file's field.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel

from registrations.commands.answers import questions_of
from registrations.domain.fates import Fate
from registrations.domain.questions import Question
from registrations.domain.retention import DRAFT_KEPT
from registrations.imports import answers, carrying, drafts, mapping
from registrations.imports.choices import Choice
from registrations.imports.drafts import chosen, draft_of, judge, lacking
from registrations.imports.judging import Row
from registrations.imports.sheets import LARGEST_FILE, MOST_ROWS, Unreadable
from registrations.pages import options
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.place_names import place_names
from registrations.sentences import BANDS, FATES, REASONS, UNLIKELY
from registrations.statements import queries
from services.http.call import Call
from services.http.numbers import number_below
from services.identity import people
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid

SHOWN = 20
ROWS_SHOWN = 500
LAST_ROW = 10**9
NO_FILE = msgid("Choose a file.")


class FileForm(BaseModel):
    """The file itself is read apart from the fields."""


async def show(call: Call) -> StreamResponse:
    """Where a file is sent, and who brought what in before."""
    return await _start(call, Form.empty())


async def send(call: Call) -> StreamResponse:
    """POST: read the file, and lead to what would become of it."""
    sent = [one for one in await call.files("file") if one.filename]
    form = await call.form(FileForm)
    if not sent:
        form.fail("file", call.translate(NO_FILE))
        return await _start(call, form, status=422)
    data = await asyncio.to_thread(sent[0].file.read)
    try:
        found = await asyncio.to_thread(drafts.read, data)
    except Unreadable as unreadable:
        form.fail("file", call.translate(unreadable.sentence, **unreadable.values))
        return await _start(call, form, status=422)
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        draft_id = await drafts.keep(tx, event["id"], call.principal.account_id, found)
    return call.redirect(_here(call, draft_id))


async def look(call: Call) -> StreamResponse:
    """GET: what would become of every row, as the choices in the address have it; or, once it is done, what did."""
    draft_id = from_path(call, "import_id", "import")
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        draft = await draft_of(tx, draft_id, event["id"])
        questions = await questions_of(tx, event["id"])
        done = None
        if draft is None:
            done = await queries.import_by_id(tx.connection, id=draft_id, event_id=event["id"])
        places = await queries.places_of_event(tx.connection, event_id=event["id"])
    if done is not None:
        return await _done(call, event, done, places, questions)
    if draft is None:
        return _gone(call)
    choice = chosen(call.request.query, draft["header"], places, call.programme.language, questions)
    return await _check(call, event, draft, places, choice, questions)


async def carry_out(call: Call) -> StreamResponse:
    """POST: book every row that can be; the same file again books nobody twice."""
    draft_id = from_path(call, "import_id", "import")
    values = await call.posted()
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        draft = await draft_of(tx, draft_id, event["id"])
        if draft is None and await queries.import_by_id(tx.connection, id=draft_id, event_id=event["id"]):
            return call.redirect(_here(call, draft_id))
        questions = await questions_of(tx, event["id"])
        places = await queries.places_of_event(tx.connection, event_id=event["id"])
    if draft is None:
        return _gone(call)
    given = {name: value for name, value in values.items() if isinstance(value, str)}
    choice = chosen(given, draft["header"], places, call.programme.language, questions)
    if choice is None or lacking(choice, draft["rows"]):
        return await _check(call, event, draft, places, choice, questions, status=422)
    rows = await judge(call, event, draft, places, choice, questions)
    fates = await carrying.carry_out(call.context, call.programme.id, rows, draft["created_at"])
    async with call.transaction() as tx:
        await carrying.log(tx, call, draft_id, event["id"], draft["digest"], fates)
    return call.redirect(_here(call, draft_id))


async def _start(call: Call, form: Form[FileForm], *, status: int = 200) -> StreamResponse:
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        log = await queries.imports_of_event(tx.connection, event_id=event["id"], many=SHOWN)
        accounts = {row["account_id"] for row in log if row["account_id"]}
        names = await people.names(tx, call.programme.id, accounts)
    return call.page(
        "registrations/import.html",
        status=status,
        event=event,
        form=form,
        fields=mapping.FIELDS,
        log=[(row, names.get(row["account_id"])) for row in log],
        most=MOST_ROWS,
        megabytes=LARGEST_FILE // 1024 // 1024,
        headers={"Cache-Control": "no-store"},
    )


async def _check(
    call: Call,
    event: Any,
    draft: Any,
    places: Sequence[Any],
    choice: Choice | None,
    questions: Sequence[Question],
    *,
    status: int = 200,
) -> StreamResponse:
    rows: list[Row] = []
    missing = lacking(choice, draft["rows"]) if choice else {}
    if choice is not None and not missing:
        rows = await carrying.rehearse(
            call.context, call.programme.id, await judge(call, event, draft, places, choice, questions)
        )
    values = _values(choice) if choice else {}
    form: Form[Choice] = Form.empty(values)
    for field, sentence in missing.items():
        form.fail(field, call.translate(sentence))
    consents = mapping.consent_columns(draft["header"], answers.consents(questions))
    return _table(
        call,
        event,
        rows,
        places,
        draft_id=draft["id"],
        form=form,
        values=values,
        header=list(enumerate(draft["header"])),
        offered=options.places(call, event, places),
        spoken=[(code, ENDONYMS[code]) for code in LANGUAGES],
        consents=consents,
        unread=mapping.unread(draft["header"], choice.columns if choice else {}, consents),
        unaged=sum(row.unaged for row in rows if row.application is not None),
        bands=options.named(call, BANDS),
        until=draft["created_at"] + DRAFT_KEPT,
        fields={**mapping.FIELDS, **answers.fields(questions, call.lang)},
        status=status,
    )


async def _done(
    call: Call, event: Any, done: Any, places: Sequence[Any], questions: Sequence[Question]
) -> StreamResponse:
    bookings = [UUID(one["booking_id"]) for one in done["fates"] if one["booking_id"]]
    async with call.transaction() as tx:
        found = await queries.bookings_of_import(tx.connection, bookings=bookings)
    rows = carrying.unpacked(done["fates"], found)
    fields = {**mapping.FIELDS, **answers.fields(questions, call.lang)}
    return _table(call, event, rows, places, draft_id=done["id"], done=done, fields=fields)


def _table(
    call: Call, event: Any, rows: Sequence[Row], places: Sequence[Any], *, status: int = 200, **more: Any
) -> StreamResponse:
    """Every row's fate, by fates as tabs, a few hundred at a time."""
    query = call.request.query
    counts = Counter(row.fate for row in rows)
    fate = query.get("fate", "") if query.get("fate", "") in set(Fate) else ""
    begin = number_below(LAST_ROW, query.get("from", "")) or 0
    wanted = [row for row in rows if not fate or row.fate == fate]
    shown = [row for row in wanted if row.number >= begin][: ROWS_SHOWN + 1]
    values = more.get("values", {})
    link = _here(call, more["draft_id"]) + "?"
    done = more.get("done")
    tabs = [(link + urlencode(values), call.translate(msgid("All rows")), len(rows), not fate)]
    for one, (later, then, _) in FATES.items():
        if counts[one]:
            text = call.translate(then if done else later)
            tabs.append((link + urlencode({**values, "fate": one}), text, counts[one], fate == one))
    unsaid: dict[str, Any] = {"form": None, "values": {}, "header": [], "offered": [], "spoken": [], "bands": []}
    unsaid |= {"consents": [], "unread": [], "unaged": 0, "until": None, "done": None}
    return call.page(
        "registrations/import_rows.html",
        status=status,
        event=event,
        rows=shown[:ROWS_SHOWN],
        places=place_names(places, event["time_zone"], call.translate),
        tabs=tabs,
        more_rows=link + urlencode({**values, "fate": fate, "from": shown[ROWS_SHOWN].number})
        if len(shown) > ROWS_SHOWN
        else "",
        counts=counts,
        coming=counts[Fate.BOOKED] + counts[Fate.WAITING],
        left_out=sum(counts[one] for one in carrying.LEFT_OUT),
        fates=FATES,
        reasons=REASONS,
        unlikely=UNLIKELY,
        headers={"Cache-Control": "no-store"},
        **{**unsaid, **more},
    )


def _values(choice: Choice) -> dict[str, Any]:
    """The choices as an address and a form carry them."""
    columns = {f"column_{field}": number for field, number in choice.columns.items()}
    wait = {"wait": "on"} if choice.wait else {}
    band = {"children_band": choice.children_band} if choice.children_band else {}
    return {"place": choice.place, "language": choice.language, **band, **columns, **wait}


def _gone(call: Call) -> StreamResponse:
    """A list that is not kept any more; an id that never was one looks the same, and harms nobody."""
    response = call.redirect(call.console(f"attendees/{call.path('event')}/import"))
    sentence = call.translate(msgid("The list is not kept any longer. Send the file again."))
    flash.leave(response, sentence, call.context.settings.secure, "warning")
    return response


def _here(call: Call, draft_id: UUID) -> str:
    return call.console(f"attendees/{call.path('event')}/import/{draft_id}")
