"""What the schedule promises: each task when it is due, once, wherever its replicas run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from prometheus_client import REGISTRY

from services.clock import MovedClock
from services.context import Context
from services.service import Service, Task
from services.streams import declare
from tests.messaging.village import TELLER, Village, moved


class Bell:
    """A task that counts its runs."""

    def __init__(self, every: timedelta = timedelta(hours=1)) -> None:
        self.rung: list[datetime] = []
        self.at_once = self.most = 0
        self.open = asyncio.Event()
        self.open.set()
        self.fails = False
        self.task = Task("bell", every, self.ring)

    async def ring(self, context: Context) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            self.rung.append(context.clock.now())
            await self.open.wait()
            if self.fails:
                raise RuntimeError("cracked, says anna@example.org")
        finally:
            self.at_once -= 1

    @property
    def service(self) -> Service:
        return Service("events", "Rings.", tasks=(self.task,))


@pytest.fixture
def bell() -> Bell:
    return Bell()


async def test_a_task_runs_when_it_is_due_and_not_before(
    memory_village: Village, bell: Bell, clock: MovedClock
) -> None:
    schedule = memory_village.schedule(await memory_village.open(bell.service))
    begin = clock.now()
    assert "bell" in await schedule.run_due()
    assert "bell" not in await schedule.run_due()
    clock.move(timedelta(minutes=59))
    assert "bell" not in await schedule.run_due()
    clock.move(timedelta(minutes=1))
    assert "bell" in await schedule.run_due()
    assert bell.rung == [begin, begin + timedelta(hours=1)]


async def test_neither_a_restart_nor_a_second_replica_runs_it_again(memory_village: Village, bell: Bell) -> None:
    for _ in range(3):
        schedule = memory_village.schedule(await memory_village.open(bell.service))
        await schedule.run_due()
    assert len(bell.rung) == 1


async def test_of_many_replicas_at_the_same_moment_one_runs_it(memory_village: Village, bell: Bell) -> None:
    schedules = [memory_village.schedule(await memory_village.open(bell.service)) for _ in range(4)]
    await asyncio.gather(*(schedule.run_due() for schedule in schedules))
    assert (len(bell.rung), bell.most) == (1, 1)


async def test_a_run_that_takes_longer_than_its_period_is_not_joined_by_another(
    memory_village: Village, bell: Bell, clock: MovedClock
) -> None:
    bell.open.clear()
    first, second = [memory_village.schedule(await memory_village.open(bell.service)) for _ in range(2)]
    running = asyncio.create_task(first.run_due())
    async with asyncio.timeout(5):
        while not bell.rung:
            await asyncio.sleep(0.01)
    clock.move(timedelta(hours=5))
    await second.run_due()
    assert len(bell.rung) == 1
    bell.open.set()
    await running
    assert "bell" in await second.run_due()
    assert bell.most == 1


async def test_a_run_ends_when_its_lock_is_lost(memory_village: Village, bell: Bell, admin: asyncpg.Connection) -> None:
    bell.open.clear()
    schedule = memory_village.schedule(await memory_village.open(bell.service), idle=0.4)
    running = asyncio.create_task(schedule.run_due())
    async with asyncio.timeout(5):
        while not bell.rung:
            await asyncio.sleep(0.01)
        await admin.execute("SELECT pg_terminate_backend($1)", schedule._locks.connection.get_server_pid())
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await running
    assert bell.at_once == 0


async def test_between_its_runs_it_keeps_no_connection_that_the_server_would_have_to_end(
    memory_village: Village,
) -> None:
    async def connections(context: Context) -> int:
        async with context.database.system() as tx:
            count: int = await tx.connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'blest-events-tasks'"
            )
            return count

    seen: list[int] = []

    async def look(context: Context) -> None:
        seen.append(await connections(context))

    service = Service("events", "Rings.", tasks=(Task("look", timedelta(hours=1), look),))
    context = await memory_village.open(service)
    assert "look" in await memory_village.schedule(context).run_due()
    assert seen == [1]
    async with asyncio.timeout(5):
        while await connections(context):  # the server takes a moment to see it go
            await asyncio.sleep(0.01)


async def test_a_task_that_fails_says_so_and_is_tried_when_it_is_next_due(
    memory_village: Village, bell: Bell, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    def failures() -> float:
        return REGISTRY.get_sample_value("blest_task_failures_total", {"task": "events bell"}) or 0

    bell.fails, before = True, failures()
    schedule = memory_village.schedule(await memory_village.open(bell.service))
    with pytest.raises(RuntimeError, match="cracked"):
        await schedule.run_due()
    row = await admin.fetchrow("SELECT finished_at, error FROM events.task_runs WHERE task = 'bell'")
    assert row is not None
    assert row["error"] == "RuntimeError: cracked, says <e-mail>"  # nobody's address is kept
    assert failures() == before + 1
    bell.fails = False
    clock.move(timedelta(hours=1))
    assert "bell" in await schedule.run_due()
    row = await admin.fetchrow("SELECT finished_at, error FROM events.task_runs WHERE task = 'bell'")
    assert row is not None
    assert (row["finished_at"], row["error"]) == (clock.now(), None)


async def test_in_the_background_it_runs_tasks_and_outlives_their_failures(memory_village: Village) -> None:
    good, bad = Bell(timedelta(seconds=0)), Bell(timedelta(seconds=0))
    bad.fails = True
    tasks = (Task("good", good.task.every, good.ring), Task("bad", bad.task.every, bad.ring))
    schedule = memory_village.schedule(await memory_village.open(Service("events", "Rings.", tasks=tasks)))
    running = asyncio.create_task(schedule.run())
    async with asyncio.timeout(5):
        while len(good.rung) < 3 or not bad.rung:
            await asyncio.sleep(0.02)
    assert not running.done()
    running.cancel()
    await asyncio.wait({running})


async def test_every_service_forgets_its_old_messages(
    memory_village: Village, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    events = await memory_village.open(TELLER)
    await declare(events)
    relay = memory_village.relay(events)
    await memory_village.publish(events, moved(clock.now()), moved(clock.now()))
    await relay.drain()
    old = datetime.now(UTC) - timedelta(days=31)
    await admin.execute("UPDATE events.outbox SET created_at = $1 WHERE id = 1", old)
    await admin.execute(
        "INSERT INTO events.inbox (consumer, message_id, programme_id, handled_at)"
        " SELECT 'events-x', gen_random_uuid(), gen_random_uuid(), one FROM unnest($1::timestamptz[]) AS one",
        [old, datetime.now(UTC) - timedelta(days=91)],
    )
    await admin.execute(
        "INSERT INTO events.seen (consumer, aggregate, programme_id, version, seen_at)"
        " SELECT 'events-x', 'house:' || one, gen_random_uuid(), 1, one FROM unnest($1::timestamptz[]) AS one",
        [old, datetime.now(UTC) - timedelta(days=91)],
    )
    schedule = memory_village.schedule(events)
    clock.move(timedelta(days=365))  # a moved clock makes nothing old
    assert "forget-messages" in await schedule.run_due()
    assert await admin.fetchval("SELECT count(*) FROM events.outbox") == 1
    assert await admin.fetchval("SELECT count(*) FROM events.inbox") == 1
    assert await admin.fetchval("SELECT count(*) FROM events.seen") == 1
