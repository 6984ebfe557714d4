"""Time is a parameter: whoever needs the moment takes a `Clock`, so tests and the demo move time and never sleep.

Chance is not: see docs/decisions, "Chance is the machine's".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where a process reads the moment. Always aware UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovedClock:
    """A clock that stands still until it is moved: for tests, and for the demo that plays a year in a minute."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        return self._moment

    def move(self, by: timedelta) -> datetime:
        """Move forward by `by` (never backwards) and return the new moment."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards")
        self._moment += by
        return self._moment

    def move_to(self, moment: datetime) -> datetime:
        """Move forward to `moment`; a moment already passed leaves the clock where it is."""
        self._moment = max(self._moment, moment.astimezone(UTC))
        return self._moment
