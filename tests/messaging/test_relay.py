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
from services.memory_bus import MemoryBus, MemoryServer
from services.messages import BusAway, Message, PublishUnknown
from tests.messaging.village import PROGRAMME, Moved, Village, moved


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
