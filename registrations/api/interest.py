"""JSON for "Hear more from us": somebody wants to hear more of a programme, without an event.

Held off from machines as the form is; the answer is the same for everyone, and tells nobody whom we know.
"""

from __future__ import annotations

from datetime import datetime

from aiohttp.web import StreamResponse

from registrations.api import Shown, attempt, unproved
from registrations.commands import guarding
from registrations.commands.guarding import Unproved
from registrations.domain.applications import Person
from registrations.pages import guards
from registrations.pages.finding import UNKNOWN_CHOICE, are_offered
from registrations.pages.interest import programme_of, write_down
from registrations.requests import InterestRequest
from services.http.call import Call
from services.http.problems import Invalid


class InterestReceived(Shown):
    """Somebody who lives there writes back by mail."""

    received_at: datetime


async def send(call: Call) -> StreamResponse:
    """202 with a receipt; 403 `proof-needed` in a rush, with the challenge to solve."""
    said: InterestRequest = call.body
    programme, moment = await programme_of(call), call.context.clock.now()
    if not are_offered(said.target_groups, programme["offered_groups"]):
        raise Invalid({"target_groups": UNKNOWN_CHOICE})
    received = call.json(InterestReceived(received_at=moment), status=202)
    if guards.trapped(said, "interest"):
        return received
    person = Person(said.name, said.email, said.language)
    made_by = said.attempt or attempt(call, moment, of=said.email.lower())
    try:
        await guarding.admit(call.context, call.programme.id, None, made_by, said.proof)
    except Unproved as lacking:
        raise unproved(lacking) from lacking
    await write_down(call, said, person, made_by, through="api")
    return received
