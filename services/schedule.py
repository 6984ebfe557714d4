"""Runs a service's tasks by the clock: each when it is due, one run at a time across all replicas.

A task holds an advisory lock while it runs, on a connection that the server ends when its process falls silent; when it
last began is kept in the service's schema, so that neither a restart nor a second replica runs it before its time. A
task that fails is tried again when it is next due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge, Histogram

from services import dead_letters, inbox, outbox
from services.clock import ClockWrong, SystemClock
from services.context import Context
from services.http import idempotency
from services.locks import Locks
from services.logs import described
from services.outages import may_be_away
from services.service import Task

log = structlog.get_logger(__name__)

SECONDS = Histogram(
    "blest_task_seconds",
    "How long a task took.",
    ["task"],
    buckets=(0.01, 0.05, 0.2, 1, 5, 20, 60, 300, 1200),
)
FAILED = Counter("blest_task_failures_total", "Runs of a task that ended with an error.", ["task"])
LAST = Gauge("blest_task_last_success_timestamp_seconds", "When a task last ended well.", ["task"])

KEEP_OUTBOX = timedelta(days=30)
KEEP_INBOX = timedelta(days=90)
"""Longer than anything can come again: 30 days in the outbox, republished into a stream that keeps it 30 days more."""
KEEP_REPLAYED = timedelta(days=90)
LONGEST_PAUSE = 15.0
AFTER_TROUBLE = 5.0

BEGIN = """
-- Take the run if it is due: the same statement looks and writes, so of two only one takes it.
INSERT INTO task_runs (task, started_at) VALUES ($1, $2)
ON CONFLICT (task) DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, error = NULL
WHERE task_runs.started_at <= $3 RETURNING task
"""
END = """
-- What came of it.
UPDATE task_runs SET finished_at = $2, error = $3 WHERE task = $1
"""
LAST_RUNS = """
-- When each task last began.
SELECT task, started_at FROM task_runs
"""


async def forget_messages(context: Context) -> None:
    """Retention of the messaging tables. Real time: what a moved clock calls old may be minutes young to a stream."""
    now = datetime.now(UTC)
    for delete, keep in (
        (outbox.forget, KEEP_OUTBOX),
        (inbox.forget, KEEP_INBOX),
        (inbox.forget_seen, KEEP_INBOX),
    ):
        gone = 5000
        while gone == 5000:
            async with context.database.system() as tx:
                gone = await delete(tx.connection, now - keep, 5000)
    async with context.database.system() as tx:
        await dead_letters.forget(tx.connection, now - KEEP_REPLAYED)


HOUSEKEEPING = (
    Task("forget-messages", timedelta(hours=1), forget_messages),
    idempotency.TASK,
)
"""What every service needs done besides its own tasks."""


class Schedule:
    """The tasks of one service in one process."""

    def __init__(self, context: Context, *, idle: float = 15.0) -> None:
        self.context = context
        self._locks = Locks(context.database, "tasks", idle=idle)
        self.tasks = (*context.service.tasks, *HOUSEKEEPING)

    async def run(self) -> None:
        """Run each task when it is due, beside each other, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for task in self.tasks:
                    group.create_task(self._loop(task), name=f"{self.context.service.name} {task.name}")
        finally:
            await self._locks.leave()

    async def run_due(self) -> list[str]:
        """Run every task that is due at the clock's moment, one after the other; returns which ran.

        For tests and the demo, which move the clock. Raises what a task raises.
        """
        last = await self._last_runs()
        try:
            return [
                task.name
                for task in self.tasks
                if self._due(task, last) <= self.context.clock.now() and await self._run_if_free(task)
            ]
        finally:
            await self._locks.rest()

    async def close(self) -> None:
        """Let go of the connection; for those who only called `run_due`."""
        await self._locks.leave()

    async def _loop(self, task: Task) -> None:
        while True:
            try:
                due = self._due(task, await self._last_runs())
                if isinstance(self.context.clock, SystemClock):
                    self.context.clock.heed()  # what is forgotten too early cannot be brought back
                if due <= self.context.clock.now():
                    try:
                        await self._run_if_free(task)
                    finally:
                        await self._locks.rest()
                    due = self.context.clock.now() + task.every
                pause = min(LONGEST_PAUSE, max(0.2, (due - self.context.clock.now()).total_seconds()))
            except ClockWrong:
                raise
            except Exception as error:
                if may_be_away(error):
                    log.info("a task waits for the database", task=task.name, error=repr(error))
                else:
                    log.exception("a task failed", service=self.context.service.name, task=task.name)
                pause = AFTER_TROUBLE
            await asyncio.sleep(pause)

    async def _last_runs(self) -> dict[str, datetime]:
        async with self.context.database.system() as tx:
            return {row["task"]: row["started_at"] for row in await tx.connection.fetch(LAST_RUNS)}

    def _due(self, task: Task, last: dict[str, datetime]) -> datetime:
        return last[task.name] + task.every if task.name in last else self.context.clock.now()

    async def _run_if_free(self, task: Task) -> bool:
        """Run the task unless somebody took this run before us; whether it ran here. Raises what it raises."""
        if not await self._locks.take(task.name):
            return False
        try:
            now = self.context.clock.now()
            async with self.context.database.system() as tx:
                if await tx.connection.fetchval(BEGIN, task.name, now, now - task.every) is None:
                    return False
            await self._run(task)
            return True
        finally:
            try:
                await self._locks.release(task.name)
            except Exception as error:
                # The lock went with its connection.
                log.warning("a task's lock was lost", task=task.name, error=repr(error))
                await self._locks.leave()

    async def _run(self, task: Task) -> None:
        label = f"{self.context.service.name} {task.name}"
        error: BaseException | None = None
        try:
            with SECONDS.labels(label).time():
                # Where the lock is lost, this run must end before another begins.
                await self._locks.while_held(_done(task.run(self.context)))
            LAST.labels(label).set_to_current_time()
        except BaseException as failure:
            error = failure
            FAILED.labels(label).inc()
            raise
        finally:
            await self._note(task, error)

    async def _note(self, task: Task, error: BaseException | None) -> None:
        """Write down what came of a run, for people who look; the next run does not depend on it."""
        says = described(error)[:1000] if error else None
        with suppress(Exception):
            async with self.context.database.system() as tx:
                await tx.connection.execute(END, task.name, self.context.clock.now(), says)


async def _done(work: Awaitable[None]) -> None:
    await work
