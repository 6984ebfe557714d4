"""A visitor's waking hours: an offer's time runs by day only, so that nobody loses a place while asleep."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

WAKES = time(8)
SLEEPS = time(20)


def after_waking(moment: datetime, span: timedelta, zone: str) -> datetime:
    """The moment at which `span` of hours between eight and twenty there has passed since `moment`. UTC in and out.

    An offer of twelve hours made at 18:00 ends at 18:00 the next day. Days are those of the wall clock, hours are real.
    """
    there = ZoneInfo(zone)
    left, now = span, moment
    while True:
        day = now.astimezone(there).date()
        wakes = datetime.combine(day, WAKES, there).astimezone(UTC)
        sleeps = datetime.combine(day, SLEEPS, there).astimezone(UTC)
        begins = max(now, wakes)
        if begins < sleeps:
            if left <= sleeps - begins:
                return begins + left
            left -= sleeps - begins
        now = datetime.combine(day + timedelta(days=1), WAKES, there).astimezone(UTC)
