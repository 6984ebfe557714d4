"""What visitors answer: which questions are put to them, what may stand there, and what is kept of it.

Answers come as they were typed or sent: the texts of an input, by question. A consent's is the number of the wording
that was ticked, so that a form left open while the wording changed agrees to nothing that it did not show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from registrations.domain.questions import AGREED, CHOOSING, Kind, Question, asked_in_order
from registrations.domain.text import one_line, several_lines
from services.pages.explaining import AT_LEAST_ONE, CHOOSE, DATE, FILL_IN, NUMBER
from services.pages.languages import msgid, text_in

Given = Mapping[UUID, Sequence[str]]
"""The texts that were given for each question."""
Value = str | list[str] | int | float | bool
"""What is kept: a text, a key, keys, a number, a day as 2027-05-31, or True for a consent."""

TOO_LONG = msgid("Write at most {max_length} characters.")
AT_LEAST = msgid("Write {ge} or more.")
AT_MOST = msgid("Write {le} or less.")
NOT_BEFORE = msgid("Choose {earliest} or a later day.")
NOT_AFTER = msgid("Choose {latest} or an earlier day.")
AGREE = msgid("Tick the box: without it you cannot book here.")
REWORDED = msgid("The wording has changed since you opened this page. Read it anew, and tick it if you agree.")
UNASKED = msgid("This is not asked here.")

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,4})?")
_GROUPED = re.compile(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(\D|$))")
_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with an answer: a sentence for the person, with its values."""

    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    question_id: UUID
    value: Value
    wording: int
    language: str
    """Of the words that were read: the visitor's, or another of the programme where theirs are missing."""
    is_consent: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What is kept and, by question, what is wrong; of a question that was not put, neither."""

    answers: tuple[Answer, ...]
    wrong: Mapping[UUID, Wrong]


class _Misgiven(Exception):
    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.wrong = Wrong(sentence, values)


def judge(questions: Iterable[Question], given: Given, lang: str, *, strict: bool = False) -> Judged:
    """Every answer looked at, in the order of the questions. `strict` calls an answer wrong that belongs to no question
    of the event; else it is passed over: the question was taken away while the form was open."""
    keys: dict[UUID, set[str]] = {}
    answers: list[Answer] = []
    wrong: dict[UUID, Wrong] = {}
    asked = asked_in_order(questions)
    for one in asked:
        if not _is_put(one, keys):
            continue
        keys[one.id] = set()
        try:
            value = _value(one, [text for text in given.get(one.id, ()) if text.strip()])
        except _Misgiven as misgiven:
            wrong[one.id] = misgiven.wrong
            continue
        if value is None:
            continue
        keys[one.id] = chosen(value)
        language = text_in(one.labels, lang)[1]
        answers.append(Answer(one.id, value, one.wording, language, is_consent=one.kind is Kind.CONSENT))
    if strict:
        wrong |= {id: Wrong(UNASKED) for id in given if id not in {one.id for one in asked}}
    return Judged(tuple(answers), wrong)


def relaxed(questions: Iterable[Question]) -> list[Question]:
    """The same questions, none of which must be answered: staff do not know everything about those they book for."""
    return [replace(one, required=False) for one in questions]


def chosen(value: Value) -> set[str]:
    """The keys of an answer on which other questions may depend; a text's are none that any does."""
    if isinstance(value, list):
        return set(value)
    return {AGREED} if value is True else {value} if isinstance(value, str) else set()


def put(questions: Iterable[Question], values: Mapping[UUID, Value]) -> list[Question]:
    """The questions that are put to somebody who answered so, in order."""
    keys: dict[UUID, set[str]] = {}
    found = []
    for one in asked_in_order(questions):
        if _is_put(one, keys):
            keys[one.id] = chosen(values[one.id]) if one.id in values else set()
            found.append(one)
    return found


def _is_put(question: Question, keys: Mapping[UUID, set[str]]) -> bool:
    """Whether it is put, after these answers: a question that was not put itself has none."""
    return question.shown_when is None or bool(keys.get(question.shown_when, set()) & set(question.shown_for))


def _value(question: Question, texts: Sequence[str]) -> Value | None:
    """The value as it is kept, None for no answer; raises `_Misgiven`."""
    if question.kind is Kind.CONSENT:
        return _consent(question, texts)
    if question.kind in CHOOSING:
        return _choice(question, texts)
    text = texts[-1] if texts else ""
    match question.kind:
        case Kind.NUMBER:
            value: Value | None = _number(question, text.strip())
        case Kind.DATE:
            value = _date(question, text.strip())
        case _:
            value = _text(question, text)
    if value is None and question.required:
        raise _Misgiven(FILL_IN)
    return value


def _consent(question: Question, texts: Sequence[str]) -> bool | None:
    if not texts:
        if question.required:
            raise _Misgiven(AGREE)
        return None
    if texts[-1].strip() != str(question.wording):
        raise _Misgiven(REWORDED)
    return True


def _choice(question: Question, texts: Sequence[str]) -> str | list[str] | None:
    one_only = question.kind is Kind.CHOICE
    offered = [option.key for option in question.offered]
    if set(texts) - set(offered) or (one_only and len(set(texts)) > 1):
        raise _Misgiven(CHOOSE)
    found = [key for key in offered if key in texts]
    if not found and question.required:
        raise _Misgiven(CHOOSE if one_only else AT_LEAST_ONE)
    if not found:
        return None
    return found[0] if one_only else found


def _text(question: Question, text: str) -> str | None:
    found = several_lines(text) if question.is_long else one_line(text)
    longest = question.longest or 0
    if len(found) > longest:
        raise _Misgiven(TOO_LONG, max_length=longest)
    return found or None


def _number(question: Question, text: str) -> int | float | None:
    plain = _GROUPED.sub("", text).replace("\u2212", "-").replace(",", ".")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise _Misgiven(NUMBER)
    number = Decimal(plain)
    if question.least is not None and number < question.least:
        raise _Misgiven(AT_LEAST, ge=f"{question.least.normalize():f}")
    if question.most is not None and number > question.most:
        raise _Misgiven(AT_MOST, le=f"{question.most.normalize():f}")
    return int(number) if number == number.to_integral_value() else float(number)


def _date(question: Question, text: str) -> str | None:
    plain = _DAY.sub(lambda found: f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}", text)
    if not plain:
        return None
    try:
        if len(plain) != len("2027-05-31"):
            raise ValueError(plain)
        day = date.fromisoformat(plain)
    except ValueError as error:
        raise _Misgiven(DATE) from error
    if question.earliest is not None and day < question.earliest:
        raise _Misgiven(NOT_BEFORE, earliest=question.earliest)
    if question.latest is not None and day > question.latest:
        raise _Misgiven(NOT_AFTER, latest=question.latest)
    return day.isoformat()
