"""JSON for what an event asks of those who book: the questions in their order, as the editor's page has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import Shown
from registrations.api.console import event_id_of
from registrations.api.public import QuestionOut
from registrations.commands import left_out, questions
from registrations.commands.answers import questions_of
from registrations.commands.questions import Overtaken
from registrations.domain.questions import MOST_QUESTIONS, Kind, Question, Unsound
from registrations.pages.finding import from_path
from registrations.questionnaire import (
    CopyForm,
    LeftOutForm,
    PlaceForm,
    QuestionBody,
    QuestionChange,
    QuestionRequest,
    RetireForm,
)
from registrations.sentences import FLAWS
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit
from services.ids import new_id
from services.pages.languages import msgid, text_in


class QuestionKept(QuestionOut):
    """A question as organisers have it: those that are no longer asked among them."""

    position: int
    version: int
    retired: bool
    answers: int
    """How many answered it."""


class QuestionsOut(Shown):
    """In their order, and then those that are asked no more."""

    event_id: UUID
    items: list[QuestionKept]
    left_out: list[QuestionOut]
    """What the event that this is a copy of asks, and for which there was no room beside this one's own."""


async def index(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
        answer = await _all(tx, event_id)
    return call.json(answer)


async def add(call: Call) -> StreamResponse:
    """One more, after those there are; 409 `cannot-be-asked` says what is in the way."""
    said: QuestionRequest = call.body
    _whole(said, said.kind)
    wanted = said.question(new_id(call.context.clock.now()), said.kind)

    async def act(tx: Transaction, event_id: UUID) -> None:
        await questions.add(tx, event_id, wanted)
        await audit.record(tx, call, "question.added", f"question:{wanted.id}", kind=str(wanted.kind))

    return await _do(call, act, status=201)


async def change(call: Call) -> StreamResponse:
    """Everything of it but its kind; 409 `changed-meanwhile` where `version` is no longer the one that stands."""
    said: QuestionChange = call.body
    stands = await _stands(call)
    _whole(said, stands.kind)
    wanted = said.question(stands.id, stands.kind, stands, version=said.version)

    async def act(tx: Transaction, event_id: UUID) -> None:
        await questions.change(tx, event_id, wanted)
        await audit.record(tx, call, "question.changed", f"question:{wanted.id}", kind=str(wanted.kind))

    return await _do(call, act)


async def move(call: Call) -> StreamResponse:
    """One place up or down, from the position that was read."""
    said: PlaceForm = call.body
    stands = await _stands(call)

    async def act(tx: Transaction, event_id: UUID) -> None:
        await questions.move(tx, event_id, stands.id, said.position, up=said.to == "up")
        await audit.record(tx, call, "question.moved", f"question:{stands.id}")

    return await _do(call, act)


async def retire(call: Call) -> StreamResponse:
    """Ask it no more; answers that were given stay. With `again`, ask it once more, after the others."""
    said: RetireForm = call.body
    stands = await _stands(call, retired=said.again)
    act_on, action = (
        (questions.ask_again, "question.asked_again") if said.again else (questions.retire, "question.withdrawn")
    )

    async def act(tx: Transaction, event_id: UUID) -> None:
        await act_on(tx, event_id, stands.id, said.version)
        await audit.record(tx, call, action, f"question:{stands.id}")

    return await _do(call, act)


async def copy(call: Call) -> StreamResponse:
    """Ask here too what another event of the programme asks; what is asked already is not asked twice."""
    said: CopyForm = call.body
    async with call.transaction() as tx:
        if await queries.event_page(tx.connection, id=said.event) is None:
            raise NotFound("event")

    async def act(tx: Transaction, event_id: UUID) -> None:
        await questions.copy(tx, event_id, said.event)
        await audit.record(tx, call, "question.copied", f"event:{said.event}")

    return await _do(call, act)


async def settle(call: Call) -> StreamResponse:
    """Ask what a copied event had no room for, or leave it out for good; 409 `cannot-be-asked` where there is none.
    What depends on an answer that can no longer be given stays in `left_out`."""
    said: LeftOutForm = call.body

    async def act(tx: Transaction, event_id: UUID) -> None:
        await (left_out.ask if said.ask else left_out.leave)(tx, event_id)
        await audit.record(tx, call, "question.copied" if said.ask else "question.left_out", f"event:{event_id}")

    return await _do(call, act)


async def _do(
    call: Call,
    act: Callable[[Transaction, UUID], Awaitable[None]],
    *,
    status: int = 200,
) -> StreamResponse:
    """Do it, and answer with all questions as they are then."""
    try:
        async with call.transaction() as tx:
            event_id = await event_id_of(call, tx)
            await act(tx, event_id)
            answer = await _all(tx, event_id)
    except Overtaken as overtaken:
        sentence = msgid("Somebody else changed the questions meanwhile. Read them again.")
        raise Conflict("changed-meanwhile", sentence) from overtaken
    except Unsound as unsound:
        raise _unsound(call, unsound) from unsound
    return call.json(answer, status=status)


def _unsound(call: Call, unsound: Unsound) -> Conflict:
    wrong = unsound.question
    label = text_in(wrong.labels, call.lang)[0] if wrong else ""
    extra = {"flaw": unsound.flaw.value, "question_id": str(wrong.id) if wrong else None}
    return Conflict("cannot-be-asked", FLAWS[unsound.flaw], extra=extra, question=label, most=MOST_QUESTIONS)


def _whole(said: QuestionBody, kind: Kind) -> None:
    """Raises `Invalid` where something does not fit the kind."""
    flaws = said.flaws(kind)
    if flaws:
        raise Invalid(flaws)


async def _stands(call: Call, *, retired: bool = False) -> Question:
    question_id = from_path(call, "question_id", "question")
    async with call.transaction() as tx:
        found = await questions_of(tx, await event_id_of(call, tx))
    stands = next((one for one in found if one.id == question_id and one.retired is retired), None)
    if stands is None:
        raise NotFound("question")
    return stands


async def _all(tx: Transaction, event_id: UUID) -> QuestionsOut:
    counts = {row["id"]: row["answers"] for row in await queries.answers_counted(tx.connection, event_id=event_id)}
    items = [
        QuestionKept.model_validate({**_shown(one), "answers": counts.get(one.id, 0)})
        for one in sorted(await questions_of(tx, event_id), key=lambda one: (one.retired, one.position))
    ]
    lacking = await left_out.of_event(tx, event_id)
    missed = [QuestionOut.model_validate(_shown(one)) for one in lacking.questions] if lacking else []
    return QuestionsOut(event_id=event_id, items=items, left_out=missed)


def _shown(question: Question) -> dict[str, Any]:
    return {**asdict(question), "hints": question.hints or {}, "options": question.offered}
