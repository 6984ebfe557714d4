"""What staff may send about how places are given out: how many, by which rules, and answers to single bookings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from events.facts import Unit
from registrations.domain.records import EventRules, LinePolicy
from registrations.domain.text import one_line
from services.pages.languages import Refused, msgid

Capacity = Annotated[int, Field(ge=0, le=100_000)]
Hours = Annotated[int, Field(ge=0, le=8760)]
INPUT_MOMENT = "%Y-%m-%dT%H:%M"
"""How a `datetime-local` input has a moment."""


def _in_the_calendar(written: datetime) -> datetime:
    """At the ends of the calendar a moment with its offset may be on no day of ours."""
    try:
        return written if written.tzinfo is None else written.astimezone(UTC)
    except OverflowError:
        raise Refused(msgid("This is too far away.")) from None


Aware = Annotated[AwareDatetime, AfterValidator(_in_the_calendar)]
Written = Annotated[datetime, AfterValidator(_in_the_calendar)]
"""A moment with its offset; or without one, by the wall clock where the event is."""


def moment_of(written: datetime, zone: str, stands: datetime | None) -> datetime:
    """UTC of what was written; without an offset it is the wall clock's in `zone`.

    A time that comes twice, as clocks go back, is the first of the two; but what `stands` and is not touched remains.
    Raises `Refused` for a time that clocks skip.
    """
    if written.tzinfo is not None:
        return written
    if stands is not None and on_the_wall(stands, zone) == written.strftime(INPUT_MOMENT):
        return stands
    there = ZoneInfo(zone)
    try:
        moment = written.replace(tzinfo=there).astimezone(UTC)
        shown = moment.astimezone(there).replace(tzinfo=None, fold=0)
    except OverflowError:
        raise Refused(msgid("This is too far away.")) from None
    if shown != written:
        raise Refused(msgid("This time does not exist that day: clocks go forward over it."))
    return moment


def on_the_wall(moment: datetime, zone: str) -> str:
    """A moment as its input in a form about something in `zone` has it."""
    return moment.astimezone(ZoneInfo(zone)).strftime(INPUT_MOMENT)


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
    """How places are given out. `draw_at` makes it a lottery."""

    line: Annotated[str, StringConstraints(pattern="^(promote|offer)$")]
    offer_hours: int = Field(ge=1, le=336)
    largest_household: int = Field(ge=1, le=50)
    largest_group: Annotated[int, Field(ge=2, le=500)] | None = None
    confirm_address: bool = False
    approval: bool = False
    change_until_hours: Hours | None = None
    cancel_until_hours: Hours | None = None
    draw_at: Written | None = None

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
    """By API: with the version that was read, and `draw_at` with its offset."""

    draw_at: Aware | None = None
    version: int = Field(ge=0)


def rules_as_form(rules: EventRules, zone: str = "UTC") -> dict[str, Any]:
    """Rules as their form shows them; moments on the wall clock in `zone`."""
    return {
        "line": rules.line,
        "offer_hours": int(rules.offer_for.total_seconds() // 3600),
        "largest_household": rules.largest_household,
        "largest_group": rules.largest_group,
        "confirm_address": rules.confirm_address,
        "approval": rules.approval,
        "change_until_hours": _whole_hours(rules.change_until),
        "cancel_until_hours": _whole_hours(rules.cancel_until),
        "draw_at": on_the_wall(rules.draw_at, zone) if rules.draw_at else None,
    }


def _whole_hours(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 3600)


class WhyForm(BaseModel):
    """Why staff offer a place past those before in line."""

    why: Annotated[str, AfterValidator(_why)]


def _span(hours: int | None) -> timedelta | None:
    return None if hours is None else timedelta(hours=hours)
