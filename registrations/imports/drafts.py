"""A list that was read, kept for an hour at most, and how it is taken: which column is what, chosen or guessed, and its
rows judged so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from multidict import MultiMapping

from registrations.domain.questions import Question
from registrations.domain.retention import DRAFT_KEPT
from registrations.imports import answers, mapping
from registrations.imports.judging import Choice, Row, Where, judged
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.numbers import number_below
from services.pages.languages import LANGUAGES, msgid

NEEDED = msgid("Say in which column the names and the addresses stand.")


def chosen(
    values: MultiMapping[str] | dict[str, str],
    header: Sequence[str],
    places: Sequence[Any],
    language: str,
    questions: Sequence[Question],
) -> Choice | None:
    """The choices sent, or those guessed where none were; None for an event that has no place to book."""
    if not places:
        return None
    known = [str(place["slot_id"]) if place["slot_id"] else "event" for place in places]
    further = answers.names(questions)
    guesses = {} if "place" in values else mapping.guessed(header, further)
    columns = dict(guesses)
    for field in (*mapping.FIELDS, *further):
        number = number_below(len(header), values.get(f"column_{field}", ""))
        if number is not None:
            columns[field] = number
    place, said = values.get("place", ""), values.get("language", "")
    return Choice(
        columns=columns,
        place=place if place in known else known[0],
        language=said if said in LANGUAGES else language if language in LANGUAGES else "nb",
        wait=bool(values.get("wait")),
    )


def is_complete(choice: Choice) -> bool:
    """Whether names and addresses are among the columns."""
    return "email" in choice.columns and bool({"name", "given_name", "family_name"} & choice.columns.keys())


async def judge(
    call: Call, event: Any, draft: Any, places: Sequence[Any], choice: Choice, questions: Sequence[Question]
) -> list[Row]:
    """Every row of a draft, checked as a form is."""
    where = Where(event["id"], event["time_zone"], places)
    moment = call.context.clock.now()
    return await asyncio.to_thread(
        judged, draft["rows"], choice, where, draft["digest"], moment, call.translate, questions
    )


async def draft_of(tx: Transaction, draft_id: UUID, event_id: UUID) -> Any:
    """The list that was read, while it is kept."""
    return await queries.import_draft(tx.connection, id=draft_id, event_id=event_id, since=tx.moment - DRAFT_KEPT)
