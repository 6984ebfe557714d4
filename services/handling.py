"""What a reaction does with a batch of deliveries: every one ends acknowledged, given back with a delay, or as a dead
letter.

1. Read each message; one that cannot be read is a dead letter at once.
2. Sort by place in the stream and split by programme, then by aggregate, into lanes that run beside each other.
3. A lane takes a chunk of one programme in one transaction: inbox rows, versions, effects, new facts.
4. Committed: acknowledge them all.
5. Failed: nothing happened. Take each alone, so that only the guilty fail: it is given back with a growing delay, and
   what follows of its aggregate waits with it. At the last delivery it becomes a dead letter.

While Postgres is away nothing counts as failed: the batch is held, NATS is told that work goes on, and it is tried
again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from prometheus_client import Counter

from services import dead_letters, inbox
from services.context import Context
from services.facts import Envelope
from services.locks import lock_key
from services.logs import described
from services.messages import BusAway, ConsumerSpec, Delivery
from services.outages import is_passing, may_be_away
from services.received import Received, Unreadable, read
from services.service import Reaction

log = structlog.get_logger()

HANDLED = Counter("blest_consumer_messages_total", "Deliveries by what became of them.", ["consumer", "outcome"])
REDELIVERED = Counter(
    "blest_consumer_redeliveries_total",
    "Deliveries of messages that had been delivered before.",
    ["consumer"],
)

RETRY = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds until the next delivery, after the first, second … failure."""
OUTAGE = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between looks at a Postgres that is away."""
LANES = 4
CHUNK = 64
LONGEST = 60.0
"""Seconds that a reaction may take over one fact."""
CRASHES = 4
"""Deliveries beyond the last after which a message is not tried any more: each time, the process ended over it."""


class Rebuilding(Exception):
    """The projection is being rebuilt; its consumer waits."""


class GaveNoAnswer(Exception):
    """A message over which the process ended whenever it was tried."""


class Stopping(Exception):
    """The process is ending; what is not done is given back."""


@dataclass(frozen=True, slots=True)
class Work:
    """A delivery that could be read."""

    delivery: Delivery
    received: Received

    @property
    def envelope(self) -> Envelope:
        return self.received.envelope


@dataclass(slots=True)
class Handling:
    """The handling of one reaction's facts from one stream. `at_once` bounds the transactions of the whole service."""

    context: Context
    reaction: Reaction
    spec: ConsumerSpec
    consumer: str
    at_once: asyncio.Semaphore
    stopping: asyncio.Event
    retry: Sequence[float] = RETRY
    outage: Sequence[float] = OUTAGE
    lanes: int = LANES
    chunk: int = CHUNK
    holds_rebuild_lock: bool = False
    """True in the rebuild itself."""
    failures: list[Exception] = field(default_factory=list)
    """What went wrong, for `Consumers.drain` to raise."""
    _held: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Aggregates whose fact at a place in the stream failed, and until when (the loop's time) later ones wait."""

    async def handle(self, deliveries: Sequence[Delivery]) -> int:
        """Bring every delivery to its end; returns how many were acknowledged."""
        open_ones = {delivery.sequence: delivery for delivery in deliveries}
        heartbeat = asyncio.create_task(self._heartbeat(open_ones))
        try:
            works = [work for one in deliveries if (work := await self._read(one, open_ones))]
            works = await self._without_held(works, open_ones)
            counts = await asyncio.gather(*(self._lane(lane, open_ones) for lane in self._split(works)))
            return sum(counts)
        finally:
            heartbeat.cancel()

    async def _heartbeat(self, open_ones: dict[int, Delivery]) -> None:
        while True:
            await asyncio.sleep(self.spec.ack_wait / 3)
            for delivery in list(open_ones.values()):
                with suppress(BusAway):
                    await delivery.in_progress()

    async def _read(self, delivery: Delivery, open_ones: dict[int, Delivery]) -> Work | None:
        if delivery.number > 1:
            REDELIVERED.labels(self.consumer).inc()
        try:
            received = read(self.reaction, delivery.subject, delivery.headers, delivery.data, delivery.number)
        except Unreadable as error:
            self.failures.append(error)
            await self._bury(delivery, error, open_ones)
            return None
        work = Work(delivery, received)
        if delivery.number > self.spec.max_deliver + CRASHES:
            self.failures.append(
                GaveNoAnswer(f"the process ended each of the {delivery.number - 1} times it was tried")
            )
            await self._bury(delivery, self.failures[-1], open_ones, work.envelope)
            return None
        return work

    async def _without_held(self, works: list[Work], open_ones: dict[int, Delivery]) -> list[Work]:
        """Give back what follows a fact of the same aggregate that failed and is still to come again."""
        now = asyncio.get_running_loop().time()
        kept: list[Work] = []
        for work in sorted(works, key=lambda one: one.delivery.sequence):
            until, place = self._held.get(work.envelope.aggregate, (0.0, 0))
            if now >= until or work.delivery.sequence <= place:
                self._held.pop(work.envelope.aggregate, None)
            elif not work.delivery.last:
                await self._settle(work.delivery, open_ones, "held", work.delivery.nak(until - now + 0.05))
                continue
            kept.append(work)
        return kept

    def _split(self, works: Sequence[Work]) -> list[list[list[Work]]]:
        """Lanes of chunks. A chunk is of one programme; an aggregate stays in one lane, in the stream's order."""
        programmes: dict[UUID, list[Work]] = defaultdict(list)
        for work in works:
            programmes[work.envelope.programme_id].append(work)
        lanes: list[list[list[Work]]] = []
        for mine in programmes.values():
            # A few are done sooner together than side by side.
            count = 1 if len(mine) <= self.chunk else self.lanes
            parts: list[list[Work]] = [[] for _ in range(count)]
            for work in mine:
                parts[hash(work.envelope.aggregate) % count].append(work)
            lanes += [[part[at : at + self.chunk] for at in range(0, len(part), self.chunk)] for part in parts if part]
        return lanes

    async def _lane(self, chunks: Sequence[Sequence[Work]], open_ones: dict[int, Delivery]) -> int:
        done = 0
        for chunk in chunks:
            error = await self._try(chunk)
            if error is None or isinstance(error, Stopping):
                done += await self._close(chunk, open_ones, error)
                continue
            failed: dict[str, float] = {}
            for work in chunk:
                aggregate = work.envelope.aggregate
                if aggregate in failed and not work.delivery.last:
                    await self._settle(work.delivery, open_ones, "held", work.delivery.nak(failed[aggregate] + 0.05))
                    continue
                alone = error if len(chunk) == 1 else await self._try([work])
                if alone is None or isinstance(alone, Stopping):
                    done += await self._close([work], open_ones, alone)
                else:
                    delay = await self._fail(work, alone, open_ones)
                    if delay:
                        failed[aggregate] = delay
        return done

    async def _close(self, works: Sequence[Work], open_ones: dict[int, Delivery], error: Exception | None) -> int:
        for work in works:
            if error is None:
                await self._settle(work.delivery, open_ones, "acknowledged", work.delivery.ack())
            else:
                await self._settle(work.delivery, open_ones, "returned", work.delivery.nak(0.1))
        return len(works) if error is None else 0

    async def _try(self, works: Sequence[Work]) -> Exception | None:
        """One transaction for all of them: None where it is committed, else what prevented it. Waits out an outage."""
        looks = clashes = 0
        while True:
            try:
                async with self.at_once:
                    await self._together(works)
                return None
            except Exception as error:
                if isinstance(error, Rebuilding) or (may_be_away(error) and not await self._postgres_answers()):
                    if looks == 0:
                        log.warning("holding facts", consumer=self.consumer, facts=len(works), because=repr(error))
                    if await self._stops_within(self.outage[min(looks, len(self.outage) - 1)]):
                        return Stopping()
                    looks += 1
                elif is_passing(error) and clashes < 3:
                    clashes += 1
                else:
                    return error

    async def _together(self, works: Sequence[Work]) -> None:
        programme_id = works[0].envelope.programme_id
        async with self.context.database.transaction(programme_id) as tx:
            if self.reaction.projection and not self.holds_rebuild_lock:
                key = rebuild_key(self.context.service.name, self.consumer)
                if not await tx.connection.fetchval("SELECT pg_try_advisory_xact_lock_shared($1)", key):
                    raise Rebuilding(self.consumer)
            handle, stale = await inbox.claim(tx.connection, self.consumer, programme_id, works)
            for work in handle:
                with work.received.at_work(self.consumer):
                    async with asyncio.timeout(LONGEST):
                        await self.reaction.handle(tx, work.received.fact, work.envelope)
        known = len(works) - len(handle) - len(stale)
        for outcome, count in (("stale", len(stale)), ("known", known)):
            if count:
                HANDLED.labels(self.consumer, outcome).inc(count)

    async def _postgres_answers(self) -> bool:
        try:
            async with asyncio.timeout(5), self.context.database.transaction(None) as tx:
                await tx.connection.fetchval("SELECT 1")
        except Exception as error:
            return not may_be_away(error)
        return True

    async def _stops_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        return self.stopping.is_set()

    async def _fail(self, work: Work, error: Exception, open_ones: dict[int, Delivery]) -> float:
        """Count a failure; returns the seconds until the next try, 0 where there is none."""
        delivery, envelope = work.delivery, work.envelope
        self.failures.append(error)
        if delivery.last:
            await self._bury(delivery, error, open_ones, envelope)
            return 0.0
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
        self._held = {held: one for held, one in self._held.items() if one[0] > now}
        self._held[envelope.aggregate] = (now + delay + 1.0, delivery.sequence)
        await self._settle(delivery, open_ones, "failed", delivery.nak(delay))
        return delay

    async def _bury(
        self, delivery: Delivery, error: Exception, open_ones: dict[int, Delivery], envelope: Envelope | None = None
    ) -> None:
        """Write the dead letter, then terminate: in this order, so that a crash between the two loses nothing."""
        reason = described(error)  # without what a database or a validation quotes of people
        looks = 0
        while True:
            try:
                async with self.context.database.system() as tx:
                    await dead_letters.record(
                        tx.connection,
                        consumer=self.consumer,
                        message_id=envelope.message_id if envelope else _name_of(self.spec, delivery),
                        programme_id=envelope.programme_id if envelope else dead_letters.NOBODY,
                        subject=delivery.subject,
                        headers=delivery.headers,
                        payload=delivery.data,
                        error=reason,
                        deliveries=delivery.number,
                        moment=self.context.clock.now(),
                    )
                break
            except Exception as failure:
                if not may_be_away(failure):
                    log.exception(
                        "a dead letter could not be written", consumer=self.consumer, subject=delivery.subject
                    )
                if await self._stops_within(self.outage[min(looks, len(self.outage) - 1)]):
                    return  # not terminated: it comes again
                looks += 1
        log.error("a fact became a dead letter", consumer=self.consumer, subject=delivery.subject, reason=reason)
        await self._settle(delivery, open_ones, "dead", delivery.term(reason))

    async def _settle(
        self, delivery: Delivery, open_ones: dict[int, Delivery], outcome: str, word: Awaitable[None]
    ) -> None:
        open_ones.pop(delivery.sequence, None)
        HANDLED.labels(self.consumer, outcome).inc()
        # Without a connection the word is lost and the message comes again, to find its inbox row.
        with suppress(BusAway):
            await word


def rebuild_key(service: str, consumer: str) -> int:
    """The advisory lock that a rebuild takes alone, as `Locks` names it, and consumers share."""
    return lock_key(f"{service} rebuild {consumer}")


def _name_of(spec: ConsumerSpec, delivery: Delivery) -> UUID:
    """An id for a message that has none: its place in its stream."""
    return uuid5(NAMESPACE_OID, f"{spec.stream}:{delivery.sequence}")
