"""What staff may send about how places are given out: how many, by which rules, and answers to single bookings."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from events.facts import Unit
from registrations.domain.records import EventRules, LinePolicy
from registrations.domain.text import one_line
from services.pages.languages import Refused, msgid

Capacity = Annotated[int, Field(ge=0, le=100_000)]
Hours = Annotated[int, Field(ge=0, le=8760)]


def _why(text: str) -> str:
    found = one_line(text)
    if not found:
        raise Refused(msgid("Say why: it is written down for those who were before them."))
    if len(found) > 200:
        raise Refused(msgid("Write at most {max_length} characters."), max_length=200)
    return found


class CapacityForm(BaseModel):
    capacity: Capacity
    ask: bool = False
    """Where more is taken: ask whoever booked last to choose something else, and let capacity fall as they do."""


class AcrossForm(BaseModel):
    """Places counted over the whole event, or over one stand of it, in a unit that is not counted there yet."""

    stand: UUID | None = None
    unit: Unit
    capacity: Capacity


class RulesForm(BaseModel):
    """How places are given out. `draw_at`, a moment with its offset, makes it a lottery."""

    line: Annotated[str, StringConstraints(pattern="^(promote|offer)$")]
    offer_hours: int = Field(ge=1, le=336)
    largest_household: int = Field(ge=1, le=50)
    largest_group: Annotated[int, Field(ge=2, le=500)] | None = None
    confirm_address: bool = False
    approval: bool = False
    change_until_hours: Hours | None = None
    cancel_until_hours: Hours | None = None
    draw_at: AwareDatetime | None = None

    def rules(self) -> EventRules:
        return EventRules(
            line=LinePolicy(self.line),
            offer_for=timedelta(hours=self.offer_hours),
            largest_household=self.largest_household,
            largest_group=self.largest_group,
            confirm_address=self.confirm_address,
            approval=self.approval,
            change_until=_span(self.change_until_hours),
            cancel_until=_span(self.cancel_until_hours),
            draw_at=self.draw_at,
        )


class RulesRequest(RulesForm):
    """By API: with the version that was read."""

    version: int = Field(ge=0)


def rules_as_form(rules: EventRules) -> dict[str, Any]:
    """Rules as their form shows them."""
    return {
        "line": rules.line,
        "offer_hours": int(rules.offer_for.total_seconds() // 3600),
        "largest_household": rules.largest_household,
        "largest_group": rules.largest_group,
        "confirm_address": rules.confirm_address,
        "approval": rules.approval,
        "change_until_hours": _whole_hours(rules.change_until),
        "cancel_until_hours": _whole_hours(rules.cancel_until),
        "draw_at": rules.draw_at.isoformat(timespec="minutes") if rules.draw_at else None,
    }


def _whole_hours(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 3600)


class WhyForm(BaseModel):
    """Why staff offer a place past those before in line."""

    why: Annotated[str, AfterValidator(_why)]


def _span(hours: int | None) -> timedelta | None:
    return None if hours is None else timedelta(hours=hours)
