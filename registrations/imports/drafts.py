"""A list that was read, kept for an hour at most, and how it is taken: which column is what, chosen or guessed, and its
rows judged so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypedDict, get_args
from uuid import UUID

from multidict import MultiMapping

from registrations.domain.questions import Question
from registrations.domain.retention import DRAFT_KEPT
from registrations.imports import answers, files, mapping
from registrations.imports.choices import Band, Choice
from registrations.imports.judging import Row, judged
from registrations.imports.placing import FIELDS as PLACING
from registrations.imports.placing import Where
from registrations.place_names import place_names, value_of
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.numbers import number_below
from services.ids import new_id
from services.pages.languages import LANGUAGES, msgid

NEEDED = msgid("Say in which column the names and the addresses stand.")
NO_PLACE = msgid("Choose the place for the rows that name none.")


class List(TypedDict):
    """What was read of a file: the names of its columns, its rows with their numbers, and what it is known by."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    digest: str


def read(data: bytes) -> List:
    """The list in a file; raises `Unreadable`. It takes a second at most, and belongs in a thread."""
    sheet = files.read(data)
    return List(header=sheet.header, rows=sheet.rows, digest=files.digest(data))


async def keep(tx: Transaction, event_id: UUID, account_id: UUID | None, found: List) -> UUID:
    """Keep a list until it is carried out, or for an hour; returns the id under which it is looked at."""
    draft_id = new_id(tx.moment)
    await queries.keep_import_draft(
        tx.connection,
        id=draft_id,
        programme_id=tx.programme,
        event_id=event_id,
        account_id=account_id,
        moment=tx.moment,
        **found,
    )
    return draft_id


def chosen(
    values: MultiMapping[str] | dict[str, str],
    header: Sequence[str],
    places: Sequence[Any],
    language: str,
    questions: Sequence[Question],
) -> Choice | None:
    """The choices sent, or those guessed where none were; None for an event that has no place to book.

    A place is never guessed where there are several: the first would be as good as any, and may be full.
    """
    if not places:
        return None
    known = [value_of(place) for place in places]
    further = answers.names(questions)
    guesses = {} if "place" in values else mapping.guessed(header, further)
    columns = dict(guesses)
    for field in (*mapping.FIELDS, *further):
        number = number_below(len(header), values.get(f"column_{field}", ""))
        if number is not None:
            columns[field] = number
    place, said, band = values.get("place", ""), values.get("language", ""), values.get("children_band", "")
    return Choice(
        columns=columns,
        place=place if place in known else known[0] if len(known) == 1 else "",
        language=said if said in LANGUAGES else language if language in LANGUAGES else "nb",
        wait=bool(values.get("wait")),
        children_band=next((one for one in get_args(Band) if one == band), None),
    )


def lacking(choice: Choice, rows: Sequence[tuple[int, Sequence[str]]]) -> dict[str, str]:
    """What must be said before the rows can be judged: the field of the form that lacks, with the sentence why."""
    found: dict[str, str] = {}
    if "email" not in choice.columns or not {"name", "given_name", "family_name"} & choice.columns.keys():
        found["column_email"] = NEEDED
    placing = [choice.columns[one] for one in PLACING if one in choice.columns]
    if not choice.place and not all(any(one < len(cells) and cells[one] for one in placing) for _, cells in rows):
        found["place"] = NO_PLACE
    return found


async def judge(
    call: Call, event: Any, draft: Any, places: Sequence[Any], choice: Choice, questions: Sequence[Question]
) -> list[Row]:
    """Every row of a draft, checked as a form is."""
    names = place_names(places, event["time_zone"], call.translate)
    where = Where(event["id"], event["time_zone"], places, names)
    moment = call.context.clock.now()
    return await asyncio.to_thread(
        judged, draft["rows"], choice, where, draft["digest"], moment, call.translate, questions
    )


async def draft_of(tx: Transaction, draft_id: UUID, event_id: UUID) -> Any:
    """The list that was read, while it is kept."""
    return await queries.import_draft(tx.connection, id=draft_id, event_id=event_id, since=tx.moment - DRAFT_KEPT)
