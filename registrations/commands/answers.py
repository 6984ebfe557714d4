"""What visitors answer to an event's questions: judged with the booking that they come with, changed by the visitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from registrations.commands.ledgers import packed
from registrations.commands.rules import rules_for
from registrations.domain.answers import Answer, Given, Judged, Value, judge, relaxed
from registrations.domain.applications import Application, Instead
from registrations.domain.questions import Kind, Option, Question
from registrations.domain.records import LIVE
from registrations.domain.refusals import Reason, Refused
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id


async def questions_of(tx: Transaction, event_id: UUID) -> list[Question]:
    """What an event asks, in order; those it asked before among them."""
    return (await _questions(tx, [event_id])).get(event_id, [])


async def _questions(tx: Transaction, events: Iterable[UUID]) -> dict[UUID, list[Question]]:
    found: dict[UUID, list[Question]] = {}
    for row in await queries.questions_of_events(tx.connection, events=list(events)):
        found.setdefault(row["event_id"], []).append(_question(row))
    return found


def _question(row: Mapping[str, Any]) -> Question:
    values = {name: value for name, value in dict(row).items() if name != "event_id"}
    options = tuple(Option(one["key"], one["labels"], one["gone"]) for one in row["options"])
    return Question(**{**values, "kind": Kind(row["kind"]), "options": options, "shown_for": tuple(row["shown_for"])})


async def judge_all(tx: Transaction, applications: Sequence[Application]) -> dict[UUID, Judged]:
    """By the booking of each application that was asked: one statement for a whole batch, none where nobody was."""
    asked = [one for one in applications if one.answers is not None]
    if not asked:
        return {}
    questions = await _questions(tx, {one.event_id for one in asked})
    judged = {}
    for one in asked:
        theirs = questions.get(one.event_id, [])
        judged[one.booking_id] = judge(
            relaxed(theirs) if one.by_staff else theirs,
            one.answers or {},
            one.person.language,
            strict=one.through == "api",
        )
    return judged


async def judge_elsewhere(tx: Transaction, moves: Sequence[Instead]) -> dict[UUID, Judged]:
    """By the booking of each that goes to another event: what is asked there, as of whoever books there."""
    if not moves:
        return {}
    questions = await _questions(tx, {one.event_id for one in moves})
    return {
        one.booking_id: judge(questions.get(one.event_id, []), one.answers, one.language, strict=one.through == "api")
        for one in moves
    }


async def save(tx: Transaction, given: Sequence[tuple[UUID, UUID, str, Sequence[Answer]]]) -> None:
    """Write down what was answered: (booking, visitor, through, answers) of each household."""
    rows, consents = [], []
    for booking_id, visitor_id, through, answers in given:
        for one in answers:
            row = {
                "booking_id": booking_id,
                "question_id": one.question_id,
                "wording": one.wording,
                "language": one.language,
                "given_through": through,
            }
            rows.append({**row, "value": one.value})
            if one.is_consent:
                consents.append({**row, "id": new_id(tx.moment), "visitor_id": visitor_id})
    if rows:
        await queries.save_answers(tx.connection, programme_id=tx.programme, moment=tx.moment, rows=packed(rows))
    if consents:
        await queries.save_question_consents(
            tx.connection, programme_id=tx.programme, moment=tx.moment, rows=packed(consents)
        )


async def change(tx: Transaction, booking_id: UUID, rotation: int, given: Given, language: str) -> None:
    """Other answers, by the booking's own visitor, until the deadline that changes have.

    What is not put to them any more, or left empty now, is deleted; a consent that is not ticked is taken back. Raises
    `Refused`: `ANSWERS` with what is wrong, else why nothing may be changed.
    """
    booking = await queries.lock_booking(tx.connection, id=booking_id)
    if booking is None or booking["rotation"] != rotation:
        raise Refused(Reason.UNKNOWN_BOOKING)
    if booking["status"] not in LIVE:
        raise Refused(Reason.OVER)
    if tx.moment >= booking["ends_at"]:
        raise Refused(Reason.STARTED)
    before = (await rules_for(tx, booking["event_id"])).change_until
    if before is not None and tx.moment > booking["starts_at"] - before:
        raise Refused(Reason.TOO_LATE, until=booking["starts_at"] - before)
    questions = await questions_of(tx, booking["event_id"])
    judged = judge(questions, given, language)
    if judged.wrong:
        raise Refused(Reason.ANSWERS, wrong=judged.wrong)
    stood = {row["question_id"]: row["wording"] for row in await _answered(tx, booking_id)}
    stands = {one.question_id: one.wording for one in judged.answers}
    empty = [one.id for one in questions if not one.retired and one.id not in stands]
    ended = [id for id, wording in stood.items() if stands.get(id) != wording]
    if empty:
        await queries.drop_answers(tx.connection, booking_id=booking_id, questions=empty)
    if ended:
        await queries.end_question_consents(tx.connection, booking_id=booking_id, questions=ended, moment=tx.moment)
    await save(tx, [(booking_id, booking["visitor_id"], "link", judged.answers)])


async def values_of(tx: Transaction, booking_id: UUID) -> dict[UUID, tuple[Value, int]]:
    """What a household answered: question → (value, the wording that it answered)."""
    return {row["question_id"]: (row["value"], row["wording"]) for row in await _answered(tx, booking_id)}


async def _answered(tx: Transaction, booking_id: UUID) -> Sequence[Any]:
    rows: Sequence[Any] = await queries.answers_of_booking(tx.connection, booking_id=booking_id)
    return rows
