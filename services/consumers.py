"""The consumers of one service: for each reaction and stream, a loop that fetches, handles and acknowledges.

    consumers = Consumers(context)
    await consumers.run()       # until cancelled
    await consumers.drain()     # or: everything that is there now

Stopping: nothing more is fetched, what is in hand is finished within some seconds, then the subscriptions close. What
is not finished by then rolls back and comes again, to this process or another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.context import Context
from services.handling import Handling
from services.messages import BusAway, BusError, ConsumerMissing, ConsumerSpec, Delivery, Subscription
from services.settling import OUTAGE, RETRY, Settling
from services.streams import consumer_name, consumers_of

log = structlog.get_logger(__name__)

FETCH = 256
FETCH_TIMEOUT = 5.0
"""Seconds that a request for messages stays open; a broken connection is noticed before that, and the request sent
anew."""
AT_ONCE = 4
"""Transactions of one service's reactions at the same time: half of its connections, the rest serve requests."""
AFTER_TROUBLE = (0.1, 0.25, 0.5, 1.0, 2.0)
STOP_WITHIN = 4.5


class ReactionsFailed(ExceptionGroup[Exception]):
    """Some facts could not be taken in while draining; they were given back or became dead letters."""


@dataclass(slots=True)
class _Source:
    """One reaction's facts from one stream."""

    spec: ConsumerSpec
    settling: Settling
    handling: Handling
    subscription: Subscription | None = None
    fetching: bool = False


class Consumers:
    """The consumers of one service in one process."""

    def __init__(
        self,
        context: Context,
        *,
        at_once: int = AT_ONCE,
        fetch: int = FETCH,
        retry: Sequence[float] = RETRY,
        outage: Sequence[float] = OUTAGE,
        ack_wait: float | None = None,
    ) -> None:
        self.context = context
        self._fetch = fetch
        self._stopping = asyncio.Event()
        self._sources: list[_Source] = []
        service, slots = context.service.name, asyncio.Semaphore(at_once)
        for reaction in context.service.reactions:
            for spec in consumers_of(service, reaction, ack_wait=ack_wait):
                name = consumer_name(service, reaction)
                settling = Settling(context, spec, name, self._stopping, retry, outage)
                self._sources.append(_Source(spec, settling, Handling(context, reaction, settling, slots)))

    async def run(self) -> None:
        """Fetch and handle until cancelled, then stop in order."""
        self._stopping.clear()
        loops = {asyncio.create_task(self._loop(source), name=source.spec.name): source for source in self._sources}
        try:
            if not loops:
                await asyncio.Event().wait()
            # Not gather: its cancellation would cut off the handlers.
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            self._stopping.set()
            await self._stop(loops)

    async def drain(self) -> int:
        """Handle everything that is there now and return how many deliveries were acknowledged.

        Raises `ReactionsFailed` with what went wrong in reactions, and `BusAway`.
        """
        for source in self._sources:
            source.settling.failures.clear()
        acknowledged = 0
        while True:
            rounds = await asyncio.gather(*(self._take_what_is(source) for source in self._sources))
            acknowledged += sum(count for _, count in rounds)
            if not any(fetched for fetched, _ in rounds):
                break
        failures = [error for source in self._sources for error in source.settling.failures]
        if failures:
            raise ReactionsFailed(f"{self.context.service.name}: {len(failures)} facts were not taken in", failures)
        return acknowledged

    async def _loop(self, source: _Source) -> None:
        clock, troubles = asyncio.get_running_loop().time, 0
        while not self._stopping.is_set():
            began = clock()
            try:
                fetched, _ = await self._take(source, FETCH_TIMEOUT)
                troubles = 0
                # An answer that comes at once and brings nothing (too many unacknowledged) must not make us spin.
                pause = 0.0 if fetched or clock() - began > FETCH_TIMEOUT / 2 else 0.2
            except Exception as error:
                self._tell(source, error, troubles)
                pause = AFTER_TROUBLE[min(troubles, len(AFTER_TROUBLE) - 1)]
                troubles += 1
            if pause and not self._stopping.is_set():
                source.fetching = True
                await asyncio.sleep(pause)
                source.fetching = False

    def _tell(self, source: _Source, error: Exception, troubles: int) -> None:
        if not isinstance(error, BusError):
            log.exception("a consumer stumbled", consumer=source.spec.name)
        elif troubles == 0:
            log.warning(
                "nothing consumed for now", consumer=source.spec.name, stream=source.spec.stream, error=str(error)
            )

    async def _take(self, source: _Source, timeout: float) -> tuple[int, int]:
        """Fetch once and handle; returns how many were fetched, and how many of them acknowledged."""
        source.fetching = True
        try:
            deliveries = await self._deliveries(source, timeout)
        finally:
            source.fetching = False
        return len(deliveries), await source.handling.handle(deliveries) if deliveries else 0

    async def _take_what_is(self, source: _Source) -> tuple[int, int]:
        try:
            return await self._take(source, 0.0)
        except ConsumerMissing:
            return 0, 0  # a stream that nobody has declared holds nothing

    async def _deliveries(self, source: _Source, timeout: float) -> list[Delivery]:
        if source.subscription is None:
            await self.context.bus.declare(None, [source.spec])
            source.subscription = await self.context.bus.consume(source.spec)
        try:
            return await source.subscription.fetch(self._fetch, timeout)
        except ConsumerMissing:
            # Lost together with the server's disk, or deleted: declared anew, it begins at the stream's beginning, and
            # the inbox knows what was taken in before.
            await self.context.bus.declare(None, [source.spec])
            return await source.subscription.fetch(self._fetch, timeout)

    async def _stop(self, loops: dict[asyncio.Task[None], _Source]) -> None:
        for task, source in loops.items():
            if source.fetching:
                task.cancel()
        if loops:
            _, late = await asyncio.wait(loops, timeout=STOP_WITHIN)
            for task in late:
                log.warning("not finished in time, it will be given again", consumer=task.get_name())
                task.cancel()
            await asyncio.wait(loops)
        await self.close()

    async def close(self) -> None:
        """Close the subscriptions; for those who only drained."""
        await asyncio.gather(*(self._close(source) for source in self._sources))

    async def _close(self, source: _Source) -> None:
        if source.subscription is not None:
            try:
                await source.subscription.close()
            except BusAway as error:
                log.info("closed without a connection", consumer=source.spec.name, error=str(error))
            source.subscription = None
