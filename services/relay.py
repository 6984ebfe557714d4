"""The relay: carries facts from the outbox to the stream, in order, and marks them when the stream has them.

1. One relay per service is active: it holds an advisory lock on the connection with which it marks.
2. It reads the oldest pending rows. A flag, never a cursor: a row that commits late is pending like any other.
3. It publishes them as one atomic batch; each message's id is the row's, so a batch that is sent twice is stored once.
4. It marks the rows. If it dies before that, its successor sends the same batch again, and the stream refuses it as
   known.

It is woken by a commit in this process, by a hint from another, and looks by itself every half second besides.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from services import outbox
from services.context import Context
from services.facts import Fact
from services.locks import Locks
from services.messages import BusAway, BusError, Message, PublishRefused
from services.outages import TROUBLE
from services.streams import declare

log = structlog.get_logger(__name__)

PUBLISHED = Counter("blest_outbox_published_total", "Facts that reached their stream.", ["service"])
ACTIVE = Gauge("blest_relay_active", "Whether this process's relay is the one that publishes.", ["service"])

BATCH = 500
POLL = 0.5
STANDBY = 1.0
AFTER_TROUBLE = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds between tries while the bus or the database is away."""

NEXT = """
-- The oldest pending rows. Rows of one aggregate have the order in which their transactions held the aggregate's row.
SELECT id, message_id, programme_id, aggregate, version, subject, headers::text, payload::text, occurred_at, epoch
FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT $1
"""
MARK = """
-- Published is what the stream acknowledged.
UPDATE outbox SET published_at = $2 WHERE id = ANY($1::bigint[])
"""
_TROUBLE = (BusError, *TROUBLE)


