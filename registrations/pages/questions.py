"""The editor of an event's questions: their order, their words by language, when each is asked, and how it looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import left_out, questions
from registrations.commands.answers import questions_of
from registrations.commands.questions import Overtaken
from registrations.domain.questions import (
    AGREED,
    CHOOSING,
    LONGEST_LINE,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    Flaw,
    Kind,
    Question,
    Unsound,
    asked_in_order,
    languages_missing,
)
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.questionnaire import CopyForm, LeftOutForm, PlaceForm, QuestionForm, RetireForm
from registrations.sentences import FLAWS, KINDS
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.ids import new_id
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import LANGUAGES, msgid, text_in

SPARE_ROWS = 3
"""Empty rows for options, beside those that are written: without scripts there is no button that adds one."""
MEANWHILE = msgid("Somebody else changed this meanwhile. Open it again and add your words.")
ORDER_CHANGED = msgid("Somebody else changed the questions meanwhile. Look again.")


# The list -------------------------------------------------------------------------------------------------------------


async def show(call: Call) -> StreamResponse:
    """The questions in their order, with what is missing, and those that are no longer asked."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        found = await questions_of(tx, event["id"])
        counted = await queries.answers_counted(tx.connection, event_id=event["id"])
        others = await queries.events_with_questions(tx.connection, event_id=event["id"])
        languages = await _languages(tx, call, event["id"], found)
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

    async def act(tx: Transaction, event_id: UUID) -> None:
        if given is None:
            raise Overtaken(str(event_id))
        await (left_out.ask if given.ask else left_out.leave)(tx, event_id)

    done = msgid("The questions are asked here too.") if asks else msgid("They are left out.")
    return await _do(call, act, "question.copied" if asks else "question.left_out", "", done)


async def _do(
    call: Call, act: Callable[[Transaction, UUID], Awaitable[None]], action: str, subject: str, done: str
) -> StreamResponse:
    """Do it and lead back to the list, which says what became of it. Without a `subject` it is about the event."""
    response = call.redirect(_back(call))
    found: list[Question] = []
    try:
        async with call.transaction() as tx:
            event = await event_named(call, tx)
            found = await questions_of(tx, event["id"])
            await act(tx, event["id"])
            await audit.record(tx, call, action, subject or f"event:{event['id']}")
    except Overtaken:
        sentence, tone = call.translate(ORDER_CHANGED), "warning"
    except Unsound as unsound:
        sentence, tone = _flaw(call, unsound, found), "warning"
    else:
        sentence, tone = call.translate(done), "success"
    flash.leave(response, sentence, call.context.settings.secure, tone)
    return response


# One question ---------------------------------------------------------------------------------------------------------


async def new(call: Call) -> StreamResponse:
    """GET ?kind=: an empty form."""
    return await _page(call, Form.empty({"longest": LONGEST_LINE, "version": 1}), _kind(call))


async def add(call: Call) -> StreamResponse:
    kind, question_id = _kind(call), new_id(call.context.clock.now())
    form = await call.form(QuestionForm)
    given = _whole(call, form, kind)
    if given is None:
        return await _page(call, form, kind, status=422)
    wanted = given.question(question_id, kind)
    return await _keep(call, form, wanted, "question.added", questions.add)


async def edit(call: Call) -> StreamResponse:
    stands = await _stands(call)
    return await _page(call, Form.empty(_filled(stands)), stands.kind, stands)


async def save(call: Call) -> StreamResponse:
    stands = await _stands(call)
    form = await call.form(QuestionForm)
    given = _whole(call, form, stands.kind)
    if given is None:
        return await _page(call, form, stands.kind, stands, status=422)
    wanted = given.question(stands.id, stands.kind, stands, version=given.version)
    return await _keep(call, form, wanted, "question.changed", questions.change, stands)


async def _keep(
    call: Call,
    form: Form[QuestionForm],
    wanted: Question,
    action: str,
    command: Callable[[Transaction, UUID, Question], Awaitable[None]],
    stands: Question | None = None,
) -> StreamResponse:
    try:
        async with call.transaction() as tx:
            event = await event_named(call, tx)
            found = await questions_of(tx, event["id"])
            await command(tx, event["id"], wanted)
            await audit.record(tx, call, action, f"question:{wanted.id}", kind=str(wanted.kind))
    except Overtaken:
        form.fail("form", call.translate(MEANWHILE))
        return await _page(call, form, wanted.kind, stands, status=409)
    except Unsound as unsound:
        about = "options" if unsound.question not in {wanted.id, None} else "shown_for"
        form.fail(about, _flaw(call, unsound, [*(one for one in found if one.id != wanted.id), wanted]))
        return await _page(call, form, wanted.kind, stands, status=409)
    return call.redirect(_back(call), flash=call.translate("Saved."))


