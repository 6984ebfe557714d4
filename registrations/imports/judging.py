"""From rows of text to applications: every field of every row checked as the booking form checks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from registrations.domain.answers import judge, relaxed
from registrations.domain.applications import Application, Person
from registrations.domain.asking import Came, Granted
from registrations.domain.fates import Fate
from registrations.domain.questions import Question
from registrations.domain.refusals import Reason, Refused
from registrations.imports import answers
from registrations.imports.mapping import FIELDS
from registrations.imports.sheets import SHEETS_BEGAN
from registrations.inputs import Email, Language, Line, Name, Party
from registrations.sentences import misgiven
from services.ids import new_id
from services.pages.languages import ENDONYMS, LANGUAGES, Translate, explain
from services.words import folded

_MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M")
_SPOKEN = {
    "nb": "norsk, bokmål, norwegian, noors, no",
    "nn": "nynorsk",
    "en": "english, engelsk, engels",
    "nl": "nederlands, nederlandsk, dutch, hollandsk",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row and what becomes of it. `said` is the sentence for a wrong field, already translated."""

    number: int
    name: str = ""
    email: str = ""
    application: Application | None = None
    fate: Fate | None = None
    field: str | None = None
    said: str = ""
    reason: Reason | None = None
    booking_id: UUID | None = None

    def after(self, answer: Granted | Refused) -> Row:
        """The row with what it was answered."""
        if isinstance(answer, Refused):
            return replace(self, fate=Fate.REFUSED, reason=answer.reason)
        fate = {Came.BOOKED: Fate.BOOKED, Came.WAITING: Fate.WAITING}.get(answer.came, Fate.AGAIN)
        return replace(self, fate=fate, booking_id=answer.booking_id)


class _Household(Party):
    """What a row says, checked as the form's fields are."""

    name: Name
    email: Email
    language: Language
    lives_in: Line = None


class Choice(BaseModel):
    """How the file is taken: which column is what, for which place where a row names none, and what when it is full."""

    columns: dict[str, int]
    place: str
    """A slot's id, `event` for the event itself, or empty where every row names its own."""
    language: Language
    wait: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """The event's places as rows may name them: of a stand, by its name, and by the moment they begin."""

    event_id: UUID
    time_zone: str
    places: Sequence[Mapping[str, Any]]

    def slot(self, choice: Choice, stand: str, begins: str) -> UUID | None:
        """The slot that a row means, None for the event itself; raises `Refused` where it means none or several."""
        if not begins:
            return UUID(choice.place) if choice.place != "event" else None
        moment = self._moment(begins)
        named = [one for one in self.places if one["slot_id"] is not None and one["starts_at"] == moment]
        if stand:
            wanted = folded(stand)
            named = [one for one in named if self._is_called(one, wanted)]
        if len(named) != 1:
            raise Refused(Reason.UNKNOWN_PLACE)
        found: UUID = named[0]["slot_id"]
        return found

    @staticmethod
    def _is_called(place: Mapping[str, Any], wanted: list[str]) -> bool:
        return any(folded(name) == wanted for name in [*(place["stand_names"] or {}).values(), place["number"] or ""])

    def _moment(self, text: str) -> datetime:
        local: datetime | None = None
        for form in _MOMENTS:
            try:
                local = datetime.strptime(text, form)  # noqa: DTZ007 — in the event's zone, which is put to it below
            except ValueError:
                continue
            break
        if local is None:
            try:
                # A spreadsheet's own moments are days since its beginning, to the minute.
                minutes = round(float(text) * 24 * 60)
                local = SHEETS_BEGAN + timedelta(minutes=minutes)
            except (ValueError, OverflowError) as error:
                raise Refused(Reason.UNKNOWN_PLACE) from error
        return local.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


def judged(
    rows: Sequence[tuple[int, list[str]]],
    choice: Choice,
    where: Where,
    digest: str,
    moment: datetime,
    translate: Translate,
    questions: Sequence[Question] = (),
) -> list[Row]:
    """Every row as an application, or with the fate that it has already: wrong, doubled, or for no place there is."""
    languages = _languages()
    seen: set[tuple[str, UUID | None]] = set()
    found: list[Row] = []
    for number, cells in rows:
        said = {
            field: cells[column] if column < len(cells) else ""
            for field, column in choice.columns.items()
            if field in FIELDS or field.startswith(answers.PREFIX)
        }
        name = said.get("name") or f"{said.get('given_name', '')} {said.get('family_name', '')}"
        row = Row(number, name.strip()[:120], said.get("email", "")[:254])
        language = said.get("language", "")
        given = {field: value for field, value in said.items() if value and field in _Household.model_fields}
        given |= {
            "name": name,
            "email": said.get("email", ""),
            "language": languages.get(" ".join(folded(language)), language) if language else choice.language,
        }
        try:
            household = _Household.model_validate(given)
            slot_id = where.slot(choice, said.get("stand", ""), said.get("starts_at", ""))
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0]) if first["loc"] else "name"
            found.append(replace(row, fate=Fate.WRONG, field=field, said=explain(first, translate)))
            continue
        except Refused as refused:
            found.append(replace(row, fate=Fate.REFUSED, reason=refused.reason))
            continue
        row = replace(row, name=household.name, email=household.email)
        given_answers = answers.read(questions, said)
        wrong = judge(relaxed(questions), given_answers or {}, household.language).wrong
        if wrong:
            question_id, sentence = next(iter(wrong.items()))
            field, told = f"{answers.PREFIX}{question_id}", misgiven(sentence, translate)
            found.append(replace(row, fate=Fate.WRONG, field=field, said=told))
            continue
        key = (household.email.lower(), slot_id)
        if key in seen:
            found.append(replace(row, fate=Fate.DOUBLED))
            continue
        seen.add(key)
        application = Application(
            person=Person(household.name, household.email, household.language),
            household=household.household(),
            booking_id=new_id(moment),
            event_id=where.event_id,
            slot_id=slot_id,
            wait=choice.wait,
            attempt=attempt(digest, where.event_id, slot_id, number),
            through="import",
            lives_in=household.lives_in,
            answers=given_answers,
            by_staff=True,
        )
        found.append(replace(row, application=application))
    return found


def attempt(digest: str, event_id: UUID, slot_id: UUID | None, number: int) -> UUID:
    """The same row of the same file for the same place is the same attempt, whoever sends it and whenever."""
    return uuid5(event_id, f"{digest}|{slot_id}|{number}")


def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for code in LANGUAGES:
        names = [code, ENDONYMS[code], *_SPOKEN[code].split(",")]
        found.update((" ".join(folded(name)), code) for name in names)
    return found
