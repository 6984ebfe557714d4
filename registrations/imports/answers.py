"""Answers to an event's questions in a list: a column for each, read as people write them.

Consents are not among them: those only visitors themselves can give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from registrations.domain.questions import CHOOSING, Kind, Question, asked_in_order
from registrations.imports.sheets import SHEETS_BEGAN
from services.pages.languages import text_in
from services.words import folded

PREFIX = "answer:"
_BETWEEN = re.compile(r"[,;\n]")


def fields(questions: Iterable[Question], lang: str) -> dict[str, str]:
    """Column → what it is called in a language."""
    return {f"{PREFIX}{one.id}": text_in(one.labels, lang)[0] for one in _listed(questions)}


def names(questions: Iterable[Question]) -> dict[str, list[str]]:
    """Column → what a list may call it: the question in any of its languages."""
    return {f"{PREFIX}{one.id}": list(one.labels.values()) for one in _listed(questions)}


def consents(questions: Iterable[Question]) -> list[str]:
    """What the event's consents are called, in every language."""
    return [text for one in asked_in_order(questions) if one.kind is Kind.CONSENT for text in one.labels.values()]


def read(questions: Iterable[Question], said: Mapping[str, str]) -> dict[UUID, list[str]] | None:
    """The answers in a row, by its columns; None where the list has no column for any question."""
    there = [(one, said[f"{PREFIX}{one.id}"]) for one in _listed(questions) if f"{PREFIX}{one.id}" in said]
    return {one.id: _texts(one, cell) for one, cell in there} if there else None


def _listed(questions: Iterable[Question]) -> list[Question]:
    return [one for one in asked_in_order(questions) if one.kind is not Kind.CONSENT]


def _texts(question: Question, cell: str) -> list[str]:
    """A cell as the form would have sent it."""
    if question.kind is Kind.DATE and re.fullmatch(r"\d{4,6}(\.0+)?", cell):
        return [(SHEETS_BEGAN + timedelta(days=float(cell))).date().isoformat()]
    if question.kind not in CHOOSING:
        return [cell]
    parts = [cell] if question.kind is Kind.CHOICE else _BETWEEN.split(cell)
    return [_key(question, part) for part in parts if part.strip()]


def _key(question: Question, text: str) -> str:
    """The key of the option that is meant: by itself, or by its words in any language."""
    wanted = folded(text)
    for option in question.offered:
        if any(folded(name) == wanted for name in (option.key, *option.labels.values())):
            return option.key
    return text
