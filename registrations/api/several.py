"""JSON for several dates in one go: the same household or group at several times and events of the programme."""

from __future__ import annotations

from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import Shown, attempt
from registrations.behalf import SeveralRequest
from registrations.commands import several
from registrations.commands.several import MISSED, Outcome
from registrations.domain.fates import Fate
from registrations.domain.refusals import Reason
from registrations.inputs import EMAIL
from registrations.sentences import REASONS, UNLIKELY
from services.http.call import Call
from services.http.problems import FieldError, Invalid


class PlaceMade(Shown):
    """What became of one of the places; `booking_id` is also that of the booking that keeps them from it."""

    event_id: UUID
    slot_id: UUID | None
    fate: Fate
    reason: Reason | None
    booking_id: UUID | None
    new: bool


class SeveralMade(Shown):
    """In the order in which they were asked for, once each."""

    places: list[PlaceMade]


async def book(call: Call) -> StreamResponse:
    """409 naming each place that stood in the way (`places.1`) where nothing was booked."""
    said: SeveralRequest = call.body
    if said.email is None:
        raise Invalid({"email": EMAIL})
    moment = call.context.clock.now()
    wanted = list(dict.fromkeys((one.event_id, one.slot_id) for one in said.places))
    wishes = said.wishes(wanted, said.attempt or attempt(call, moment), moment, whole=said.whole)
    outcomes, kept = await several.book(call.context, call.programme.id, wishes, call.principal, whole=said.whole)
    if not kept:
        raise Invalid(_in_the_way(call, said, outcomes), status=409)
    return call.json(SeveralMade(places=[_shown(one) for one in outcomes]))


def _shown(one: Outcome) -> PlaceMade:
    return PlaceMade(
        event_id=one.wish.event_id,
        slot_id=one.wish.slot_id,
        fate=one.fate,
        reason=one.reason,
        booking_id=one.booking_id,
        new=one.new,
    )


def _in_the_way(call: Call, said: SeveralRequest, outcomes: list[Outcome]) -> tuple[FieldError, ...]:
    """Each place that could not be had, by where it stands in what was sent; a full one has no other reason."""
    missed = {
        (one.wish.event_id, one.wish.slot_id): one.reason or Reason.FULL for one in outcomes if one.fate in MISSED
    }
    return tuple(
        FieldError(f"places.{number}", call.translate(REASONS.get(reason, UNLIKELY)), reason.replace("_", "-"))
        for number, place in enumerate(said.places)
        if (reason := missed.get((place.event_id, place.slot_id)))
    )
