"""One question in the editor: a form for its words, options and bounds, and what does not fit said at its input."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import questions
from registrations.commands.answers import questions_of
from registrations.commands.questions import Overtaken
from registrations.domain.questions import (
    AGREED,
    CHOOSING,
    LONGEST_LINE,
    MOST_OPTIONS,
    Kind,
    Question,
    Unsound,
    asked_in_order,
)
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.pages.questions import editor, flaw_said, languages_of
from registrations.questionnaire import QuestionForm
from registrations.sentences import KINDS
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.ids import new_id
from services.pages.forms import Form
from services.pages.languages import msgid, text_in

SPARE_ROWS = 3
"""Empty rows for options, beside those that are written: without scripts there is no button that adds one."""
MEANWHILE = msgid("Somebody else changed this meanwhile. Open it again and add your words.")


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
            await command(tx, event["id"], wanted)
            await audit.record(tx, call, action, f"question:{wanted.id}", kind=str(wanted.kind))
    except Overtaken:
        form.fail("form", call.translate(MEANWHILE))
        return await _page(call, form, wanted.kind, stands, status=409)
    except Unsound as unsound:
        about = "options" if unsound.question is not None and unsound.question.id != wanted.id else "shown_for"
        form.fail(about, flaw_said(call, unsound))
        return await _page(call, form, wanted.kind, stands, status=409)
    return call.redirect(editor(call), flash=call.translate("Saved."))


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
        languages = await languages_of(tx, call, event["id"], found)
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


def _kind(call: Call) -> Kind:
    try:
        return Kind(call.request.query.get("kind", Kind.TEXT))
    except ValueError as error:
        raise NotFound("kind") from error
