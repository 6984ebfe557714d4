"""JSON: `public` for whoever books, `console` for those who run the event, `leads` for what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict

from registrations.commands.guarding import Unproved
from registrations.domain.proof import PIECES
from registrations.domain.refusals import Reason, Refused
from registrations.sentences import REFUSALS, TO_PROGRAMS, misgiven
from services.http.call import Call
from services.http.idempotency import HEADER
from services.http.problems import Conflict, FieldError, Invalid, NotFound, Problem
from services.ids import new_id
from services.pages.languages import msgid


class Shown(BaseModel):
    """What is answered. Fields may be added; a caller ignores those it does not know."""

    model_config = ConfigDict(from_attributes=True)


MISSING = {Reason.UNKNOWN_BOOKING: "booking", Reason.UNKNOWN_PLACE: "place"}
PLACE_FIELDS: Mapping[Reason, str] = MappingProxyType({Reason.UNKNOWN_PLACE: "slot_id"})
PARTY_FIELDS: Mapping[Reason, str] = MappingProxyType(
    {**PLACE_FIELDS, Reason.NO_GROUPS: "group_name", Reason.TOO_LARGE: "adults"}
)
"""Which field of a body with a place, and with those who come as well, a refusal is about."""


def problem(refused: Refused, fields: Mapping[Reason, str] = MappingProxyType({}), **extra: object) -> Problem:
    """A refusal as callers read it: 404 for what does not exist, else 409 with a stable code. `fields` says which field
    of the body the caller must look at; moments are told as 2027-01-11 08:00 UTC, and as ISO 8601 beside it."""
    sentence = TO_PROGRAMS.get(refused.reason, REFUSALS[refused.reason])
    code = refused.reason.replace("_", "-")
    field = fields.get(refused.reason)
    named = (FieldError(field, sentence, code),) if field else ()
    if refused.reason in MISSING:
        missing = NotFound(MISSING[refused.reason])
        missing.fields, missing.detail = named, sentence
        return missing
    exact = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in refused.values.items()
    }
    return Conflict(
        code,
        sentence,
        fields=named,
        extra={**exact, **extra},
        **{name: _told(value) for name, value in refused.values.items()},
    )


def _told(value: Any) -> Any:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value


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
