"""Bringing a list of people in by API: the file with how it is to be taken, what would become of each row, then the
same carried out. The list is kept between the two for an hour at most, and no answer repeats a name of it."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel, Field

from registrations.api import Shown
from registrations.api.console import event_id_of
from registrations.commands.answers import questions_of
from registrations.domain.fates import Fate
from registrations.domain.questions import Question
from registrations.domain.refusals import Reason
from registrations.imports import answers, carrying, drafts, mapping
from registrations.imports.choices import Band, Choice
from registrations.imports.drafts import chosen, draft_of, judge, lacking
from registrations.imports.judging import Row
from registrations.imports.sheets import LARGEST_FILE, Unreadable
from registrations.inputs import Language
from registrations.pages.finding import from_path
from registrations.place_names import value_of
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Invalid, NotFound
from services.pages.languages import msgid

LARGEST_BODY = LARGEST_FILE * 4 // 3 + 64 * 1024
THERE_ARE = msgid("There are these columns: {names}.")
Column = Annotated[int, Field(ge=0, le=1000)]


class Taken(BaseModel):
    """How a list is taken. `columns` says field by field which column it is, from 0, a question of the event by
    `answer:` and its id; left out, it is guessed from the header. `place` is a slot's id or `event`, for rows that name
    none; it may be left out where each names its own, or the event has but one. `children_band` are the ages of
    children of whom a row says only how many; left out, such a row must be mended."""

    columns: dict[str, Column] = {}
    place: str = Field(default="", max_length=36)
    language: Language | None = None
    wait: bool = False
    children_band: Band | None = None


class Import(Taken):
    """A CSV or XLSX file, in Base64 (RFC 4648, section 4)."""

    file: str = Field(max_length=LARGEST_BODY)


class RowOut(Shown):
    """One row of the file and its fate; `field` and `said` where it must be mended, `reason` where it is refused.
    `place` is a slot's id, `event` for the event itself, or empty where it is not known."""

    number: int
    place: str
    adults: int
    children: int
    fate: Fate
    field: str | None
    said: str
    reason: Reason | None
    booking_id: UUID | None


class ImportOut(Shown):
    """`done` False: what would become of each row now; `header` and `columns` say how the file is taken, and `unread`
    which of its columns are taken for nothing."""

    import_id: UUID
    done: bool
    header: list[str]
    columns: dict[str, int]
    unread: list[str]
    counts: dict[Fate, int]
    rows: list[RowOut]


async def rehearse(call: Call) -> StreamResponse:
    """201 with what would become of each row. Nobody is booked, and nothing is left but the list, for an hour."""
    said: Import = call.body
    try:
        data = base64.b64decode(said.file, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid({"file": msgid("Send the file in Base64.")}) from error
    if len(data) > LARGEST_FILE:
        raise Invalid({"file": msgid("The file is too large.")})
    try:
        found = await asyncio.to_thread(drafts.read, data)
    except Unreadable as unreadable:
        raise Invalid({"file": call.translate(unreadable.sentence, **unreadable.values)}) from unreadable
    async with call.transaction() as tx:
        event = await _event(call, tx)
        places = await queries.places_of_event(tx.connection, event_id=event["id"])
        questions = await questions_of(tx, event["id"])
    choice, rows = await _judged(call, event, found, places, questions, said)
    async with call.transaction() as tx:
        import_id = await drafts.keep(tx, event["id"], call.principal.account_id, found)
    rows = await carrying.rehearse(call.context, call.programme.id, rows)
    return call.json(_shown(import_id, rows, found["header"], choice), status=201)


async def carry_out(call: Call) -> StreamResponse:
    """Book every row that can be. The same list again books nobody twice; one that is done is shown as it was done."""
    said: Taken = call.body
    import_id = from_path(call, "import_id", "import")
    async with call.transaction() as tx:
        event = await _event(call, tx)
        draft = await draft_of(tx, import_id, event["id"])
        places = await queries.places_of_event(tx.connection, event_id=event["id"])
        questions = await questions_of(tx, event["id"])
    if draft is None:
        # Looked for afterwards: whoever carries it out just now lets go of the list as it is written down.
        return await show(call)
    choice, rows = await _judged(call, event, draft, places, questions, said)
    fates = await carrying.carry_out(call.context, call.programme.id, rows, draft["created_at"])
    async with call.transaction() as tx:
        await carrying.log(tx, call, import_id, event["id"], draft["digest"], fates)
    return call.json(_shown(import_id, fates, draft["header"], choice, done=True))


async def show(call: Call) -> StreamResponse:
    """What became of each row of a list that was carried out."""
    done = await _done(call, from_path(call, "import_id", "import"))
    if done is None:
        raise NotFound("import")
    return call.json(done)


async def _done(call: Call, import_id: UUID) -> ImportOut | None:
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
        found = await queries.import_by_id(tx.connection, id=import_id, event_id=event_id)
        if found is None:
            return None
        ids = [UUID(one["booking_id"]) for one in found["fates"] if one["booking_id"]]
        bookings = await queries.bookings_of_import(tx.connection, bookings=ids)
    return _shown(import_id, carrying.unpacked(found["fates"], bookings), [], None, done=True)


async def _judged(
    call: Call, event: Any, draft: Any, places: Sequence[Any], questions: Sequence[Question], said: Taken
) -> tuple[Choice, list[Row]]:
    """How the list is taken and what its rows say; raises `Invalid` where it cannot be taken so."""
    fields = [*mapping.FIELDS, *answers.names(questions)]
    if said.columns.keys() - set(fields):
        raise Invalid({"columns": call.translate(THERE_ARE, names=", ".join(fields))})
    given = {f"column_{field}": str(number) for field, number in said.columns.items()}
    if said.columns:
        given["place"] = said.place
    given |= {"language": said.language or "", **({"wait": "yes"} if said.wait else {})}
    given |= {"children_band": said.children_band or ""}
    choice = chosen(given, draft["header"], places, call.programme.language, questions)
    if choice is None:
        raise Invalid({"place": msgid("This event has no place that can be booked.")})
    if said.place and said.place not in {value_of(place) for place in places}:
        raise Invalid({"place": msgid("This place cannot be booked. Choose one from the list.")})
    choice = choice.model_copy(update={"place": said.place}) if said.place else choice
    missing = lacking(choice, draft["rows"])
    if missing:
        raise Invalid({"columns" if field == "column_email" else field: why for field, why in missing.items()})
    return choice, await judge(call, event, draft, places, choice, questions)


async def _event(call: Call, tx: Transaction) -> Any:
    return await queries.event_page(tx.connection, id=await event_id_of(call, tx))


def _shown(
    import_id: UUID, rows: list[Row], header: list[str], choice: Choice | None, *, done: bool = False
) -> ImportOut:
    counts = Counter(row.fate for row in rows if row.fate is not None)
    return ImportOut(
        import_id=import_id,
        done=done,
        header=header,
        columns=choice.columns if choice else {},
        unread=mapping.unread(header, choice.columns) if choice else [],
        counts=dict(counts),
        rows=[RowOut.model_validate(row) for row in rows],
    )
