"""One relay of a service is active: how it holds the lock, is woken, and loses it when it is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from services.clock import MovedClock
from services.context import Context
from services.locks import Locks
from services.memory_bus import MemoryBus
from services.messages import Message
from services.outages import TROUBLE
from tests.messaging.test_relay import rows, stored
from tests.messaging.village import TELLER, Moved, Village, moved


async def test_a_commit_wakes_it_without_waiting_for_the_next_look(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    relay = memory_village.relay(events, poll=60)
    running = asyncio.create_task(relay.run())
    async with asyncio.timeout(5):
        while not relay.active:
            await asyncio.sleep(0.01)
        await memory_village.publish(events, moved(clock.now()))
        while not stored(events):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})


async def test_one_relay_is_active_and_a_commit_elsewhere_wakes_it_by_a_hint(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    bus = events.bus
    assert isinstance(bus, MemoryBus)
    other = await memory_village.open(TELLER, MemoryBus(bus.server))
    await other.bus.connect()
    first, second = memory_village.relay(events, poll=60, standby=60), memory_village.relay(other, poll=60, standby=60)
    tasks = [asyncio.create_task(first.run())]
    async with asyncio.timeout(5):
        while not first.active:
            await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(second.run()))
        await asyncio.sleep(0.2)
        assert not second.active
        await memory_village.publish(other, moved(clock.now()))
        while not stored(events):
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_another_relay_takes_over_when_the_active_one_loses_its_connection(
    memory_village: Village, events: Context, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    other = await memory_village.open(TELLER, events.bus)
    first, second = (
        memory_village.relay(events, poll=0.02, standby=0.02),
        memory_village.relay(other, poll=0.02, standby=0.02),
    )
    tasks = [asyncio.create_task(first.run())]
    async with asyncio.timeout(10):
        while not first.active:
            await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(second.run()))
        pid = first._locks.connection.get_server_pid()
        # Its successor is quicker than its return, or it is back itself; either way the facts go out.
        await admin.execute("SELECT pg_terminate_backend($1)", pid)
        await memory_village.publish(events, *(moved(clock.now()) for _ in range(10)))
        while len(stored(events)) < 10:
            await asyncio.sleep(0.01)
    assert first.active != second.active
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_it_outlives_a_connection_that_breaks_while_its_end_is_read(
    memory_village: Village, events: Context, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, take, broken = memory_village.relay(events, poll=0.02, standby=0.02), Locks.take, 2

    async def breaks(locks: Locks, name: str) -> bool:
        nonlocal broken
        if broken:
            broken -= 1
            raise asyncpg.InternalClientError("got result for unknown protocol state 3")
        return await take(locks, name)

    monkeypatch.setattr(Locks, "take", breaks)
    task = asyncio.create_task(relay.run())
    await memory_village.publish(events, moved(clock.now()))
    async with asyncio.timeout(10):
        while not stored(events) and not task.done():
            await asyncio.sleep(0.01)
    assert not task.done()
    assert broken == 0
    task.cancel()
    await asyncio.wait({task})


async def test_a_silent_leader_loses_the_lock(memory_village: Village, events: Context) -> None:
    frozen, successor = memory_village.locks(events, "relay", idle=0.3), memory_village.locks(events, "relay")
    assert await frozen.take("relay")
    assert not await successor.take("relay")
    async with asyncio.timeout(5):
        while not await successor.take("relay"):  # as it would be with a process that is stopped: nobody beats
            await asyncio.sleep(0.05)
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await frozen.beat()
    assert not frozen.holds("relay")
    await frozen.leave()
    await successor.leave()


async def test_a_leader_that_freezes_while_it_reads_much_loses_the_lock(
    memory_village: Village, events: Context, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Long(Moved):
        text: str = "x" * 200_000

    frozen, successor = memory_village.relay(events, idle=0.3), memory_village.locks(events, "relay")
    assert await frozen.drain() == 0
    for _ in range(10):
        await memory_village.publish(events, Long(**moved(clock.now()).model_dump()))
    assert await frozen._locks.take("relay")
    # As a process that is stopped: what comes for it stays in the socket, the server waits until it is taken, and
    # nobody calls off what takes too long.
    monkeypatch.setattr(asyncpg.Connection, "_cancel_current_command", lambda *_: None)
    frozen._locks.connection._transport.pause_reading()
    draining = asyncio.create_task(frozen.drain(10))
    async with asyncio.timeout(5):
        while not await successor.take("relay"):
            await asyncio.sleep(0.05)
    monkeypatch.undo()
    draining.cancel()
    await asyncio.wait({draining})
    await successor.leave()


async def test_a_leader_that_beats_keeps_the_lock(memory_village: Village, events: Context) -> None:
    leader, other = memory_village.locks(events, "relay", idle=0.4), memory_village.locks(events, "relay")
    assert await leader.take("relay")
    for _ in range(8):
        await asyncio.sleep(0.1)
        await leader.beat()
    assert not await other.take("relay")
    await leader.leave()
    assert await other.take("relay")
    await other.leave()


async def test_a_relay_that_has_nothing_to_publish_keeps_the_lock(memory_village: Village, events: Context) -> None:
    relay, other = memory_village.relay(events, poll=0.1, idle=0.4), memory_village.locks(events, "relay")
    running = asyncio.create_task(relay.run())
    async with asyncio.timeout(5):
        while not relay.active:
            await asyncio.sleep(0.01)
    connection = relay._locks.connection
    await asyncio.sleep(1.0)
    assert not await other.take("relay")
    assert relay._locks.connection is connection
    running.cancel()
    await asyncio.wait({running})


async def test_it_keeps_the_lock_through_a_publication_that_takes_longer_than_the_server_waits(
    memory_village: Village, events: Context, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = MemoryBus.publish
    taken: list[bool] = []
    successor = memory_village.locks(events, "relay")

    async def slowly(bus: MemoryBus, messages: Sequence[Message]) -> None:
        until = asyncio.get_running_loop().time() + 1.2
        while asyncio.get_running_loop().time() < until:
            taken.append(await successor.take("relay"))
            await asyncio.sleep(0.1)
        await publish(bus, messages)

    monkeypatch.setattr(MemoryBus, "publish", slowly)
    await memory_village.publish(events, moved(clock.now()))
    assert await memory_village.relay(events, idle=0.4).drain() == 1
    assert len(taken) > 3
    assert not any(taken)
    assert [row["published_at"] is not None for row in await rows(events)] == [True]


async def test_a_publication_ends_where_the_lock_is_lost_under_it(
    memory_village: Village,
    events: Context,
    clock: MovedClock,
    admin: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay, cancelled = memory_village.relay(events, idle=0.4), asyncio.Event()

    async def hangs(bus: MemoryBus, messages: Sequence[Message]) -> None:
        await admin.execute("SELECT pg_terminate_backend($1)", relay._locks.connection.get_server_pid())
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    monkeypatch.setattr(MemoryBus, "publish", hangs)
    await memory_village.publish(events, moved(clock.now()))
    with pytest.raises(TROUBLE) as found:
        await relay.drain(5)
    assert not isinstance(found.value, TimeoutError)
    assert cancelled.is_set()


async def test_a_connection_that_held_nothing_and_was_ended_for_its_silence_is_opened_anew(
    memory_village: Village, events: Context, admin: asyncpg.Connection
) -> None:
    locks, other = memory_village.locks(events, "tasks"), memory_village.locks(events, "tasks")
    await other.take("a task")
    assert not await locks.take("a task")
    await admin.execute("SELECT pg_terminate_backend($1)", locks.connection.get_server_pid())
    await other.leave()
    assert await locks.take("a task")
    await locks.leave()
