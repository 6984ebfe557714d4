"""One process: opens what its services need, runs what they declare, and ends it in order. The composition root.

    async with started(settings, services) as running:
        await running.drain()

Shutting down: readiness turns false and, for `BLEST_LINGER` seconds, requests are still taken in, until proxies know;
the listening socket closes, requests in progress finish, tasks and consumers stop, the relay sends what is left, then
the bus and the pools close. All within 15 s; a second signal ends at once.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import structlog
from aiohttp import web

from services import sql
from services.bus import NatsBus
from services.chassis import CHASSIS
from services.clock import Clock, ClockWrong, SystemClock
from services.consumers import Consumers
from services.context import Context
from services.database import Database
from services.discovery import Presence
from services.health import HEALTH
from services.http.app import build_app
from services.http.progress import PROGRESS
from services.keys import SHORTEST_KEY, Keys
from services.messages import Bus
from services.relay import Relay
from services.routes import Route
from services.schedule import Schedule
from services.service import Service
from services.settings import Settings
from services.streams import declare, declare_on_connection

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 6.5
"""Seconds in which requests end, from the moment that a process is asked to; the linger is part of them."""
CLOSE_WITHIN = 1.5
"""Seconds in which their answers are then read by those who asked."""
BusMaker = Callable[[str], Bus]
"""Makes the bus on which a service speaks, from its name."""


@dataclass(slots=True)
class Running:
    """A started process: a context per service, the HTTP app over all of them, and what works in the background."""

    settings: Settings
    contexts: dict[str, Context]
    app: web.Application
    relays: list[Relay] = field(default_factory=list)
    consumers: list[Consumers] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something in the background ended that should not: the process must stop and be started anew."""

    async def drain(self) -> int:
        """Relay and handle until nothing is left to do, here and now; returns how many facts were handled.

        For tests and the demo, which do not run the background and move the clock by hand.
        """
        handled = 0
        while True:
            for relay in self.relays:
                await relay.drain()
            now = sum([await consumers.drain() for consumers in self.consumers])
            if not now:
                return handled
            handled += now

    async def run_due(self) -> None:
        """Run every task that is due at the clock's moment."""
        for schedule in self.schedules:
            await schedule.run_due()


def nats_bus(settings: Settings, keys: Keys) -> BusMaker:
    """A connection per service, each as its own NATS user, who may publish below the service's own subjects only."""

    def make(name: str) -> Bus:
        return NatsBus(settings.nats, user=name, password=keys.secret(f"nats/{name}"), name=f"blest-{name}")

    return make


@asynccontextmanager
async def started(
    settings: Settings,
    services: Sequence[Service],
    *,
    clock: Clock | None = None,
    bus: BusMaker | None = None,
    background: bool = True,
    extra_routes: Sequence[Route] = (),
) -> AsyncIterator[Running]:
    """Open every service and, with `background`, run its relay, consumers and tasks until the block ends.

    Raises `SecretMissing`, `StatementInvalid`, or what asyncpg and the bus raise where a server is away at the start.
    """
    clock = clock or SystemClock()
    keys = Keys(settings.secrets)
    keys.secret("token-key", shortest=SHORTEST_KEY)  # a missing one stops the start, not a request
    make_bus = bus or nats_bus(settings, keys)
    async with AsyncExitStack() as stack:
        contexts = {one.name: await _open(stack, one, settings, keys, clock, make_bus) for one in (CHASSIS, *services)}
        for context in contexts.values():
            for resource in context.service.resources:
                context.resources[resource.name] = await stack.enter_async_context(resource.open(context))
        app = build_app(list(contexts.values()), extra_routes)
        running = Running(settings, contexts, app)
        for context in contexts.values():
            if context.service is not CHASSIS:
                running.relays.append(Relay(context))
                running.consumers.append(Consumers(context))
            running.schedules.append(Schedule(context))
        for worker in _workers(running):
            stack.push_async_callback(worker.close)
        if background:
            stack.push_async_callback(_stop, _run(running))
        yield running


