"""When an event is asked for more than its visitors would: counted over a minute, with a way back to calm. Pure.

The defence goes up where more than `limit` attempts come within a minute. It stays up while there are at least half as
many, and goes down ten minutes after there last were: an attack that swings about the limit does not make it flicker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log2

WINDOW = timedelta(minutes=1)
CALM_AFTER = timedelta(minutes=10)
"""So long after it was last busy the defence goes down."""
BUSY = 0.5
"""The share of the limit at which a defence that is up stays so."""
LETTERS = 20
"""So many letters a minute to addresses nobody has confirmed, for one event, while its defence is up."""


@dataclass(frozen=True, slots=True)
class Rush:
    """Attempts at one thing: those of this minute, those of the minute before, and whether they were too many."""

    began: datetime
    """When the minute that is counted began, UTC."""
    attempts: int = 0
    before: int = 0
    raised_at: datetime | None = None
    busy_at: datetime | None = None

    def pace(self, moment: datetime) -> float:
        """Attempts within the last minute; of the one before as many as if they had come evenly."""
        now = self._at(moment)
        passed = max(moment - now.began, timedelta(0)) / WINDOW
        return now.attempts + now.before * (1 - passed)

    def after(self, attempts: int, moment: datetime, limit: int) -> Rush:
        """As it stands when so many more have come."""
        now = self._at(moment)
        now = Rush(now.began, now.attempts + attempts, now.before, now.raised_at, now.busy_at)
        pace, is_up = now.pace(moment), now.is_up(moment)
        if pace > limit or (is_up and pace >= limit * BUSY):
            return replace(now, raised_at=now.raised_at if is_up else moment, busy_at=moment)
        return now if is_up or now.busy_at is None else replace(now, raised_at=None, busy_at=None)

    def is_up(self, moment: datetime) -> bool:
        return self.busy_at is not None and moment < self.busy_at + CALM_AFTER

    def strength(self, moment: datetime, limit: int) -> int:
        """0 while there is no defence, else 1 and one more for each doubling beyond the limit."""
        if not self.is_up(moment):
            return 0
        return 1 + int(log2(max(self.pace(moment) / limit, 1)))

    def _at(self, moment: datetime) -> Rush:
        """With the minute that `moment` falls into; a clock that is behind counts into the one there is."""
        minutes = (moment - self.began) // WINDOW
        if minutes <= 0:
            return self
        before = self.attempts if minutes == 1 else 0
        return replace(self, began=self.began + minutes * WINDOW, attempts=0, before=before)
