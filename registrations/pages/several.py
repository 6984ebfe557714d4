"""Several dates in one go: the same household at several times and events of the programme, with an answer per date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.behalf import SeveralForm
from registrations.commands import several as commands
from registrations.commands.several import Outcome
from registrations.inputs import EMAIL
from registrations.pages import places
from registrations.pages.finding import identifier
from registrations.pages.for_somebody import PRIVATE, about
from registrations.place_names import EVENT, place_names
from registrations.sentences import BANDS, FATES, REASONS, UNLIKELY
from registrations.statements import queries
from services.http.call import Call
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid

EVENTS = 20
NONE = msgid("Tick at least one date.")


async def show(call: Call) -> StreamResponse:
    """GET ?visitor=: the form, filled in with what is known of a visitor."""
    return await _page(call, Form.empty(await about(call, identifier(call.request.query.get("visitor")))))


async def book(call: Call) -> StreamResponse:
    """POST: book them, and say what became of each date. Sent twice, it books nobody twice and says the same."""
    form = await call.form(SeveralForm)
    said = form.value
    if said is not None and said.email is None:
        form.fail("email", call.translate(EMAIL))
    if said is not None and not said.choice:
        form.fail("choice", call.translate(NONE))
    if said is None or form.value is None:
        return await _page(call, form, status=422)
    wishes = said.wishes(said.places(), said.attempt, call.context.clock.now(), whole=said.whole)
    # Where nothing at all could be booked, the form comes back as it was typed.
    outcomes, kept = await commands.book(call.context, call.programme.id, wishes, call.principal, whole=said.whole)
    return await _page(call, form, outcomes=outcomes, kept=kept, status=200 if kept else 409)


async def _page(
    call: Call,
    form: Form[SeveralForm],
    *,
    outcomes: Sequence[Outcome] = (),
    kept: bool = False,
    status: int = 200,
) -> StreamResponse:
    moment = call.context.clock.now()
    offered: list[tuple[Any, list[places.Stand]]] = []
    names: dict[tuple[UUID, str], tuple[Any, str]] = {}
    async with call.transaction() as tx:
        for event in await queries.events_to_come(tx.connection, moment=moment, many=EVENTS):
            rows = await queries.places_of_event(tx.connection, event_id=event["id"])
            stands = [one for one in places.stands(rows, event["time_zone"], moment) if one.is_open]
            if stands:
                offered.append((event, stands))
            called = place_names(rows, event["time_zone"], call.translate)
            names.update({(event["id"], value): (event, name) for value, name in called.items()})
    return call.page(
        "registrations/several.html",
        status=status,
        form=form,
        offered=offered,
        answers=[(one, *names.get(_wanted(one), (None, ""))) for one in outcomes],
        kept=kept,
        fates=FATES,
        reasons=REASONS,
        unlikely=UNLIKELY,
        bands=BANDS,
        spoken=[(code, ENDONYMS[code]) for code in LANGUAGES],
        headers=PRIVATE,
    )


def _wanted(one: Outcome) -> tuple[UUID, str]:
    """The event of what was asked for, and what a form sends for its place."""
    return one.wish.event_id, str(one.wish.slot_id) if one.wish.slot_id else EVENT
