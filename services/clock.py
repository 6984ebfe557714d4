"""Time is a parameter: whoever needs the moment takes a `Clock`, so tests and the demo move time and never sleep.

Chance is not: see docs/decisions, "Chance is the machine's".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

FORGIVEN = 30.0
"""Seconds by which a clock may be set without harm; whoever keeps it by NTP moves it by less than one."""


class ClockWrong(Exception):
    """The time of day cannot be believed. The message says by how much it is off."""


class Clock(Protocol):
    """Where a process reads the moment. Always aware UTC."""

    def now(self) -> datetime: ...


def steady() -> float:
    """Seconds that go on evenly, whatever the time of day is set to; also while the machine sleeps, where it can say
    so."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SystemClock:
    """The machine's own time of day, which somebody may set: `heed` notices."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = steady) -> None:
        self._wall = wall
        self._steady = steady
        self._looked = (wall(), steady())
        self._jumped = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    def heed(self) -> None:
        """Raise `ClockWrong` where the time of day has jumped since this was last asked, and ever after: what is due
        was decided by the one, what is kept by the other."""
        wall, steady = self._wall(), self._steady()
        by = (wall - self._looked[0]) - (steady - self._looked[1])
        self._looked = (wall, steady)
        if abs(by) > FORGIVEN:
            self._jumped = by
        if self._jumped:
            says = f"The clock of this machine jumped, {_apart(self._jumped)} of where it was"
            raise ClockWrong(f"{says}. Start again when it is right")

    def compare(self, other: datetime, whose: str) -> None:
        """Raise `ClockWrong` where another clock, read just now, tells another time."""
        by = (self.now() - other).total_seconds()
        if abs(by) > FORGIVEN:
            raise ClockWrong(
                f"The clock of this machine is {_apart(by)} of {whose}'s. Set both by NTP, then start again"
            )


def _apart(seconds: float) -> str:
    return f"{timedelta(seconds=round(abs(seconds)))} {'ahead' if seconds > 0 else 'behind'}"


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
