"""Is the process alive, is it ready, and what does it count: `/livez`, `/readyz`, `/metrics` in every process.

Alive means that the event loop turns. Ready means that requests can be answered: pools give connections and the schema
is as new as the code. A bus that is away is told and does not make a process unready: requests are answered and facts
wait in the outbox meanwhile, and taking every replica out of service would turn a pause into an outage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiohttp import web

from services import metrics, migrate
from services.backlog import Backlog
from services.context import Context
from services.http import addresses
from services.http.call import Call
from services.http.problems import NotFound
from services.routes import PUBLIC, Route

_log = structlog.get_logger(__name__)

LARGEST_LAG = 1.0
"""Seconds by which the loop may be late and still count as alive."""
REMEMBERED = 5.0
PATIENCE = 2.0


class Health:
    """The state of one process."""

    def __init__(self, contexts: Sequence[Context]) -> None:
        self.contexts = tuple(contexts)
        self._newest = {context.service.name: migrate.newest(context.service) for context in contexts}
        self._lock = asyncio.Lock()
        self._looked = float("-inf")
        self._parts: dict[str, dict[str, str]] = {}
        self.lag = metrics.LoopLag()
        self.invariants = metrics.Invariants(contexts, contexts[0].clock)
        self.backlog = Backlog(contexts)
        self.stopping = False
        """Set when the process begins to shut down: from then on it is not ready."""

    async def parts(self) -> dict[str, dict[str, str]]:
        """Service → part → `ok` or what is wrong with it, at most five seconds old."""
        async with self._lock:
            moment = asyncio.get_running_loop().time()
            if moment - self._looked > REMEMBERED:
                looked = await asyncio.gather(*(self._look(context) for context in self.contexts))
                self._parts = dict(zip((context.service.name for context in self.contexts), looked, strict=True))
                self._looked = asyncio.get_running_loop().time()
            return self._parts

    async def _look(self, context: Context) -> dict[str, str]:
        found = {"database": "ok", "migrations": "ok", "bus": "ok" if context.bus.connected else "away"}
        try:
            async with asyncio.timeout(PATIENCE), context.database.transaction(None) as tx:
                version = await tx.connection.fetchval("SELECT max(version) FROM schema_migrations")
        except Exception as error:
            _log.warning("not ready", service=context.service.name, part="database", error=type(error).__name__)
            return {**found, "database": "away", "migrations": "unknown"}
        if (version or "") < self._newest[context.service.name]:
            found["migrations"] = f"at {version or 'nothing'}, the code needs {self._newest[context.service.name]}"
        return found

    # Routes ---------------------------------------------------------------------------------------------------------

    async def live(self, call: Call) -> web.StreamResponse:
        """200 while the loop turns in time."""
        late = self.lag.seconds
        return call.json(
            {"alive": late < LARGEST_LAG, "loop_lag_seconds": round(late, 3)}, status=_status(late < LARGEST_LAG)
        )

    async def ready(self, call: Call) -> web.StreamResponse:
        """200 where requests can be answered; says which part of which service is down to whoever asks from inside."""
        parts = await self.parts()
        well = not self.stopping and all(
            one["database"] == "ok" and one["migrations"] == "ok" for one in parts.values()
        )
        answer: dict[str, Any] = {"ready": well, "stopping": self.stopping}
        if addresses.came_direct(call.request):
            answer["services"] = parts
        return call.json(answer, status=_status(well))

    async def figures(self, call: Call) -> web.StreamResponse:
        """Prometheus's text format, for scrapers on this machine or network; through a proxy it is not there."""
        if not addresses.came_direct(call.request):
            raise NotFound()
        await self.invariants.count()
        await self.backlog.measure()
        return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/livez", self.live, PUBLIC, timeout=5),
            Route("GET", "/readyz", self.ready, PUBLIC, timeout=10),
            Route("GET", "/metrics", self.figures, PUBLIC),
        )


def _status(well: bool) -> int:
    return 200 if well else 503


HEALTH = web.AppKey("health", Health)
