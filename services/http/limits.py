"""How often one caller may do one thing: token buckets in memory, one per caller and route.

    Route("POST", "/{lang}/login", log_in, PUBLIC, limit=Limit(times=10, seconds=300))

A bucket holds `times` tokens and fills evenly over `seconds`. Each replica counts for itself, so n replicas allow up to
n times as much; a limit that must hold exactly (log-in per account) belongs in the database.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from services.clock import Clock
from services.http.problems import TooMany
from services.routes import Limit

MOST_BUCKETS = 50_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: datetime


class Limits:
    """The buckets of one process. Where there are too many, the least used are forgotten: a forgotten one is full."""

    def __init__(self, clock: Clock, most: int = MOST_BUCKETS) -> None:
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, thing: str, caller: str, limit: Limit) -> None:
        """Take one token; raises `TooMany` with the seconds until there is one again."""
        moment = self._clock.now()
        key = (thing, caller)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(limit.times, moment)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        pace = limit.times / limit.seconds
        passed = max(0.0, (moment - bucket.filled).total_seconds())
        bucket.tokens = min(float(limit.times), bucket.tokens + passed * pace)
        bucket.filled = moment
        if bucket.tokens < 1:
            raise TooMany((1 - bucket.tokens) / pace)
        bucket.tokens -= 1

    def __len__(self) -> int:
        return len(self._buckets)
