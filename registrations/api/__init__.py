"""JSON: `public` for whoever books, `console` for those who run the event, `leads` for what came of it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from registrations.domain.refusals import Reason, Refused
from registrations.sentences import REFUSALS
from services.http.problems import Conflict, NotFound, Problem


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