class Relay:
    """The relay of one service in one process. `run` it in the background, or call `drain` where nothing runs."""

    def __init__(self, context: Context, *, poll: float = POLL, standby: float = STANDBY, idle: float = 15.0) -> None:
        self.context = context
        self._service = context.service.name
        self._poll, self._standby = poll, standby
        self._locks = Locks(context.database, "relay", idle=idle)
        self._woken = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        context.database.committed = self.wake

    @property
    def hint(self) -> str:
        """The core subject on which processes tell each other that the outbox has rows."""
        return f"wake.{self._service}"

    @property
    def active(self) -> bool:
        """Whether this relay was the one that publishes when last it looked."""
        return self._locks.holds("relay")

    def wake(self) -> None:
        """There is something to publish."""
        self._woken.set()

    async def run(self) -> None:
        """Publish whenever there is something and this relay is the active one, until cancelled."""

        async def woken(_: bytes) -> None:
            self.wake()

        await self.context.bus.on_hint(self.hint, woken)
        troubles = 0
        try:
            while True:
                try:
                    async with self._one_at_a_time:
                        active = await self._locks.take("relay")
                        ACTIVE.labels(self._service).set(active)
                        if active:
                            await self._publish_everything()
                    troubles = 0
                except _TROUBLE as error:
                    pause = await self._recover(error, troubles)
                    troubles += 1
                    await asyncio.sleep(pause)
                    continue
                await self._wait(active)
        except asyncio.CancelledError:
            await self._send_what_is_left()
            raise
        finally:
            ACTIVE.labels(self._service).set(0)
            await self._locks.leave()

    async def _send_what_is_left(self) -> None:
        """What was committed while everything else stopped; what does not go out now goes out at the next start."""
        try:
            async with asyncio.timeout(2), self._one_at_a_time:
                if self._locks.holds("relay"):
                    await self._publish_everything()
        except _TROUBLE as error:
            log.info("facts stay for the next start", service=self._service, error=repr(error))

    async def drain(self, timeout: float = 60.0) -> int:
        """Publish everything that is pending now, whoever is the active relay; returns how many this one published.

        Raises TimeoutError where something still waits after `timeout` seconds, or what stood in the way.
        """
        published = 0
        async with asyncio.timeout(timeout):
            while True:
                async with self._one_at_a_time:
                    if await self._locks.take("relay"):
                        published += await self._publish_everything()
                        return published
                    if not (await self._locks.connection.fetchrow(outbox.BACKLOG))["pending"]:
                        return published
                await self.context.bus.hint(self.hint)
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Let go of the lock and the connection; for those who only drained."""
        await self._locks.leave()

    async def _wait(self, active: bool) -> None:
        try:
            async with asyncio.timeout(self._poll if active else self._standby):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
        if not active:
            # A commit in this process, and the active relay is in another one. Coalesced: one hint however many
            # commits.
            await self.context.bus.hint(self.hint)
            await asyncio.sleep(0.02)

    async def _recover(self, error: Exception, troubles: int) -> float:
        """Make good what can be made good, and say how many seconds to wait."""
        level = log.info if troubles else log.warning
        level("nothing relayed for now", service=self._service, error=repr(error), tries=troubles + 1)
        if not isinstance(error, BusError):
            await self._locks.leave()
        elif isinstance(error, PublishRefused):
            # The stream may have been lost together with the server's disk.
            try:
                await declare(self.context)
            except BusError as refusal:
                log.error("the stream cannot be declared", service=self._service, error=str(refusal))
        return AFTER_TROUBLE[min(troubles, len(AFTER_TROUBLE) - 1)]

    async def _publish_everything(self) -> int:
        published = 0
        while True:
            # Also while the bus is away or nothing waits, so that the lock is kept.
            await self._locks.beat()
            if not self.context.bus.connected:
                raise BusAway("no connection")
            # Megabytes, it may be: not on the connection that carries the lock.
            rows = await (await self._locks.reading()).fetch(NEXT, BATCH)
            if not rows:
                return published
            # The connection is silent meanwhile, and one by one on a slow disk it takes longer than the server waits.
            await self._locks.while_held(self.context.bus.publish([message(row) for row in rows]))
            # Real time: retention follows it, and not a clock that a test moves.
            await self._locks.connection.execute(MARK, [row["id"] for row in rows], datetime.now(UTC))
            PUBLISHED.labels(self._service).inc(len(rows))
            published += len(rows)


def straight(fact: Fact, identifier: UUID, origins: Sequence[Mapping[str, str]]) -> Message:
    """A fact that goes to the bus without an outbox row, because what made it true is that it is published: clicks.
    `origins` says where each part of it comes from, as `outbox.origin` does: it belongs to the first of their traces
    and is linked to the others."""
    traces = list(dict.fromkeys(one["traceparent"] for one in origins if "traceparent" in one))
    headers = {
        **(origins[0] if origins else {}),
        **({"traceparent": traces[0]} if traces else {}),
        **({"Blest-Linked": ",".join(traces[1:])} if traces[1:] else {}),
        "Message-Id": str(identifier),
        "Blest-Programme": str(fact.programme_id),
        "Blest-Aggregate": fact.aggregate,
        "Blest-Version": str(fact.version),
        "Blest-Occurred-At": fact.at.isoformat(),
    }
    return Message(fact.address, fact.model_dump_json().encode(), str(identifier), headers)


def message(row: Any) -> Message:
    """An outbox row as a message. The id in the stream changes with the epoch, so that a republication passes the
    duplicate window; the id that inboxes go by does not."""
    headers = {
        **json.loads(row["headers"]),
        "Message-Id": str(row["message_id"]),
        "Blest-Programme": str(row["programme_id"]),
        "Blest-Aggregate": row["aggregate"],
        "Blest-Version": str(row["version"]),
        "Blest-Occurred-At": row["occurred_at"].isoformat(),
    }
    if row["epoch"]:
        headers["Blest-Republished"] = "1"
    identifier = f"{row['message_id']}:{row['epoch']}" if row["epoch"] else str(row["message_id"])
    return Message(row["subject"], row["payload"].encode(), identifier, headers)
