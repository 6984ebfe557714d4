"""From rows of text to applications: every field of every row checked as the booking form checks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from registrations.domain.answers import judge, relaxed
from registrations.domain.applications import Application, Person
from registrations.domain.asking import Came, Granted
from registrations.domain.fates import Fate
from registrations.domain.questions import Question
from registrations.domain.refusals import Reason, Refused
from registrations.imports import answers
from registrations.imports.choices import Choice
from registrations.imports.mapping import FIELDS
from registrations.imports.parties import Wrong, children_of, household_of, party_of, without_ages
from registrations.imports.placing import SEVERAL, Unclear, Where
from registrations.place_names import EVENT
from registrations.sentences import misgiven
from services.ids import new_id
from services.pages.languages import Translate
from services.spreadsheets import meant


@dataclass(frozen=True, slots=True)
class Row:
    """One row and what becomes of it. `said` is the sentence for a wrong field, already translated."""

    number: int
    name: str = ""
    email: str = ""
    group: str = ""
    adults: int = 0
    """0 where the row does not say it as a number."""
    children: int = 0
    unaged: int = 0
    """How many of the children the row gives no age."""
    place: str = ""
    """As a form sends it: a slot's id, or `event` for the event itself; empty where it is not known."""
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

    def wrong(self, field: str, said: str) -> Row:
        """The row with what must be mended."""
        return replace(self, fate=Fate.WRONG, field=field, said=said)


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
    seen: set[tuple[str, UUID | None]] = set()
    found: list[Row] = []
    for number, cells in rows:
        said = {
            field: meant(cells[column]) if column < len(cells) else ""
            for field, column in choice.columns.items()
            if field in FIELDS or field.startswith(answers.PREFIX)
        }
        name = said.get("name") or f"{said.get('given_name', '')} {said.get('family_name', '')}"
        row = Row(number, name.strip()[:120], said.get("email", "")[:254], said.get("group_name", "")[:200])
        try:
            party = party_of(said, choice, translate)
            row = replace(
                row,
                name=party.name,
                email=party.email,
                group=party.group_name or "",
                adults=party.adults,
                children=children_of(party),
                unaged=without_ages(party),
            )
            slot_id = where.slot(choice.place, said)
            row = replace(row, place=str(slot_id) if slot_id else EVENT)
            household = household_of(party, choice, translate)
        except Wrong as wrong:
            found.append(row.wrong(wrong.field, wrong.said))
            continue
        except Unclear as unclear:
            found.append(row.wrong(unclear.field, translate(SEVERAL, places=unclear.places)))
            continue
        except Refused as refused:
            found.append(replace(row, fate=Fate.REFUSED, reason=refused.reason))
            continue
        given_answers = answers.read(questions, said)
        wrong_answers = judge(relaxed(questions), given_answers or {}, party.language).wrong
        if wrong_answers:
            question_id, sentence = next(iter(wrong_answers.items()))
            found.append(row.wrong(f"{answers.PREFIX}{question_id}", misgiven(sentence, translate)))
            continue
        key = (party.email.lower(), slot_id)
        if key in seen:
            found.append(replace(row, fate=Fate.DOUBLED))
            continue
        seen.add(key)
        application = Application(
            person=Person(party.name, party.email, party.language),
            household=household,
            booking_id=new_id(moment),
            event_id=where.event_id,
            slot_id=slot_id,
            wait=choice.wait,
            attempt=attempt(digest, where.event_id, slot_id, number),
            through="import",
            lives_in=party.lives_in,
            answers=given_answers,
            by_staff=True,
            group_name=party.group_name,
        )
        found.append(replace(row, application=application))
    return found


def attempt(digest: str, event_id: UUID, slot_id: UUID | None, number: int) -> UUID:
    """The same row of the same file for the same place is the same attempt, whoever sends it and whenever."""
    return uuid5(event_id, f"{digest}|{slot_id}|{number}")
