"""What organisers may send about an event's questions: words by language, options, bounds, and when one is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from registrations.domain.questions import CHOOSING, LONGEST_LINE, MOST_OPTIONS, Kind, Option, Question
from registrations.domain.text import several_lines
from services.pages.languages import FALLBACKS, Refused, msgid
from services.words import folded

LONGEST_LABEL = 500
LONGEST_KEY = 40

UNWRITTEN = msgid("Write it in one language at least.")
TOO_FEW = msgid("Write at least two options.")
OUT_OF_ORDER = msgid("The first must not be larger than the second.")
TWO_CONDITIONS = msgid("Choose answers to one question only.")
HALF_A_CONDITION = msgid("Name a question together with the answers after which this one is asked.")


def _written(texts: dict[str, str]) -> dict[str, str]:
    """The words by language, made fit to show; languages left empty are left out."""
    unknown = set(texts) - set(FALLBACKS)
    if unknown:
        raise Refused(msgid("We do not know this language."))
    found = {lang: several_lines(text) for lang, text in texts.items()}
    if any(len(text) > LONGEST_LABEL for text in found.values()):
        raise Refused(msgid("Write at most {max_length} characters."), max_length=LONGEST_LABEL)
    return {lang: text for lang, text in found.items() if text}


def _something(texts: dict[str, str]) -> dict[str, str]:
    if not texts:
        raise Refused(UNWRITTEN)
    return texts


Words = Annotated[dict[str, str], AfterValidator(_written)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]*$", max_length=LONGEST_KEY)]
Bound = Annotated[Decimal, Field(max_digits=16, decimal_places=4)]


class OptionRow(BaseModel):
    """One option. A row with a key and no words takes that option away."""

    key: Key = ""
    labels: Words = {}


class Wording(BaseModel):
    """What a question says and takes, from form and API alike; each says in its own way when it is asked."""

    labels: Annotated[Words, AfterValidator(_something)]
    hints: Words = {}
    options: list[OptionRow] = Field(default=[], max_length=3 * MOST_OPTIONS)
    required: bool = False
    longest: int | None = Field(default=None, ge=1, le=4000)
    least: Bound | None = None
    most: Bound | None = None
    earliest: date | None = None
    latest: date | None = None

    def condition(self) -> tuple[UUID | None, tuple[str, ...]]:
        """The question on which it depends, and the answers after which it is asked; (None, ()): of everyone."""
        return None, ()

    def flaws(self, kind: Kind) -> dict[str, str]:
        """What no field can say by itself: field → sentence."""
        found: dict[str, str] = {}
        offered = sum(bool(row.labels) for row in self.options)
        if kind in CHOOSING and offered < 2:
            found["options"] = TOO_FEW
        if kind is Kind.NUMBER and self.least is not None and self.most is not None and self.least > self.most:
            found["most"] = OUT_OF_ORDER
        if kind is Kind.DATE and self.earliest is not None and self.latest is not None and self.earliest > self.latest:
            found["latest"] = OUT_OF_ORDER
        return found

    def question(self, id: UUID, kind: Kind, stands: Question | None = None, *, version: int = 1) -> Question:
        """The question as it would be; `stands` is it as it is, and `version` as it was read."""
        is_number, is_date = kind is Kind.NUMBER, kind is Kind.DATE
        shown_when, shown_for = self.condition()
        return Question(
            id=id,
            position=stands.position if stands else 0,
            kind=kind,
            labels=self.labels,
            hints=self.hints,
            required=self.required,
            options=self._options(stands.options if stands else ()) if kind in CHOOSING else (),
            longest=(self.longest or LONGEST_LINE) if kind is Kind.TEXT else None,
            least=self.least if is_number else None,
            most=self.most if is_number else None,
            earliest=self.earliest if is_date else None,
            latest=self.latest if is_date else None,
            shown_when=shown_when,
            shown_for=shown_for,
            version=version,
        )

    def _options(self, before: Iterable[Option]) -> tuple[Option, ...]:
        """The options in the order of their rows, then those that are gone: old answers are still called by them."""
        known = {one.key: one for one in before}
        keys = set(known)
        found: list[Option] = []
        for row in self.options:
            if row.labels:
                key = row.key if row.key in known else _key(row.labels, keys)
                keys.add(key)
                found.append(Option(key, row.labels))
        offered = {one.key for one in found}
        return (*found, *(Option(one.key, one.labels, gone=True) for one in known.values() if one.key not in offered))


class QuestionForm(Wording):
    shown_for: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}/[a-z0-9-]{1,40}$")]] = Field(
        default=[], max_length=MOST_OPTIONS
    )
    """`<question>/<key>` of each answer after which it is asked; none: it is asked of everyone."""
    version: int = 1

    def condition(self) -> tuple[UUID | None, tuple[str, ...]]:
        if not self.shown_for:
            return None, ()
        return UUID(self.shown_for[0][:36]), tuple(one[37:] for one in self.shown_for)

    def flaws(self, kind: Kind) -> dict[str, str]:
        several = len({one[:36] for one in self.shown_for}) > 1
        return {**super().flaws(kind), **({"shown_for": TWO_CONDITIONS} if several else {})}


class QuestionBody(Wording):
    """By API. With `shown_when` it is asked only of those who answered that question with one of `shown_for` (a
    consent that was given: `yes`). Options keep their `key`; one without is new, and one that is left out is gone."""

    shown_when: UUID | None = None
    shown_for: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]] = Field(
        default=[], max_length=MOST_OPTIONS
    )

    def condition(self) -> tuple[UUID | None, tuple[str, ...]]:
        return self.shown_when, tuple(self.shown_for)

    def flaws(self, kind: Kind) -> dict[str, str]:
        half = (self.shown_when is None) is not (not self.shown_for)
        return {**super().flaws(kind), **({"shown_for": HALF_A_CONDITION} if half else {})}


class QuestionRequest(QuestionBody):
    """One more question."""

    kind: Kind


class QuestionChange(QuestionBody):
    """All that a question says and takes, put in place of what it was; its kind stays."""

    version: int
    """As it was read."""


def _key(labels: dict[str, str], taken: set[str]) -> str:
    """What an option is called for ever: its first words, in letters that files and programs take."""
    words = "-".join(folded(next(iter(labels.values()))))
    plain = "".join(one for one in words if one.isascii() and (one.isalnum() or one == "-"))
    stem = plain[: LONGEST_KEY - 4].strip("-") or "option"
    number = 1
    while (key := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return key


class PlaceForm(BaseModel):
    """One place up or down, from the position that was seen."""

    to: Annotated[str, StringConstraints(pattern="^(up|down)$")]
    position: int


class RetireForm(BaseModel):
    """Asked no more, or (`again`) once more."""

    version: int
    again: bool = False


class CopyForm(BaseModel):
    event: UUID


class LeftOutForm(BaseModel):
    """Of what a copied event had no room for: ask it now, or leave it out for good."""

    ask: bool
