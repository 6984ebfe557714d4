"""A chosen time is kept for ten minutes while somebody decides: by a name that the caller makes up, and no other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import PARTY_FIELDS, Shown, problem, unproved
from registrations.commands import guarding
from registrations.commands.guarding import Unproved
from registrations.commands.together import ask
from registrations.domain.asking import Choose, LetGo
from registrations.domain.refusals import Refused
from registrations.pages.finding import event_of, from_path
from registrations.pages.holding import kept_until
from registrations.requests import HoldRequest
from services.http.call import Call


class HoldOut(Shown):
    """What is kept, and until when: named as `attempt`, a booking takes it over."""

    attempt: UUID
    slot_id: UUID | None
    until: datetime


class HoldLetGo(Shown):
    attempt: UUID


async def hold(call: Call) -> StreamResponse:
    """200 with the end of the hold; the same name keeps one time, so another one replaces it."""
    wanted: HoldRequest = call.body
    attempt = from_path(call, "attempt", "hold")
    event_id, programme_id = await event_of(call, call.path("event"))
    household, is_group = wanted.household(), wanted.group_name is not None
    wish = Choose(attempt, event_id, wanted.slot_id, household.adults, household.children, is_group)
    try:
        await guarding.admit(call.context, programme_id, event_id, attempt, wanted.proof, books=False)
        await ask(call.context, programme_id, wish)
    except Unproved as lacking:
        raise unproved(lacking) from lacking
    except Refused as refused:
        raise problem(refused, PARTY_FIELDS) from refused
    async with call.transaction(programme_id) as tx:
        until = await kept_until(tx, event_id, attempt)
    return call.json(HoldOut(attempt=attempt, slot_id=wanted.slot_id, until=until or call.context.clock.now()))


async def let_go(call: Call) -> StreamResponse:
    """200 also where nothing was kept, or no longer."""
    attempt = from_path(call, "attempt", "hold")
    _, programme_id = await event_of(call, call.path("event"))
    await ask(call.context, programme_id, LetGo(attempt))
    return call.json(HoldLetGo(attempt=attempt))
