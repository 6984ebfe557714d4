"""How a delivery ends: acknowledged, given back with a delay, or buried as a dead letter. Until then it is held.

NATS is told every now and then that work on what is held goes on. What follows a fact that failed, of the same
aggregate, is given back with it, so that it does not pass it by.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import NAMESPACE_OID, uuid5

import structlog
from prometheus_client import Counter

from services import dead_letters
from services.context import Context
from services.facts import Envelope
from services.logs import described
from services.messages import BusAway, ConsumerSpec, Delivery
from services.outages import may_be_away

log = structlog.get_logger(__name__)

SETTLED = Counter("blest_consumer_messages_total", "Deliveries by what became of them.", ["consumer", "outcome"])

RETRY = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds until the next delivery, after the first, second … failure."""
OUTAGE = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between looks at a Postgres that is away."""
GRACE = 1.0
"""Seconds beyond its delay for which a failed fact is waited for; it may have gone to another replica."""


@dataclass(slots=True)
class Settling:
    """The deliveries of one consumer that this process holds, and how each ends."""

    context: Context
    spec: ConsumerSpec
    consumer: str
    stopping: asyncio.Event
    retry: Sequence[float] = RETRY
    outage: Sequence[float] = OUTAGE
    failures: list[Exception] = field(default_factory=list)
    """What went wrong, for `Consumers.drain` to raise."""
    _open: dict[int, Delivery] = field(default_factory=dict)
    _failed: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Aggregates whose fact at a place in the stream failed, and until when (the loop's time) later ones wait."""

    @asynccontextmanager
    async def holding(self, deliveries: Sequence[Delivery]) -> AsyncIterator[None]:
        """Hold deliveries while the block settles them."""
        self._open = {delivery.sequence: delivery for delivery in deliveries}
        heartbeat = asyncio.create_task(self._heartbeat())
        try:
            yield
        finally:
            heartbeat.cancel()

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self.spec.ack_wait / 3)
            for delivery in list(self._open.values()):
                with suppress(BusAway):
                    await delivery.in_progress()

    def waits(self, delivery: Delivery, aggregate: str) -> float:
        """Seconds for which a delivery must wait for an earlier fact of its aggregate; 0 where it need not."""
        until, place = self._failed.get(aggregate, (0.0, 0))
        left = until - asyncio.get_running_loop().time()
        if left > 0 and delivery.sequence > place:
            # Whoever has waited through all its deliveries is tried now rather than never.
            return 0.0 if delivery.last else left
        self._failed.pop(aggregate, None)
        return 0.0

    async def acknowledge(self, delivery: Delivery) -> None:
        await self._end(delivery, "acknowledged", delivery.ack())

    async def hold_back(self, delivery: Delivery, seconds: float) -> None:
        """Give back what must wait for another; it failed at nothing."""
        await self._end(delivery, "held", delivery.nak(seconds))

    async def give_up(self, delivery: Delivery) -> None:
        """Give back what the process has no time for: it is ending."""
        await self._end(delivery, "returned", delivery.nak(0.1))

    async def fail(self, delivery: Delivery, envelope: Envelope, error: Exception) -> None:
        """Count a failure: again after a delay, or a dead letter where it was the last delivery."""
        if delivery.last:
            await self.bury(delivery, error, envelope)
            return
        self.failures.append(error)
        delay = self.retry[min(delivery.number, len(self.retry)) - 1]
        log.warning(
            "a fact was not taken in, again later",
            consumer=self.consumer,
            message_id=str(envelope.message_id),
            subject=delivery.subject,
            delivery=delivery.number,
            again_in=delay,
            exc_info=error,
        )
        now = asyncio.get_running_loop().time()
        self._failed = {aggregate: one for aggregate, one in self._failed.items() if one[0] > now}
        self._failed[envelope.aggregate] = (now + delay + GRACE, delivery.sequence)
        await self._end(delivery, "failed", delivery.nak(delay))

    async def bury(self, delivery: Delivery, error: Exception, envelope: Envelope | None = None) -> None:
        """Write the dead letter, then terminate: in this order, so that a crash between the two loses nothing."""
        self.failures.append(error)
        reason = described(error)  # without what a database or a validation quotes of people
        looks = 0
        while True:
            try:
                await self._record(delivery, reason, envelope)
                break
            except Exception as failure:
                if not may_be_away(failure):
                    log.exception("a dead letter was not written", consumer=self.consumer, subject=delivery.subject)
                if await self.stops_within(looks):
                    return  # not terminated: it comes again
                looks += 1
        log.error("a fact became a dead letter", consumer=self.consumer, subject=delivery.subject, reason=reason)
        await self._end(delivery, "dead", delivery.term(reason))

    async def _record(self, delivery: Delivery, reason: str, envelope: Envelope | None) -> None:
        # A message that does not say who it is has its place in its stream for an id.
        unnamed = uuid5(NAMESPACE_OID, f"{self.spec.stream}:{delivery.sequence}")
        async with self.context.database.system() as tx:
            await dead_letters.record(
                tx.connection,
                consumer=self.consumer,
                message_id=envelope.message_id if envelope else unnamed,
                programme_id=envelope.programme_id if envelope else dead_letters.NOBODY,
                subject=delivery.subject,
                headers=delivery.headers,
                payload=delivery.data,
                error=reason,
                deliveries=delivery.number,
                moment=self.context.clock.now(),
            )

    async def stops_within(self, looks: int) -> bool:
        """Wait until the next look at a Postgres that is away; True where the process ends meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.outage[min(looks, len(self.outage) - 1)]):
                await self.stopping.wait()
        return self.stopping.is_set()

    async def _end(self, delivery: Delivery, outcome: str, word: Awaitable[None]) -> None:
        self._open.pop(delivery.sequence, None)
        SETTLED.labels(self.consumer, outcome).inc()
        # Without a connection the word is lost and the message comes again, to find its inbox row.
        with suppress(BusAway):
            await word
