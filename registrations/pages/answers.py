"""Questions as visitors see them, and their answers: in the booking form, on their own page, on an attendee's page.

An answer's input is called `answers.<question>`. A consent's box has the number of its wording as its value: a form
that was left open while the wording changed comes back with the new one unticked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from registrations.domain.answers import Value, judge
from registrations.domain.questions import Kind, Option, Question
from registrations.sentences import misgiven
from services.http.call import Call
from services.pages import formats
from services.pages.forms import Form
from services.pages.languages import Translate, text_in

PREFIX = "answers."


def given_in(form: Form[Any]) -> dict[UUID, list[str]]:
    """What was typed into the inputs of questions; what no question can be called is passed over."""
    found: dict[UUID, list[str]] = {}
    for name, texts in form.raw.items():
        if name.startswith(PREFIX):
            try:
                found[UUID(name.removeprefix(PREFIX))] = texts
            except ValueError:
                continue
    return found


def tell(call: Call, form: Form[Any], questions: Iterable[Question]) -> None:
    """Say beside each input what is wrong with it."""
    for id, wrong in judge(questions, given_in(form), call.lang).wrong.items():
        form.fail(f"{PREFIX}{id}", misgiven(wrong, call.translate))


def filled(values: Mapping[UUID, tuple[Value, int]]) -> Form[Any]:
    """A form with what was answered: (value, wording) by question. Consents to an earlier wording are not ticked."""
    return Form.empty({f"{PREFIX}{id}": wording if value is True else value for id, (value, wording) in values.items()})


def reworded(questions: Iterable[Question], values: Mapping[UUID, tuple[Value, int]]) -> set[UUID]:
    """The consents that stand, and not to the words that are shown now."""
    return {
        one.id
        for one in questions
        if one.kind is Kind.CONSENT and one.id in values and values[one.id][1] != one.wording
    }


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as it is read: the question in the words that were read, and what was answered to it."""

    labels: Mapping[str, str]
    text: str
    is_consent: bool
    outdated: bool
    """Agreed to words that are not those of today."""
    given_at: Any


def said(call: Call, rows: Sequence[Mapping[str, Any]]) -> list[Said]:
    """The answers of a booking, in the order of the questions."""
    return [
        Said(
            row["labels"],
            as_text(row["kind"], row["value"], _options(row["options"]), call.translate),
            row["kind"] == Kind.CONSENT,
            row["kind"] == Kind.CONSENT and row["wording"] != row["wording_now"],
            row["given_at"],
        )
        for row in rows
    ]


def as_text(kind: str, value: Value, options: Iterable[Option], translate: Translate) -> str:
    """An answer in the reader's language: options by their words, days and numbers as they are written there."""
    if kind in {Kind.CHOICE, Kind.CHOICES}:
        names = {one.key: text_in(one.labels, translate.lang)[0] for one in options}
        keys = value if isinstance(value, list) else [str(value)]
        return ", ".join(names.get(key, key) for key in keys)
    if kind == Kind.DATE:
        return formats.day(date.fromisoformat(str(value)), translate.lang)
    if kind == Kind.NUMBER and not isinstance(value, list):
        return formats.number(float(value), translate.lang)
    return translate("Agreed") if kind == Kind.CONSENT else str(value)


def _options(rows: Iterable[Mapping[str, Any]]) -> list[Option]:
    return [Option(one["key"], one["labels"], one["gone"]) for one in rows]
