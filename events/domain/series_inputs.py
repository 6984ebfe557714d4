"""What may be asked of several dates in one go, by form and by API alike. Times are as in `inputs`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from events.domain.inputs import Date, Moment
from events.domain.refusal import Refusal
from events.domain.series import MOST_DATES, Every, SeriesRule, dates_by_rule
from events.domain.zones import NoSuchTime, to_utc, to_wall
from services.pages.languages import msgid

Dates = Annotated[tuple[Moment, ...], Field(max_length=MOST_DATES)]


class SeriesInput(BaseModel):
    """When the copies of an event begin: `starts_at` and by rule from there, the listed `dates`, or both, each once.

    By a rule every date has the first one's time of day on the event's wall clock, also after clocks have changed.
    """

    model_config = ConfigDict(extra="forbid")

    starts_at: Moment | None = None
    every: Every | None = None
    """Absent: `starts_at` once."""
    until: Date | None = None
    """The last day on which one may begin; this or `times`."""
    times: Annotated[int, Field(ge=1, le=MOST_DATES)] | None = None
    """How many by the rule, the first one too."""
    dates: Dates = ()
    """Further ones, each with its own time."""
    publish: bool = False
    """Put them before the public at once; else they are drafts."""
    attempt: UUID | None = None
    """Sent twice, it makes them once; the Idempotency-Key does as well."""

    @property
    def reach(self) -> str:
        """The field that says how far it goes."""
        return "times" if self.times is not None else "until" if self.until is not None else "dates"

    def moments(self, zone: str) -> list[datetime]:
        """When they begin, in UTC, in order of time, each once. Raises `Refusal` naming the field."""
        found = {*self._by_rule(zone), *(_moment(one, zone, "dates") for one in self.dates)}
        if not found:
            raise Refusal("no-dates", msgid("Say at least one date."), field="starts_at")
        if len(found) > MOST_DATES:
            raise Refusal(
                "too-many-dates",
                msgid("This is more than {most} dates. Make them in two goes."),
                field=self.reach,
                most=MOST_DATES,
            )
        return sorted(found)

    def _by_rule(self, zone: str) -> list[datetime]:
        if self.every is None:
            if self.until is not None or self.times is not None:
                raise Refusal("no-rule", msgid("Say how often it comes again."), field="every")
            return [] if self.starts_at is None else [_moment(self.starts_at, zone, "starts_at")]
        if self.starts_at is None:
            raise Refusal("no-first-date", msgid("Say when the first one begins."), field="starts_at")
        if (self.until is None) == (self.times is None):
            raise Refusal("no-end", msgid("Say until which day, or how many times: one of the two."), field="times")
        first = _moment(self.starts_at, zone, "starts_at")
        wall = to_wall(first, zone)
        if self.until is not None and self.until < wall.date():
            raise Refusal("ends-before-it-begins", msgid("The last day is before the first."), field="until")
        _, *further = dates_by_rule(SeriesRule(wall, self.every, self.until, self.times))
        return [first, *(_moment(one, zone, "starts_at") for one in further)]


class SeriesForm(SeriesInput):
    """The page's: of the dates that were shown, those still ticked."""

    ticked: Dates = ()

    def chosen(self) -> SeriesInput:
        """The ticked dates, as what is to be made."""
        return SeriesInput(dates=self.ticked, publish=self.publish, attempt=self.attempt)


def _moment(value: datetime, zone: str, field: str) -> datetime:
    """UTC of what was written or made by the rule; raises `Refusal` on `field` for a time that clocks skip that day."""
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return to_utc(value, zone)
    except NoSuchTime:
        raise Refusal(
            "no-such-time",
            msgid("This time does not exist on {day}: clocks go forward over it."),
            field=field,
            day=value.date(),
        ) from None
