"""What a public form shows and looks at so that machines leave it alone: a trap, and in a rush a proof of work."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registrations.commands import guarding
from registrations.commands.guarding import TRAPPED, Lack, TooManyLetters, Unproved
from registrations.domain.proof import PIECES
from registrations.inputs import Guarded
from services.http.call import Call
from services.http.problems import TooMany


@dataclass(frozen=True, slots=True)
class Guard:
    """What a form has to solve. `refused`: it was sent without, or with one that does not do any more."""

    challenge: str
    bits: int
    pieces: int
    refused: Lack | None


def trapped(said: Guarded, form: str) -> bool:
    """Whether a field was filled in that nobody sees. The answer is the same as to everybody; nothing is stored."""
    if said.website:
        TRAPPED.labels(form).inc()
    return bool(said.website)


async def shown(call: Call, programme_id: UUID, event_id: UUID | None, unproved: Unproved | None) -> Guard | None:
    """What the form that is shown now has to solve; None while there is no rush."""
    if unproved is not None:
        return Guard(unproved.signed, unproved.challenge.bits, PIECES, unproved.lack)
    found = await guarding.challenge(call.context, programme_id, event_id)
    return Guard(found[1], found[0].bits, PIECES, None) if found else None


async def by_mail(call: Call, programme_id: UUID, event_id: UUID) -> bool:
    """Whether the booking has to be confirmed by mail; raises `TooMany` where too many letters go out already."""
    try:
        return await guarding.admit_by_mail(call.context, programme_id, event_id)
    except TooManyLetters as error:
        raise TooMany(60) from error
