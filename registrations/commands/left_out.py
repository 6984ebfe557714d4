"""What a copied event had no room for of the first one's questions: shown to organisers until they decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from registrations.commands import questions
from registrations.commands.answers import questions_of
from registrations.domain.questions import Question
from registrations.statements import queries
from services.database import Transaction


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Questions of the first event that its copy does not ask, in the first one's order."""

    from_event: UUID
    titles: Mapping[str, str]
    questions: tuple[Question, ...]


async def of_event(tx: Transaction, event_id: UUID) -> LeftOut | None:
    """What was left out of an event; None where nothing was, or an organiser has decided."""
    row = await queries.questions_left_out(tx.connection, event_id=event_id)
    if row is None:
        return None
    theirs = {one.id: one for one in await questions_of(tx, row["from_event_id"])}
    return LeftOut(row["from_event_id"], row["titles"] or {}, tuple(theirs[one] for one in row["left_out"]))


async def ask(tx: Transaction, event_id: UUID) -> None:
    """Ask them here, after what is asked already, each with those on whose answers it depends where they are not asked
    here in the same words. Raises `Unsound` where they are too many."""
    await queries.lock_event(tx.connection, id=event_id)
    found = await of_event(tx, event_id)
    if found is not None:
        theirs = {one.id: one for one in await questions_of(tx, found.from_event)}
        await questions.add_like(tx, event_id, _with_conditions(found.questions, theirs))
        await queries.settle_left_out(tx.connection, event_id=event_id)


async def leave(tx: Transaction, event_id: UUID) -> None:
    """Ask no more than is asked: nobody is told of them any longer."""
    await queries.settle_left_out(tx.connection, event_id=event_id)


def _with_conditions(those: tuple[Question, ...], theirs: Mapping[UUID, Question]) -> list[Question]:
    """Each after the one on which it depends; also where the first event has withdrawn them since."""
    wanted: dict[UUID, Question] = {}

    def want(one: Question) -> None:
        if one.id not in wanted:
            if one.shown_when is not None:
                want(theirs[one.shown_when])
            wanted[one.id] = replace(one, retired=False)

    for one in those:
        want(one)
    return list(wanted.values())
