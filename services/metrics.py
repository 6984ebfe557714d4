"""What a process counts, in Prometheus's terms, in its one registry; every module declares its own figures.

    REDELIVERIES = Counter("blest_redeliveries", "Messages given again", ["service", "consumer"])

Labels are names from the code (a route's template, never a path; a service; a consumer), so their number is bounded and
none holds personal data.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.samples import Sample

from services.clock import Clock
from services.context import Context

disable_created_metrics()  # type: ignore[no-untyped-call]

REQUESTS = Histogram(
    "blest_http_request_seconds",
    "Time to answer a request, by route template and status",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RUNNING = Gauge("blest_http_requests_running", "Requests being answered")
REPORTS = Counter("blest_csp_reports", "Violations of the content security policy told by browsers", ["directive"])
LOOP_LAG = Gauge("blest_loop_lag_seconds", "How late the event loop last ran a timer")
BROKEN = Gauge("blest_invariant_broken", "Rows that break a declared invariant", ["service", "check"])
CHECKED = Gauge(
    "blest_invariants_checked_timestamp_seconds",
    "When the invariants were last counted",
    ["service"],
)

CONTENT_TYPE = CONTENT_TYPE_LATEST

_log = structlog.get_logger(__name__)


class LoopLag:
    """How late the loop runs its timers, in seconds of the machine's time: the sign of a blocking call."""

    def __init__(self, every: float = 0.5) -> None:
        self._every = every
        self._due = 0.0
        self._last = 0.0

    @property
    def seconds(self) -> float:
        """The last lag, or the present one where a timer is overdue now."""
        overdue = asyncio.get_running_loop().time() - self._due if self._due else 0.0
        return max(self._last, overdue, 0.0)

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure while the block runs."""
        task = asyncio.create_task(self._measure(), name="loop-lag")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._due = loop.time() + self._every
            await asyncio.sleep(self._every)
            self._last = max(0.0, loop.time() - self._due)
            LOOP_LAG.set(self._last)


class Invariants:
    """Counts the rows that break the services' declared checks, at most every `every` seconds."""

    def __init__(self, contexts: Sequence[Context], clock: Clock, every: float = 30) -> None:
        self._contexts = contexts
        self._clock = clock
        self._every = every
        self._counted: float | None = None
        self._lock = asyncio.Lock()

    async def count(self) -> None:
        """Bring the gauges up to date. A check that cannot be counted reads NaN and is logged: unknown is not well."""
        async with self._lock:
            moment = self._clock.now().timestamp()
            if self._counted is not None and moment - self._counted < self._every:
                return
            for context in self._contexts:
                await self._count(context)
                CHECKED.labels(context.service.name).set(moment)
            self._counted = moment

    async def _count(self, context: Context) -> None:
        for check in context.service.checks:
            gauge = BROKEN.labels(context.service.name, check.name)
            try:
                async with context.database.system() as tx:
                    gauge.set(await check.count(tx))
            except Exception as error:
                gauge.set(float("nan"))
                _log.warning(
                    "invariant not counted", service=context.service.name, check=check.name, error=type(error).__name__
                )


def samples(*names: str) -> list[Sample]:
    """The samples of these names and no others: to go through all that a process counts takes it a good part of a
    second, with one histogram for every route."""
    return [sample for family in REGISTRY.restricted_registry(names).collect() for sample in family.samples]


def exposition() -> bytes:
    """All figures in the text format."""
    return generate_latest(REGISTRY)
