"""The three repairs: for a stream that was lost, a projection that is wrong, a consumer that is new.

- `republish` sends again what the outbox still holds; every inbox knows what it had, so nothing happens twice.
- `rebuild` empties a projection and takes in every fact that the streams still hold, oldest first.
- `restate` publishes what is, now: for a consumer that was not there when it was said, and for facts older than the
  streams.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from services import outbox
from services.clock import SystemClock
from services.context import Context
from services.facts import Fact
from services.handling import Handling
from services.locks import Locks
from services.service import Reaction
from services.settling import Settling
from services.streams import consumer_name, consumers_of, stream_of

log = structlog.get_logger(__name__)

REPUBLISH = """
-- Pending again, under a new epoch so that the stream's duplicate window lets it pass. A bite at a time, oldest first.
UPDATE outbox SET published_at = NULL, epoch = epoch + 1 WHERE id IN (
    SELECT id FROM outbox
    WHERE id > $1 AND created_at >= $2 AND published_at IS NOT NULL
    ORDER BY id LIMIT $3
) RETURNING id
"""
EMPTIED = """
-- Noted with the emptying, in one transaction, and shown to people until the projection is full again.
INSERT INTO task_runs (task, started_at, error) VALUES ($1, $2, $3)
ON CONFLICT (task) DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, error = excluded.error
"""
FULL = """
-- It ended well: nothing is left to tell.
DELETE FROM task_runs WHERE task = $1
"""
OUT_OF_REACH = """
-- Aggregates of which the consumer heard last before the streams begin: their facts cannot come again by themselves.
SELECT count(*) FROM seen WHERE consumer = $1 AND seen_at < $2
"""
BITE = 5000
RESTATED = {"Blest-Restated": "1"}


class NotAProjection(ValueError):
    """The reaction has effects outside its tables, or names no tables: it cannot be done over."""


class RebuildRunning(RuntimeError):
    """Somebody rebuilds this projection already, or its consumer is busy; try again in a moment."""


async def republish(context: Context, since: datetime) -> int:
    """Let the relay send again every fact that entered the outbox at or after `since` (real time). Returns how
    many.

    The order stays, and what is new waits behind. Readers see `Envelope.republished`.
    """
    count, last = 0, 0
    while True:
        async with context.database.system() as tx:
            rows = await tx.connection.fetch(REPUBLISH, last, since, BITE)
        if not rows:
            break
        count, last = count + len(rows), max(row["id"] for row in rows)
    if count:
        context.database.committed()
    return count


async def restate(context: Context, programme_ids: Sequence[UUID]) -> int:
    """Publish the current state of every aggregate of these programmes; returns how many facts. Readers see
    `Envelope.restated`: they keep it as news, and tell nobody of it.

    Raises LookupError where the service does not say how to restate.
    """
    state = context.service.restate
    if state is None:
        raise LookupError(f"{context.service.name} does not restate")
    count = 0
    for programme_id in programme_ids:
        async with context.database.transaction(programme_id) as tx:
            facts: list[Fact] = [fact async for fact in state(tx)]
            for start in range(0, len(facts), BITE):
                part = facts[start : start + BITE]
                await outbox.append(tx.connection, part, [RESTATED] * len(part))
        count += len(facts)
    if count:
        context.database.committed()
    return count


async def out_of_reach(context: Context, reaction: Reaction) -> int:
    """How many aggregates a rebuild would lose, because the streams no longer hold their facts and nobody restated them
    since. Those quiet for more than 90 days are not known any more (`schedule.KEEP_INBOX`), and not counted."""
    consumer = consumer_name(context.service.name, reaction)
    begins = SystemClock().now() - timedelta(seconds=stream_of(context.service.name).max_age)
    async with context.database.system() as tx:
        return int(await tx.connection.fetchval(OUT_OF_REACH, consumer, begins))


async def rebuild(context: Context, reaction: Reaction, *, timeout: float = 30.0) -> int:
    """Empty a projection's tables and take in again, oldest first, every fact that the streams still hold; returns how
    many.

    While it goes on the consumer waits, in every process; afterwards it goes on where it was. Facts older than the
    streams keep (30 days) are not in them: `restate` the services they come from first. If it is cut off, begin again:
    until then the doctor and the system page tell of it.

    Raises `NotAProjection`, `RebuildRunning` where the lock is not free within `timeout` seconds, or what a reaction
    raises.
    """
    if not reaction.projection or not reaction.tables:
        raise NotAProjection(f"{context.service.name}-{reaction.name} is no projection with tables of its own")
    consumer = consumer_name(context.service.name, reaction)
    locks = Locks(context.database, "rebuild", idle=60.0)
    try:
        await _take(locks, f"rebuild {consumer}", timeout)
        await _empty(context, consumer, reaction.tables)
        count = await _refill(context, reaction, consumer, locks)
        async with context.database.system() as tx:
            await tx.connection.execute(FULL, f"rebuild {consumer}")
        return count
    finally:
        await locks.leave()


async def _take(locks: Locks, name: str, timeout: float) -> None:
    try:
        async with asyncio.timeout(timeout):
            # Transactions of the consumer share the lock; new ones find it taken only once it is ours.
            while not await locks.take(name):
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise RebuildRunning(f"{name}: the lock is not free") from error


async def _empty(context: Context, consumer: str, tables: Sequence[str]) -> None:
    says = f"It was emptied and is not full again: blest projections rebuild {consumer}"
    async with context.database.system() as tx:
        await tx.connection.execute(EMPTIED, f"rebuild {consumer}", tx.moment, says)
        for table in tables:
            name = await tx.connection.fetchval("SELECT quote_ident($1)", table)
            await tx.connection.execute(f"DELETE FROM {name}")  # noqa: S608 - a declared name, quoted
        for table in ("inbox", "seen"):
            await tx.connection.execute(f"DELETE FROM {table} WHERE consumer = $1", consumer)  # noqa: S608


async def _refill(context: Context, reaction: Reaction, consumer: str, locks: Locks) -> int:
    count = 0
    # A name of its own each time: what an earlier attempt left undone is not what this one begins with.
    specs = consumers_of(context.service.name, reaction, suffix=f"-rebuild-{uuid4().hex}", ephemeral=True)
    for spec in specs:
        settling = Settling(context, spec, consumer, asyncio.Event())
        handling = Handling(context, reaction, settling, asyncio.Semaphore(2), holds_rebuild_lock=True)
        await context.bus.declare(None, [spec])
        subscription = await context.bus.consume(spec)
        try:
            # Not "until a fetch brings nothing", which has other causes too (too many are out): until nothing is left.
            while await context.bus.lag(spec):
                count += await handling.handle(await subscription.fetch(500, 1.0))
                await locks.beat()
                if settling.failures:
                    raise ExceptionGroup(f"{consumer} could not be rebuilt", settling.failures)
        finally:
            await subscription.close()
    log.info("projection rebuilt", consumer=consumer, facts=count)
    return count
