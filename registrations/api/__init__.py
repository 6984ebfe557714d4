"""JSON: `public` for whoever books, `console` for those who run the event, `leads` for what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict

from registrations.commands.guarding import Unproved
from registrations.domain.proof import PIECES
from registrations.domain.refusals import Reason, Refused
from registrations.sentences import REFUSALS, misgiven
from services.http.call import Call
from services.http.idempotency import HEADER
from services.http.problems import Conflict, Invalid, NotFound, Problem
from services.ids import new_id
from services.pages.languages import msgid


class Shown(BaseModel):
    """What is answered. Fields may be added; a caller ignores those it does not know."""

    model_config = ConfigDict(from_attributes=True)


MISSING = {Reason.UNKNOWN_BOOKING: "booking", Reason.UNKNOWN_PLACE: "place"}


def problem(refused: Refused, **extra: object) -> Problem:
    """A refusal as callers read it: 404 for what does not exist, else 409 with a stable code."""
    if refused.reason in MISSING:
        return NotFound(MISSING[refused.reason])
    values = {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in refused.values.items()
    }
    return Conflict(refused.reason.replace("_", "-"), REFUSALS[refused.reason], extra={**values, **extra}, **values)


def misanswered(call: Call, refused: Refused) -> Invalid:
    """What is wrong with answers to an event's questions, each at its own."""
    wrong = refused.values["wrong"]
    return Invalid({f"answers.{id}": misgiven(one, call.translate) for id, one in wrong.items()})


def unproved(lacking: Unproved) -> Problem:
    """403 `proof-needed` with the challenge. Solved, it goes with the same call once more, as the body's `proof`:
    numbers n such that SHA-256(SHA-256(challenge) | piece | n), both as 32 bits, begins with `bits` zeros."""
    challenge = {
        "challenge": lacking.signed,
        "bits": lacking.challenge.bits,
        "pieces": PIECES,
        "ends_at": lacking.challenge.ends_at.isoformat(),
        "lack": lacking.lack,
    }
    return Problem(
        403,
        "proof-needed",
        msgid("Very many are writing to us just now"),
        msgid("Solve the challenge, and send the same call again with its numbers as the proof."),
        extra={"proof": challenge},
    )


def attempt(call: Call, moment: datetime, *, of: str = "") -> UUID:
    """The same Idempotency-Key is the same attempt, also where the first call's answer was lost with its process.

    A key is its caller's own: others may send the same. `of` tells guests apart, where the attempt alone names a row.
    """
    key, who = call.request.headers.get(HEADER), call.principal
    if not key:
        return new_id(moment)
    caller = of if who.kind == "guest" else f"{who.kind}:{who.token_id or who.account_id}"
    return uuid5(NAMESPACE_URL, f"attempt:{caller}:{key}")
