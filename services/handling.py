"""What a reaction does with a batch of deliveries.

1. Read each message; one that cannot be read is a dead letter at once.
2. Sort by place in the stream and split by programme, then by aggregate, into lanes that run beside each other.
3. A lane takes a chunk of one programme in one transaction: inbox rows, versions, effects, new facts.
4. Committed: acknowledge them all.
5. Failed: nothing happened. Take each alone, so that only the guilty fail. A failed one is given back with a growing
   delay, and what follows of its aggregate with it; at the last delivery it becomes a dead letter.

While Postgres is away or its disk is full nothing counts as failed: the batch is held, NATS is told that work goes on,
and it is tried again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Counter

from services import inbox
from services.context import Context
from services.facts import Envelope
from services.locks import lock_key
from services.messages import Delivery
from services.outages import is_full, is_passing, may_be_away
from services.received import Received, Unreadable, read
from services.service import Reaction
from services.settling import Settling

log = structlog.get_logger(__name__)

NOTHING_DONE = Counter(
    "blest_consumer_skipped_total", "Facts without effect: stale, or known from before.", ["consumer", "because"]
)
REDELIVERED = Counter(
    "blest_consumer_redeliveries_total", "Deliveries of what had been delivered before.", ["consumer"]
)

LANES = 4
CHUNK = 64
LONGEST = 60.0
"""Seconds that a reaction may take over one fact."""
CRASHES = 4
"""Deliveries beyond the last after which a message is not tried any more: each time, the process ended over it."""
AT_ONCE_AGAIN = 3
"""How often it is tried again at once after two transactions stood in each other's way, or a connection broke."""
BEHIND = 0.05
"""Seconds that a follower comes after the fact it waits for."""


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
    settling: Settling
    at_once: asyncio.Semaphore
    holds_rebuild_lock: bool = False
    """True in the rebuild itself."""
    lanes: int = LANES
    chunk: int = CHUNK

    @property
    def consumer(self) -> str:
        return self.settling.consumer

    async def handle(self, deliveries: Sequence[Delivery]) -> int:
        """Bring every delivery to its end; returns how many were acknowledged."""
        async with self.settling.holding(deliveries):
            works: list[Work] = []
            for delivery in sorted(deliveries, key=lambda one: one.sequence):
                work = await self._read(delivery)
                if work is None:
                    continue
                wait = self.settling.waits(delivery, work.envelope.aggregate)
                if wait:
                    await self.settling.hold_back(delivery, wait + BEHIND)
                else:
                    works.append(work)
            return sum(await asyncio.gather(*(self._lane(lane) for lane in self._split(works))))

    async def _read(self, delivery: Delivery) -> Work | None:
        if delivery.number > 1:
            REDELIVERED.labels(self.consumer).inc()
        try:
            received = read(self.reaction, delivery.subject, delivery.headers, delivery.data, delivery.number)
        except Unreadable as error:
            await self.settling.bury(delivery, error)
            return None
        if delivery.number > self.settling.spec.max_deliver + CRASHES:
            tried = GaveNoAnswer(f"the process ended each of the {delivery.number - 1} times it was tried")
            await self.settling.bury(delivery, tried, received.envelope)
            return None
        return Work(delivery, received)

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

    async def _lane(self, chunks: Sequence[Sequence[Work]]) -> int:
        done = 0
        for chunk in chunks:
            error = await self._try(chunk)
            if error is None or isinstance(error, Stopping):
                done += await self._close(chunk, error)
            else:
                done += await self._one_by_one(chunk, error)
        return done

    async def _one_by_one(self, chunk: Sequence[Work], error: Exception) -> int:
        done = 0
        for work in chunk:
            wait = self.settling.waits(work.delivery, work.envelope.aggregate)
            if wait:
                await self.settling.hold_back(work.delivery, wait + BEHIND)
                continue
            alone = error if len(chunk) == 1 else await self._try([work])
            if alone is None or isinstance(alone, Stopping):
                done += await self._close([work], alone)
            else:
                await self.settling.fail(work.delivery, work.envelope, alone)
        return done

    async def _close(self, works: Sequence[Work], error: Exception | None) -> int:
        for work in works:
            await (self.settling.give_up if error else self.settling.acknowledge)(work.delivery)
        return 0 if error else len(works)

    async def _try(self, works: Sequence[Work]) -> Exception | None:
        """One transaction for all of them: None where it is committed, else what prevented it. Waits out an outage."""
        looks = again = 0
        while True:
            try:
                async with self.at_once:
                    await self._together(works)
                return None
            except Exception as error:
                if isinstance(error, Rebuilding) or is_full(error) or await self._is_away(error):
                    if looks == 0:
                        log.warning("holding facts", consumer=self.consumer, facts=len(works), because=repr(error))
                    if await self.settling.stops_within(looks):
                        return Stopping()
                    looks, again = looks + 1, 0
                elif (is_passing(error) or may_be_away(error)) and again < AT_ONCE_AGAIN:
                    # Postgres may have come back between the error and our look.
                    again += 1
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
        for because, count in (("stale", len(stale)), ("known", known)):
            if count:
                NOTHING_DONE.labels(self.consumer, because).inc(count)

    async def _is_away(self, error: Exception) -> bool:
        """Whether Postgres is away, as the error lets suspect."""
        return may_be_away(error) and not await self._postgres_answers()

    async def _postgres_answers(self) -> bool:
        try:
            async with asyncio.timeout(5), self.context.database.transaction(None) as tx:
                await tx.connection.fetchval("SELECT 1")
        except Exception as error:
            return not may_be_away(error)
        return True


def rebuild_key(service: str, consumer: str) -> int:
    """The advisory lock that a rebuild takes alone, as `Locks` names it, and consumers share."""
    return lock_key(f"{service} rebuild {consumer}")
