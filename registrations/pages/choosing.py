"""Another event for a booking: another date of its own, or, where that was called off, anything else of the programme.
It asks what it asks of everyone who books there before it takes them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands.answers import questions_of, values_of
from registrations.domain.answers import Value
from registrations.domain.applications import Instead
from registrations.domain.questions import Kind, Question, asked_in_order
from registrations.domain.records import LIVE
from registrations.inputs import ChoiceForm
from registrations.pages import answers, my_booking, options, remembered
from registrations.pages.remembered import Remembered
from registrations.statements import queries
from services.http.call import Call
from services.pages.forms import Form
from services.pages.languages import msgid


async def choose(call: Call) -> StreamResponse:
    """POST /{lang}/my-booking/choose: the booking goes to the chosen event and time, with the same household.

    Where that event has questions they come first, on a page of their own (200; 422 with what is wrong).
    """
    form = await call.form(ChoiceForm)
    shown: Form[Any] = form
    if form.value is None:
        return await my_booking.page(call, forms={"choice": shown}, status=422)
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    choice, event_id, slot_id = form.value.choice, form.value.event, form.value.slot_id
    async with call.transaction(who.programme_id) as tx:
        booking = await my_booking.booking_of(tx, who)
        if booking is None:
            return my_booking.closed(call)
        event = await queries.event_page(tx.connection, id=event_id)
        places = await queries.places_of_event(tx.connection, event_id=event_id)
        is_asked = event is not None and event_id != booking["event_id"]
        questions = asked_in_order(await questions_of(tx, event_id)) if is_asked else []
        before = await questions_of(tx, booking["event_id"]) if questions else []
        answered = await values_of(tx, booking["id"]) if questions else {}
    if questions:
        if not form.value.asked:
            shown = answers.filled(_known(questions, before, answered))
            return _ask(call, who, event, places, choice, shown, questions)
        answers.tell(call, shown, questions)
        if shown.errors:
            return _ask(call, who, event, places, choice, shown, questions, status=422)
    given = answers.given_in(shown)
    return await my_booking.wish(
        call,
        lambda who: Instead(who.booking_id, event_id, slot_id, given, call.lang),
        msgid("Your date is changed.") if booking["status"] in LIVE else msgid("You have a place again."),
    )


def _ask(
    call: Call,
    who: Remembered,
    event: Any,
    places: Sequence[Mapping[str, Any]],
    choice: str,
    form: Form[Any],
    questions: Sequence[Question],
    *,
    status: int = 200,
) -> StreamResponse:
    labels = dict(options.places(call, event, places))
    return call.page(
        "registrations/choose.html",
        status=status,
        made_for=remembered.mark(call, who),
        event=event,
        place=labels.get(choice[37:] or "event", ""),
        choice=choice,
        form=form,
        questions=questions,
        headers=my_booking.PRIVATE,
    )


def _known(
    questions: Sequence[Question], before: Sequence[Question], answered: Mapping[UUID, tuple[Value, int]]
) -> dict[UUID, tuple[Value, int]]:
    """What they answered before to a question in the same words; a consent is given anew for each event."""
    said = {(one.kind, tuple(sorted(one.labels.items()))): answered.get(one.id) for one in before}
    found = {one.id: said.get((one.kind, tuple(sorted(one.labels.items())))) for one in questions}
    consents = {one.id for one in questions if one.kind is Kind.CONSENT}
    return {id: value for id, value in found.items() if value is not None and id not in consents}