async def _open(
    stack: AsyncExitStack, service: Service, settings: Settings, keys: Keys, clock: Clock, make_bus: BusMaker
) -> Context:
    database = Database(service.name, settings.database, keys, clock)
    await database.open()
    stack.push_async_callback(database.close)
    package = "services.identity" if service is CHASSIS else service.name
    spec = find_spec(package)
    if spec and spec.origin and (Path(spec.origin).parent / "queries").is_dir():
        async with database.transaction(None) as tx:
            await sql.prepare(tx.connection, sql.load(package))
    bus = make_bus(service.name)
    await bus.connect()
    stack.push_async_callback(bus.close)
    context = Context(service, settings, keys, clock, database, bus)
    if service is not CHASSIS:
        await declare(context)
        declare_on_connection(context)
    for hint in service.hints:
        await bus.on_hint(hint.subject, _hint(context, hint.handle))
    await Presence(context).announce()
    return context


def _hint(context: Context, handle: Callable[[Context, bytes], Awaitable[None]]) -> Callable[[bytes], Awaitable[None]]:
    return lambda data: handle(context, data)


def _workers(running: Running) -> list[Relay | Consumers | Schedule]:
    """What works in the background, in the order in which it stops: what makes facts first, the relays last."""
    return [*running.schedules, *running.consumers, *running.relays]


def _run(running: Running) -> list[asyncio.Task[None]]:
    """Everything that works in the background, in the order in which it stops."""
    tasks = [
        asyncio.create_task(worker.run(), name=f"{type(worker).__name__} {worker.context.service.name}")
        for worker in _workers(running)
    ]
    clock = running.contexts[CHASSIS.name].clock
    if isinstance(clock, SystemClock):
        tasks.append(asyncio.create_task(_watch(clock), name="clock"))
    for task in tasks:
        task.add_done_callback(lambda ended: _ended(ended, running))
    return tasks


async def _watch(clock: SystemClock) -> None:
    """Look at the clock every second; raises `ClockWrong` where it was set."""
    while True:
        await asyncio.sleep(1)
        clock.heed()


def _ended(task: asyncio.Task[None], running: Running) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, ClockWrong):
        log.error(str(error))
    log.error("background work ended", work=task.get_name(), error=repr(error))
    running.failed.set()


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel kind after kind: what makes facts first, the relays, which send them, last."""
    for _, kind in groupby(tasks, key=lambda task: task.get_name().split()[0]):
        several = list(kind)
        for task in several:
            task.cancel()
        await asyncio.wait(several, timeout=5)


async def serve(running: Running, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Listen until `stop` is set or something in the background fails; raises OSError where the port is taken."""
    settings = running.settings
    runner = web.AppRunner(running.app, handle_signals=False, access_log=None, shutdown_timeout=CLOSE_WITHIN)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, backlog=1024, reuse_port=False)
        # What was imported and compiled stays: there is no use in looking through it for garbage again and again.
        gc.collect()
        gc.freeze()
        # Rather seldom and much than often and little: requests leave few cycles, and looking for them took a tenth of
        # a redirect.
        gc.set_threshold(10_000, 20, 20)
        await site.start()
        ready()
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(running.failed.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.app[HEALTH].stopping = True
            for wait in waits:
                wait.cancel()
        await _finish(running, site)
    finally:
        await runner.cleanup()


async def _finish(running: Running, site: web.BaseSite) -> None:
    """Serve on until proxies know, unless something has failed; then take nobody in, and wait for who is inside.

    Only after that may aiohttp close the connections: it drops a body of which a part is still under way.
    """
    until = asyncio.get_running_loop().time() + ANSWER_WITHIN
    with suppress(TimeoutError):
        await asyncio.wait_for(running.failed.wait(), running.settings.linger)
    await site.stop()
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await running.app[PROGRESS].none()
