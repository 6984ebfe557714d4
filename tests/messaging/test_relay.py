"""What the relay promises: every committed fact reaches its stream, once, in the order of its aggregate."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from services import outbox, repairs
from services.clock import MovedClock
from services.context import Context
from services.locks import Locks
from services.memory_bus import MemoryBus, MemoryServer
from services.messages import BusAway, Message, PublishUnknown
from services.outages import TROUBLE
from services.streams import declare
from tests.messaging.village import PROGRAMME, TELLER, Moved, Village, moved


@pytest.fixture
async def events(memory_village: Village) -> Context:
    context = await memory_village.open(TELLER)
    await declare(context)
    return context


def stored(context: Context) -> list[Message]:
    """What the stream holds."""
    bus = context.bus
    assert isinstance(bus, MemoryBus)
    return [one.message for one in bus.server.streams["EVENTS"].messages]


async def rows(context: Context) -> list[asyncpg.Record]:
    async with context.database.system() as tx:
        return list(await tx.connection.fetch("SELECT * FROM outbox ORDER BY id"))


async def test_a_message_carries_what_its_reader_needs(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    fact = moved(clock.now(), version=3, place=5)
    await memory_village.publish(events, fact)
    await memory_village.relay(events).drain()
    (message,) = stored(events)
    (row,) = await rows(events)
    assert message.subject == f"events.house.moved.v1.{fact.house_id}"
    assert Moved.model_validate_json(message.data) == fact
    assert message.message_id == str(row["message_id"])
    assert message.headers == {
        "Message-Id": str(row["message_id"]),
        "Blest-Programme": str(PROGRAMME),
        "Blest-Aggregate": f"house:{fact.house_id}",
        "Blest-Version": "3",
        "Blest-Occurred-At": clock.now().isoformat(),
    }


async def test_it_marks_a_row_only_when_the_stream_has_it(
    memory_village: Village, events: Context, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await memory_village.publish(events, moved(clock.now()))
    relay, publish = memory_village.relay(events), events.bus.publish

    async def unanswered(messages: Sequence[Message]) -> None:
        await publish(messages)
        raise PublishUnknown("no answer")

    monkeypatch.setattr(events.bus, "publish", unanswered)
    with pytest.raises(PublishUnknown):
        await relay.drain()
    assert [row["published_at"] for row in await rows(events)] == [None]
    monkeypatch.undo()
    assert await relay.drain() == 1
    assert [row["published_at"] is None for row in await rows(events)] == [False]
    assert len(stored(events)) == 1


async def test_a_rolled_back_transaction_tells_nobody(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    with pytest.raises(RuntimeError):
        async with events.database.transaction(PROGRAMME) as tx:
            tx.publish(moved(clock.now()))
            raise RuntimeError("no")
    assert await memory_village.relay(events).drain() == 0
    assert stored(events) == []


async def test_a_row_that_commits_late_is_not_passed_by(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    relay, early = memory_village.relay(events), moved(clock.now())
    async with events.database.transaction(PROGRAMME) as tx:
        await outbox.append(tx.connection, [early])  # takes the lower id, and is not committed yet
        await memory_village.publish(events, moved(clock.now()))
        assert await relay.drain() == 1
    assert await relay.drain() == 1
    assert [row["published_at"] is not None for row in await rows(events)] == [True, True]


async def test_facts_leave_in_the_order_in_which_they_were_told(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    house = uuid4()
    for start in range(1, 1300, 100):
        facts = [moved(clock.now(), house, version) for version in range(start, start + 100)]
        await memory_village.publish(events, *facts)
    await memory_village.relay(events).drain()
    assert [int(one.headers["Blest-Version"]) for one in stored(events)] == list(range(1, 1301))


async def test_while_the_bus_is_away_writing_goes_on_and_the_backlog_drains_in_order(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    bus = events.bus
    assert isinstance(bus, MemoryBus)
    relay, house = memory_village.relay(events, poll=0.02), uuid4()
    running = asyncio.create_task(relay.run())
    bus.server.away = True
    for version in range(1, 21):
        await memory_village.publish(events, moved(clock.now(), house, version))
    with pytest.raises(BusAway):
        await memory_village.relay(events).context.bus.publish([])
    assert stored(events) == []
    bus.server.away = False
    async with asyncio.timeout(5):
        while len(stored(events)) < 20:
            await asyncio.sleep(0.01)
    assert [int(one.headers["Blest-Version"]) for one in stored(events)] == list(range(1, 21))
    running.cancel()
    await asyncio.wait({running})


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


async def test_a_fact_says_which_message_caused_it_and_to_which_trace_it_belongs(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    cause = uuid4()
    tracer = TracerProvider().get_tracer("test")
    token = outbox.CAUSE.set(cause)
    with tracer.start_as_current_span("booking") as span:
        await memory_village.publish(events, moved(clock.now()))
    outbox.CAUSE.reset(token)
    await memory_village.publish(events, moved(clock.now()))
    await memory_village.relay(events).drain()
    told, plain = stored(events)
    assert told.headers["Blest-Causation"] == str(cause)
    assert trace.format_trace_id(span.get_span_context().trace_id) in told.headers["traceparent"]
    assert {"Blest-Causation", "traceparent"}.isdisjoint(plain.headers)


async def test_a_fact_too_large_for_the_bus_is_refused_with_its_whole_transaction(
    memory_village: Village, events: Context, clock: MovedClock
) -> None:
    class Long(Moved):
        subject = "events.house.described"
        text: str

    fact = Long(programme_id=PROGRAMME, version=1, at=clock.now(), house_id=uuid4(), place=1, text="å" * 200_000)
    with pytest.raises(outbox.FactTooLarge, match=r"events\.house\.described"):
        await memory_village.publish(events, moved(clock.now()), fact)
    assert await rows(events) == []


async def test_a_republication_sends_everything_since_a_moment_again_under_the_same_message_id(
    memory_village: Village, events: Context, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    relay = memory_village.relay(events)
    old, new = moved(clock.now()), moved(clock.now())
    await memory_village.publish(events, old)
    await admin.execute("UPDATE events.outbox SET created_at = created_at - interval '2 days'")
    await memory_village.publish(events, new)
    await relay.drain()
    assert await repairs.republish(events, datetime.now(UTC) - timedelta(days=1)) == 1
    await relay.drain()
    before, after = stored(events)[1:]
    assert before.headers["Message-Id"] == after.headers["Message-Id"]
    assert before.message_id != after.message_id
    assert "Blest-Republished" not in before.headers
    assert after.headers["Blest-Republished"] == "1"
    assert await repairs.republish(events, datetime.now(UTC) - timedelta(days=9)) == 2
    await relay.drain()
    assert [UUID(json.loads(one.data)["house_id"]) for one in stored(events)] == [
        old.house_id,
        new.house_id,
        new.house_id,
        old.house_id,
        new.house_id,
    ]


async def test_it_refills_a_stream_that_was_lost(memory_village: Village, events: Context, clock: MovedClock) -> None:
    bus = events.bus
    assert isinstance(bus, MemoryBus)
    relay = memory_village.relay(events, poll=0.02)
    await memory_village.publish(events, *(moved(clock.now()) for _ in range(30)))
    await relay.drain()
    bus.server.streams.clear()
    await repairs.republish(events, datetime.now(UTC) - timedelta(days=1))
    running = asyncio.create_task(relay.run())  # finds no stream, declares it and goes on
    async with asyncio.timeout(5):
        while "EVENTS" not in bus.server.streams or len(stored(events)) < 30:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})


async def test_old_published_rows_are_forgotten_and_pending_ones_never(
    memory_village: Village, events: Context, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    relay = memory_village.relay(events)
    await memory_village.publish(events, moved(clock.now()))
    await relay.drain()
    await memory_village.publish(events, moved(clock.now()))
    await admin.execute("UPDATE events.outbox SET created_at = created_at - interval '60 days'")
    await memory_village.publish(events, moved(clock.now()))
    await relay.drain()
    await admin.execute("UPDATE events.outbox SET published_at = NULL WHERE id = 2")
    async with events.database.system() as tx:
        assert await outbox.forget(tx.connection, datetime.now(UTC) - timedelta(days=30)) == 1
    assert [row["id"] for row in await rows(events)] == [2, 3]


async def test_the_pending_rows_are_found_by_their_index(events: Context, admin: asyncpg.Connection) -> None:
    await admin.execute(
        "INSERT INTO events.outbox (message_id, programme_id, aggregate, version, subject, headers, payload,"
        " occurred_at, published_at) SELECT gen_random_uuid(), gen_random_uuid(), 'x:1', 1, 's', '{}', '{}',"
        " clock_timestamp(), clock_timestamp() FROM generate_series(1, 5000)"
    )
    await admin.execute("ANALYZE events.outbox")
    from services.relay import NEXT

    async with events.database.system() as tx:
        plan: list[Any] = await tx.connection.fetch("EXPLAIN " + NEXT.replace("$1", "500"))
    assert "outbox_pending" in "\n".join(row[0] for row in plan)


async def test_two_services_relays_do_not_meet(memory_village: Village, events: Context, clock: MovedClock) -> None:
    from tests.messaging.village import listener

    registrations = await memory_village.open(listener())
    mine, theirs = memory_village.locks(events, "relay"), memory_village.locks(registrations, "relay")
    assert await mine.take("relay")
    assert await theirs.take("relay")
    await mine.leave()
    await theirs.leave()


async def test_memory_servers_are_apart() -> None:
    one, two = MemoryServer(), MemoryServer()
    assert one.streams is not two.streams