def _whole(call: Call, form: Form[QuestionForm], kind: Kind) -> QuestionForm | None:
    """What was sent, if all of it fits the kind; else the form says what does not."""
    given = form.value
    for field, sentence in given.flaws(kind).items() if given else ():
        form.fail(field, call.translate(sentence))
    return form.value


async def _stands(call: Call) -> Question:
    question_id = from_path(call, "question_id", "question")
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        found = await questions_of(tx, event["id"])
    stands = next((one for one in found if one.id == question_id and not one.retired), None)
    if stands is None:
        raise NotFound("question")
    return stands


async def _page(
    call: Call, form: Form[Any], kind: Kind, stands: Question | None = None, *, status: int = 200
) -> StreamResponse:
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        found = await questions_of(tx, event["id"])
        counted = await queries.answers_counted(tx.connection, event_id=event["id"])
        languages = await _languages(tx, call, event["id"], found)
    asked = asked_in_order(found)
    before = [one for one in asked if one.keys and (stands is None or one.position < stands.position)]
    written = len({name.split(".")[1] for name in form.raw if name.startswith("options.")})
    return call.page(
        "registrations/question.html",
        status=status,
        event=event,
        form=form,
        kind=kind,
        kind_name=KINDS[kind],
        stands=stands,
        answers=next((row["answers"] for row in counted if stands and row["id"] == stands.id), 0),
        conditions=[(f"{one.id}/{key}", _named(call, one, key)) for one in before for key in one.keys],
        languages=languages,
        option_rows=min(max(written, 2) + SPARE_ROWS, 3 * MOST_OPTIONS) if kind in CHOOSING else 0,
        action=call.console(f"attendees/{event['slug']}/questions/{stands.id if stands else f'new?kind={kind}'}"),
    )


def _filled(stands: Question) -> dict[str, Any]:
    """The form of a question as it is."""
    return {
        "labels": stands.labels,
        "hints": stands.hints or {},
        "options": [{"key": one.key, "labels": one.labels} for one in stands.offered],
        "required": stands.required,
        "longest": stands.longest,
        "least": f"{stands.least.normalize():f}" if stands.least is not None else None,
        "most": f"{stands.most.normalize():f}" if stands.most is not None else None,
        "earliest": stands.earliest,
        "latest": stands.latest,
        "shown_for": [f"{stands.shown_when}/{key}" for key in stands.shown_for],
        "version": stands.version,
    }


def _named(call: Call, question: Question, key: str) -> str:
    """One answer to a question, in words: “Where do you sleep?” – Tent."""
    label = text_in(question.labels, call.lang)[0]
    if key == AGREED and question.kind is Kind.CONSENT:
        return f"{label} – {call.translate('ticked')}"
    option = next(one for one in question.offered if one.key == key)
    return f"{label} – {text_in(option.labels, call.lang)[0]}"


def _flaw(call: Call, unsound: Unsound, found: Sequence[Question]) -> str:
    label = next((text_in(one.labels, call.lang)[0] for one in found if one.id == unsound.question), "")
    values = {"most": MOST_QUESTIONS} if unsound.flaw is Flaw.TOO_MANY else {"question": label}
    return call.translate(FLAWS[unsound.flaw], **values)


def _kind(call: Call) -> Kind:
    try:
        return Kind(call.request.query.get("kind", Kind.TEXT))
    except ValueError as error:
        raise NotFound("kind") from error


async def _languages(tx: Transaction, call: Call, event_id: UUID, found: Sequence[Question]) -> list[str]:
    """The programme's own language first, then its others, then those that a question has besides."""
    event: Any = await queries.event_page(tx.connection, id=event_id)
    further = [lang for one in found for lang in one.labels]
    return list(dict.fromkeys((call.programme.language, *(event["languages"] or LANGUAGES), *further)))


def _back(call: Call) -> str:
    return call.console(f"attendees/{call.path('event')}/questions")
