"""What a copied event had no room for of the first one's questions: shown to organisers until they decide about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from registrations.commands import questions
from registrations.commands.answers import questions_of
from registrations.domain.questions import Flaw, Question, Unsound, can_follow
from registrations.statements import queries
from services.database import Transaction


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Questions of the first event that its copy does not ask, in the first one's order."""

    from_event: UUID
    titles: Mapping[str, str]
    questions: tuple[Question, ...]
    stuck: Mapping[UUID, Question]
    """Those that cannot be asked here at all: by their id, the question whose answer they depend on and which has that
    answer no longer. The first event may change its options once it has withdrawn what depended on them."""


async def of_event(tx: Transaction, event_id: UUID) -> LeftOut | None:
    """What was left out of an event; None where nothing was, or an organiser has decided."""
    row = await queries.questions_left_out(tx.connection, event_id=event_id)
    if row is None:
        return None
    theirs = {one.id: one for one in await questions_of(tx, row["from_event_id"])}
    those = tuple(theirs[one] for one in row["left_out"])
    stuck = {one.id: other for one in those if (other := _lacking(one, theirs)) is not None}
    return LeftOut(row["from_event_id"], row["titles"] or {}, those, stuck)


async def ask(tx: Transaction, event_id: UUID) -> LeftOut | None:
    """Ask them here, after what is asked already, each with those on whose answers it depends where they are not asked
    here in the same words. What cannot be asked stays left out, and is returned; None where nothing does.

    Raises `Unsound` where they are too many, or none of them can be asked.
    """
    await queries.lock_event(tx.connection, id=event_id)
    found = await of_event(tx, event_id)
    if found is None:
        return None
    can = [one for one in found.questions if one.id not in found.stuck]
    if not can:
        raise Unsound(Flaw.NO_KEYS, found.questions[0])
    theirs = {one.id: one for one in await questions_of(tx, found.from_event)}
    await questions.add_like(tx, event_id, _with_conditions(can, theirs))
    await queries.keep_left_out(tx.connection, event_id=event_id, left_out=list(found.stuck))
    return await of_event(tx, event_id)


async def leave(tx: Transaction, event_id: UUID) -> None:
    """Ask no more than is asked: nobody is told of them any longer."""
    await queries.settle_left_out(tx.connection, event_id=event_id)


def _lacking(one: Question, theirs: Mapping[UUID, Question]) -> Question | None:
    """The question on whose answers this one, or one that it comes after, depends in vain."""
    while one.shown_when is not None:
        other = theirs[one.shown_when]
        if not can_follow(one, other):
            return other
        one = other
    return None


def _with_conditions(those: Sequence[Question], theirs: Mapping[UUID, Question]) -> list[Question]:
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
