"""What an event asks of those who book: questions in an order, some only after certain answers to earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

LONGEST_LINE = 200
"""Characters of a text that is asked for on one line; for a longer one there is room for several."""
MOST_QUESTIONS = 40
MOST_OPTIONS = 30


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"  # one of the options
    CHOICES = "choices"  # any of the options
    NUMBER = "number"
    DATE = "date"
    CONSENT = "consent"  # a box of its own, unticked; its answer names the wording that was agreed to


CHOOSING = (Kind.CHOICE, Kind.CHOICES)
AGREED = "yes"
"""What stands for a consent that was given, where another question depends on it."""


@dataclass(frozen=True, slots=True)
class Option:
    """`key` stays the same whatever the words become. One that was taken away (`gone`) still names old answers."""

    key: str
    labels: Mapping[str, str]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    id: UUID
    position: int
    kind: Kind
    labels: Mapping[str, str]
    required: bool = False
    hints: Mapping[str, str] | None = None
    options: tuple[Option, ...] = ()
    longest: int | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    earliest: date | None = None
    latest: date | None = None
    shown_when: UUID | None = None
    shown_for: tuple[str, ...] = ()
    wording: int = 1
    version: int = 1
    retired: bool = False

    @property
    def offered(self) -> tuple[Option, ...]:
        """The options that can be chosen."""
        return tuple(option for option in self.options if not option.gone)

    @property
    def keys(self) -> tuple[str, ...]:
        """The answers on which another question may depend."""
        return (AGREED,) if self.kind is Kind.CONSENT else tuple(option.key for option in self.offered)

    @property
    def is_long(self) -> bool:
        return self.kind is Kind.TEXT and (self.longest or 0) > LONGEST_LINE

    def says_otherwise(self, other: Question) -> bool:
        """Whether visitors read other words here than in `other`."""
        return (self.labels, self.hints or {}, self.options) != (other.labels, other.hints or {}, other.options)


class Flaw(StrEnum):
    """Why questions cannot stand as they would."""

    UNKNOWN = "unknown"  # depends on a question that is not asked
    NOT_BEFORE = "not_before"  # depends on one that comes after it
    NO_KEYS = "no_keys"  # depends on one that has no answers to choose from, or not those
    TOO_MANY = "too_many"


class Unsound(Exception):
    """A change after which the questions could not be asked. `question` is the one that would be wrong."""

    def __init__(self, flaw: Flaw, question: Question | None = None) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.question = question


def asked_in_order(questions: Iterable[Question]) -> list[Question]:
    """Those that are asked, in their order."""
    return sorted((one for one in questions if not one.retired), key=lambda one: one.position)


def can_follow(one: Question, other: Question) -> bool:
    """Whether the answers to `other` after which `one` is asked can be given."""
    return bool(one.shown_for) and set(one.shown_for) <= set(other.keys)


def check(questions: Iterable[Question]) -> None:
    """Raises `Unsound` unless every question that depends on another comes after it, on answers that can be given."""
    before: dict[UUID, Question] = {}
    asked = asked_in_order(questions)
    if len(asked) > MOST_QUESTIONS:
        raise Unsound(Flaw.TOO_MANY)
    known = {one.id for one in asked}
    for one in asked:
        if one.shown_when is not None:
            if one.shown_when not in known:
                raise Unsound(Flaw.UNKNOWN, one)
            if one.shown_when not in before:
                raise Unsound(Flaw.NOT_BEFORE, one)
            if not can_follow(one, before[one.shown_when]):
                raise Unsound(Flaw.NO_KEYS, one)
        before[one.id] = one


def moved(questions: Sequence[Question], id: UUID, *, up: bool) -> tuple[Question, Question] | None:
    """The question and its neighbour that would change places; None at an end."""
    asked = asked_in_order(questions)
    place = next((place for place, one in enumerate(asked) if one.id == id), None)
    if place is None:
        return None
    other = place - 1 if up else place + 1
    return (asked[place], asked[other]) if 0 <= other < len(asked) else None


def languages_missing(question: Question, languages: Iterable[str]) -> list[str]:
    """The languages in which something of the question is still unsaid, where another language says it."""
    texts = [question.labels, question.hints or {}, *(option.labels for option in question.offered)]
    return [lang for lang in languages if any(any(said.values()) and not said.get(lang) for said in texts)]
