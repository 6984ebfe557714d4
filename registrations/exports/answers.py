"""Answers to an event's questions as columns of a file: one for each question that is asked or was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from registrations.commands.answers import questions_of
from registrations.domain.questions import CHOOSING, Kind, Question
from registrations.exports.columns import COLUMNS, Cell, Column, Wording
from registrations.statements import queries
from services.database import Transaction
from services.pages.languages import text_in

PREFIX = "answer:"
"""A column is called by its question, whose words may change."""


async def columns_of(tx: Transaction, event_id: UUID, lang: str) -> dict[str, Column]:
    """Every column that a file of this event may have, in their order; questions under their words in a language."""
    questions = await questions_of(tx, event_id)
    answered = {row["id"] for row in await queries.answers_counted(tx.connection, event_id=event_id)}
    return {**COLUMNS, **_columns((one for one in questions if not one.retired or one.id in answered), lang)}


def _columns(questions: Iterable[Question], lang: str) -> dict[str, Column]:
    made = [Column(f"{PREFIX}{one.id}", text_in(one.labels, lang)[0], _value(one), personal=True) for one in questions]
    return {column.name: column for column in made}


def _value(question: Question) -> Callable[[Any, Wording], Cell]:
    """Numbers and days as such; options by their words or, for programs, by their keys."""
    id = str(question.id)

    def value(row: Any, wording: Wording) -> Cell:
        said = (row["answers"] or {}).get(id)
        if said is None:
            return None
        if question.kind in CHOOSING:
            keys = said if isinstance(said, list) else [said]
            names = {option.key: wording.texts(option.labels) for option in question.options}
            return ", ".join(str(key if wording.plain else names.get(key) or key) for key in keys)
        found: Cell = date.fromisoformat(said) if question.kind is Kind.DATE else said
        return found

    return value
