"""A chosen time is kept for ten minutes while its form is filled in: by script as it is chosen, else by a button.

Nobody is known by a hold; the form's own attempt is all that names it, and one form keeps one time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp.web import Response, StreamResponse

from registrations.commands import guarding
from registrations.commands.guarding import Unproved
from registrations.commands.together import ask
from registrations.domain.asking import Choose, LetGo
from registrations.domain.refusals import Reason, Refused
from registrations.inputs import HoldForm, LetGoForm, Registration
from registrations.pages import register
from registrations.pages.finding import event_of, identifier
from registrations.sentences import ASK_TO_WRITE, refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.pages import formats
from services.pages.forms import Form

SCRIPTED = "application/json"


async def hold(call: Call) -> StreamResponse:
    """POST /{lang}/register/{slug}/hold: keep the chosen time; the form comes back as typed, with the time's end.

    A script asks for JSON and gets {"until": …, "seconds": …, "sentence": …}, or {"sentence": …} with why not.
    """
    form = await call.form(HoldForm)
    chosen = form.value
    event_id, programme_id = await event_of(call, call.path("slug"))
    if chosen is None:
        return await _answer(call, form, Refused(Reason.UNKNOWN_PLACE))
    household, is_group = chosen.household(), chosen.group_name is not None
    wish = Choose(chosen.attempt, event_id, chosen.slot_id, household.adults, household.children, is_group)
    try:
        await guarding.admit(call.context, programme_id, event_id, chosen.attempt, chosen.proof, books=False)
        await ask(call.context, programme_id, wish)
    except Unproved as unproved:
        if SCRIPTED in call.request.headers.get("Accept", ""):
            return call.json({"sentence": ""}, status=403)
        kept: Form[Registration] = Form(raw=dict(form.raw))
        return await register.page(call, kept, unproved=unproved, status=403)
    except Refused as refused:
        return await _answer(call, form, refused)
    return await _answer(call, form, None)


async def let_go(call: Call) -> StreamResponse:
    """POST …/let-go: the form was left, and what it kept is free for others. Sent by the page as it closes."""
    form = await call.form(LetGoForm)
    if form.value is not None:
        _, programme_id = await event_of(call, call.path("slug"))
        await ask(call.context, programme_id, LetGo(form.value.attempt))
    return Response(status=204)


async def _answer(call: Call, form: Form[HoldForm], refused: Refused | None) -> StreamResponse:
    if SCRIPTED not in call.request.headers.get("Accept", ""):
        kept: Form[Registration] = Form(raw=dict(form.raw))
        status = 409 if refused is not None else 200
        return await register.page(call, kept, refused=refused, status=status)
    event_id, programme_id = await event_of(call, call.path("slug"))
    async with call.transaction(programme_id) as tx:
        until = await kept_until(tx, event_id, identifier(form.get("attempt")))
        event = await queries.event_page(tx.connection, id=event_id)
    if refused is not None:
        said = refusal(refused, call.translate, event["time_zone"])
        contact = event["contact"] if refused.reason in ASK_TO_WRITE else None
        return call.json({"sentence": f"{said} {contact}" if contact else said}, status=409)
    assert until is not None
    left = (until - call.context.clock.now()).total_seconds()
    return call.json(
        {"until": until.isoformat(), "seconds": int(left), "sentence": sentence(call, until, event["time_zone"])}
    )


def sentence(call: Call, until: datetime, zone: str) -> str:
    """Until when a time is kept, as the reader's clock at the event shows it."""
    return call.translate("We keep this time for you until {moment}.", moment=formats.time(until, call.lang, zone))


async def kept_until(tx: Transaction, event_id: UUID, attempt: UUID | None) -> datetime | None:
    """When the hold of a form ends; None where it keeps nothing now."""
    row: Any = await queries.hold_of_form(tx.connection, event_id=event_id, attempt=attempt) if attempt else None
    return row["ends_by"] if row is not None and row["ends_by"] > tx.moment else None
