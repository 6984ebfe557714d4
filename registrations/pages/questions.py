"""The editor of an event's questions: which are asked, in what order, what is missing, and how it looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import left_out, questions
from registrations.commands.answers import questions_of
from registrations.commands.questions import Overtaken
from registrations.domain.questions import (
    MOST_QUESTIONS,
    Flaw,
    Question,
    Unsound,
    asked_in_order,
    languages_missing,
)
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.questionnaire import CopyForm, LeftOutForm, PlaceForm, RetireForm
from registrations.sentences import FLAWS, KINDS, STUCK
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.identity import audit
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import LANGUAGES, msgid, text_in

THE_OTHERS = msgid("The others are asked here too.")
ORDER_CHANGED = msgid("Somebody else changed the questions meanwhile. Look again.")


async def show(call: Call) -> StreamResponse:
    """The questions in their order, with what is missing, and those that are no longer asked."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        found = await questions_of(tx, event["id"])
        counted = await queries.answers_counted(tx.connection, event_id=event["id"])
        others = await queries.events_with_questions(tx.connection, event_id=event["id"])
        languages = await languages_of(tx, call, event["id"], found)
        lacking = await left_out.of_event(tx, event["id"])
    asked = asked_in_order(found)
    return call.page(
        "registrations/questions_editor.html",
        event=event,
        asked=[(one, languages_missing(one, languages)) for one in asked],
        questions=asked,
        retired=[one for one in found if one.retired],
        counts={row["id"]: row["answers"] for row in counted},
        others=others,
        lacking=lacking,
        stuck=stuck_said(call, lacking) if lacking else [],
        form=Form.empty(),
        kinds=KINDS,
        most=MOST_QUESTIONS,
        previews=languages,
    )


async def preview(call: Call) -> StreamResponse:
    """The questions as visitors see them, in this language; nothing is sent."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        found = asked_in_order(await questions_of(tx, event["id"]))
    return call.page("registrations/questions_preview.html", event=event, questions=found, form=Form.empty())


async def move(call: Call) -> StreamResponse:
    form = await call.form(PlaceForm)
    question_id = from_path(call, "question_id", "question")
    given = form.value

    async def act(tx: Transaction, event_id: UUID) -> None:
        if given is None:
            raise Overtaken(str(question_id))
        await questions.move(tx, event_id, question_id, given.position, up=given.to == "up")

    return await _do(call, act, "question.moved", f"question:{question_id}", msgid("The order is changed."))


async def retire(call: Call) -> StreamResponse:
    """Ask it no more; answers stay where they are. With `again`, ask it once more, after the others."""
    form = await call.form(RetireForm)
    question_id = from_path(call, "question_id", "question")
    given = form.value
    again = given is not None and given.again

    async def act(tx: Transaction, event_id: UUID) -> None:
        if given is None:
            raise Overtaken(str(question_id))
        change = questions.ask_again if again else questions.retire
        await change(tx, event_id, question_id, given.version)

    done = msgid("It is asked again.") if again else msgid("It is no longer asked. Answers that were given stay.")
    return await _do(
        call, act, "question.asked_again" if again else "question.withdrawn", f"question:{question_id}", done
    )


async def copy(call: Call) -> StreamResponse:
    """Ask here too what another event asks."""
    form = await call.form(CopyForm)
    given = form.value

    async def act(tx: Transaction, event_id: UUID) -> None:
        if given is None:
            raise Overtaken(str(event_id))
        await questions.copy(tx, event_id, given.event)

    subject = f"event:{given.event}" if given else ""
    return await _do(call, act, "question.copied", subject, msgid("The questions are asked here too."))


async def settle(call: Call) -> StreamResponse:
    """Ask what a copied event had no room for, or leave it out."""
    given = (await call.form(LeftOutForm)).value
    asks = given is not None and given.ask

    async def act(tx: Transaction, event_id: UUID) -> str | None:
        if given is None:
            raise Overtaken(str(event_id))
        left = None
        if given.ask:
            left = await left_out.ask(tx, event_id)
        else:
            await left_out.leave(tx, event_id)
        return " ".join((call.translate(THE_OTHERS), *stuck_said(call, left))) if left else None

    done = msgid("The questions are asked here too.") if asks else msgid("They are left out.")
    return await _do(call, act, "question.copied" if asks else "question.left_out", "", done)


async def _do(
    call: Call, act: Callable[[Transaction, UUID], Awaitable[str | None]], action: str, subject: str, done: str
) -> StreamResponse:
    """Do it and lead back to the list, which says what became of it: `done`, or what `act` says where it did not do
    all. Without a `subject` it is about the event."""
    response = call.redirect(editor(call))
    try:
        async with call.transaction() as tx:
            event = await event_named(call, tx)
            partly = await act(tx, event["id"])
            await audit.record(tx, call, action, subject or f"event:{event['id']}")
    except Overtaken:
        sentence, tone = call.translate(ORDER_CHANGED), "warning"
    except Unsound as unsound:
        sentence, tone = flaw_said(call, unsound), "warning"
    else:
        sentence, tone = partly or call.translate(done), "warning" if partly else "success"
    flash.leave(response, sentence, call.context.settings.secure, tone)
    return response


def flaw_said(call: Call, unsound: Unsound) -> str:
    """The sentence about a flaw, with the label of the question that has it."""
    label = text_in(unsound.question.labels, call.lang)[0] if unsound.question else ""
    values = {"most": MOST_QUESTIONS} if unsound.flaw is Flaw.TOO_MANY else {"question": label}
    return call.translate(FLAWS[unsound.flaw], **values)


def stuck_said(call: Call, left: left_out.LeftOut) -> list[str]:
    """A sentence for each question that cannot be asked here, with the one on which it depends."""
    labels = [(text_in(one.labels, call.lang)[0], left.stuck.get(one.id)) for one in left.questions]
    return [
        call.translate(STUCK, question=label, other=text_in(other.labels, call.lang)[0])
        for label, other in labels
        if other is not None
    ]


async def languages_of(tx: Transaction, call: Call, event_id: UUID, found: Sequence[Question]) -> list[str]:
    """The programme's own language first, then its others, then those that a question has besides."""
    event: Any = await queries.event_page(tx.connection, id=event_id)
    further = [lang for one in found for lang in one.labels]
    return list(dict.fromkeys((call.programme.language, *(event["languages"] or LANGUAGES), *further)))


def editor(call: Call) -> str:
    """The address of the list."""
    return call.console(f"attendees/{call.path('event')}/questions")
