"""What waits, measured when somebody asks for the figures: facts in the outbox and before consumers, dead letters.

Every process measures for its own services where the things wait. Nobody has to be the active relay, to be given a fact
or to win a task for its figures to be right, and what cannot be measured reads NaN: unknown is not well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Gauge

from services import dead_letters, outbox
from services.context import Context
from services.messages import ConsumerSpec
from services.streams import consumer_name, consumers_of

log = structlog.get_logger(__name__)

PENDING = Gauge("blest_outbox_pending", "Facts that wait to be published.", ["service"])
OLDEST = Gauge("blest_outbox_oldest_seconds", "How long the oldest waiting fact has waited.", ["service"])
LAG = Gauge("blest_consumer_lag", "Facts that a consumer has yet to take in.", ["consumer", "stream"])
LETTERS = Gauge("blest_dead_letters", "Dead letters that wait.", ["consumer"])

UNKNOWN = float("nan")
PATIENCE = 5.0
"""Seconds after which a figure counts as unknown."""


class Backlog:
    """The figures of one process's services, measured at most every `every` seconds of the loop's time."""

    def __init__(self, contexts: Sequence[Context], every: float = 2.0) -> None:
        # The chassis tells nothing and listens to nothing.
        self._contexts = [one for one in contexts if one.service.facts or one.service.reactions]
        self._every = every
        self._measured = float("-inf")
        self._lock = asyncio.Lock()

    async def measure(self) -> None:
        """Bring the gauges up to date."""
        async with self._lock:
            if asyncio.get_running_loop().time() - self._measured < self._every:
                return
            await asyncio.gather(*(_measure(context) for context in self._contexts))
            self._measured = asyncio.get_running_loop().time()


async def _measure(context: Context) -> None:
    service = context.service
    pending, waited = await _outbox(context)
    PENDING.labels(service.name).set(pending)
    OLDEST.labels(service.name).set(waited)
    letters = await _letters(context)
    for reaction in service.reactions:
        consumer = consumer_name(service.name, reaction)
        LETTERS.labels(consumer).set(UNKNOWN if letters is None else letters.get(consumer, 0))
        for spec in consumers_of(service.name, reaction):
            LAG.labels(consumer, spec.stream).set(await _lag(context, spec))


async def _outbox(context: Context) -> tuple[float, float]:
    """How many facts wait, and for how many seconds the oldest of them has. Real time, as the rows' own."""
    try:
        async with asyncio.timeout(PATIENCE), context.database.system() as tx:
            row = await tx.connection.fetchrow(outbox.BACKLOG)
    except Exception as error:
        _tell(context, "outbox", error)
        return UNKNOWN, UNKNOWN
    waited = datetime.now(UTC) - row["oldest"] if row["oldest"] else timedelta(0)
    return row["pending"], max(0.0, waited.total_seconds())


async def _letters(context: Context) -> dict[str, int] | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await dead_letters.count(context)
    except Exception as error:
        _tell(context, "dead letters", error)
        return None


async def _lag(context: Context, spec: ConsumerSpec) -> float:
    try:
        async with asyncio.timeout(PATIENCE):
            return await context.bus.lag(spec)
    except Exception as error:
        _tell(context, spec.name, error)
        return UNKNOWN


def _tell(context: Context, what: str, error: Exception) -> None:
    log.warning("what waits could not be measured", service=context.service.name, what=what, error=repr(error))
