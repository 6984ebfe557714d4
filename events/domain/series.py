"""Several dates in one go: a rule laid out on a wall clock, so that each date keeps the first one's time of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import partial
from itertools import islice

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

MOST_DATES = 52
"""A year of weeks: more is a slip of the finger."""
MOST_SLOTS_IN_ALL = 2_000
"""What the dates may hold together: four times what one rule makes at a stand."""


class Every(StrEnum):
    """How often an event comes again."""

    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"
    """On the same day of the month; a month without it, such as one without a 31st, is left out (RFC 5545, 3.3.10)."""
    MONTH_BY_WEEKDAY = "month_by_weekday"
    """On the same weekday, counted from the month's beginning, such as the second Saturday; the fifth is the last."""


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """The first date, how often it comes again, and `until` which day or how many `times` in all: one of the two."""

    first: datetime
    """On the wall clock, naive."""
    every: Every
    until: date | None = None
    times: int | None = None


def dates_by_rule(rule: SeriesRule) -> list[datetime]:
    """When it takes place, on the wall clock, in order of time; the first date is always among them.

    It never comes to an end: at most one more than `MOST_DATES` are made, so that the caller sees that it is too many.
    """
    until = datetime.combine(rule.until, time.max) if rule.until is not None else None
    interval = 2 if rule.every is Every.TWO_WEEKS else 1
    by = _counted(rule.first) if rule.every is Every.MONTH_BY_WEEKDAY else None
    monthly = rule.every in {Every.MONTH, Every.MONTH_BY_WEEKDAY}
    of = partial(rrule, MONTHLY) if monthly else partial(rrule, WEEKLY)
    made = of(dtstart=rule.first, interval=interval, byweekday=by, until=until)
    most = min(rule.times or MOST_DATES + 1, MOST_DATES + 1)
    return list(islice(made, most))


def _counted(day: datetime) -> weekday:
    """Its weekday and the how manieth of the month it is; the fifth is the last, which every month has."""
    number = (day.day - 1) // 7 + 1
    return weekday(day.weekday(), number if number < 5 else -1)
