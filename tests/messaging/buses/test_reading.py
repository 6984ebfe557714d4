"""What a reader gets: all that is published, in order, shared with others of its consumer, filtered by subject."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from services.messages import Bus, Message
from tests.messaging.buses.bus_kinds import READER, Kind, message


async def test_it_delivers_what_was_published_with_subject_body_and_headers_in_order(bus: Bus) -> None:
    await bus.publish([message(number, town="Målselv") for number in range(1, 6)])
    reader = await bus.consume(READER)
    deliveries = await reader.fetch(10, 1.0)
    assert [one.data for one in deliveries] == [b"1", b"2", b"3", b"4", b"5"]
    assert deliveries[0].subject == "events.event.moved.v1.one"
    assert deliveries[0].headers["town"] == "Målselv"
    assert [(one.number, one.last, one.sequence) for one in deliveries] == [(1, False, n) for n in range(1, 6)]


async def test_it_returns_at_once_with_what_is_there_and_not_when_the_request_is_full(bus: Bus) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    async with asyncio.timeout(2):
        assert len(await reader.fetch(100, 5.0)) == 1


async def test_a_waiting_reader_is_given_a_message_as_soon_as_it_is_published(bus: Bus) -> None:
    reader = await bus.consume(READER)
    waiting = asyncio.create_task(reader.fetch(100, 5.0))
    await asyncio.sleep(0.05)
    await bus.publish([message(1), message(2)])
    async with asyncio.timeout(2):
        got = await waiting
    while len(got) < 2:
        got += await reader.fetch(100, 1.0)
    assert [one.data for one in got] == [b"1", b"2"]


async def test_it_fetches_nothing_where_nothing_is(bus: Bus) -> None:
    reader = await bus.consume(READER)
    assert await reader.fetch(10, 0.0) == []
    assert await reader.fetch(10, 0.1) == []


async def test_replicas_share_a_consumer_and_each_message_goes_to_one_of_them(bus: Bus, kind: Kind) -> None:
    other = await kind.open()
    readers = [await bus.consume(READER), await other.consume(READER)]
    await bus.publish([message(number) for number in range(40)])
    got: list[bytes] = []
    while len(got) < 40:
        for reader in readers:
            for one in await reader.fetch(3, 0.0):
                got.append(one.data)
                await one.ack()
    assert sorted(got) == sorted(f"{number}".encode() for number in range(40))


async def test_consumers_of_different_names_each_get_everything(bus: Bus) -> None:
    other = replace(READER, name="campaigns-seats")
    await bus.declare(None, [other])
    await bus.publish([message(1)])
    for spec in (READER, other):
        assert len(await (await bus.consume(spec)).fetch(10, 1.0)) == 1


async def test_it_filters_by_its_subjects(bus: Bus) -> None:
    spec = replace(READER, name="campaigns-two", subjects=("events.stand.opened.v1.*", "events.event.moved.v1.*"))
    await bus.declare(None, [spec])
    subjects = [
        "events.event.moved.v1.a",
        "events.event.moved.v2.a",
        "events.stand.opened.v1.b",
        "events.event.ended.v1.a",
    ]
    await bus.publish([Message(one, b"", one) for one in subjects])
    got = await (await bus.consume(spec)).fetch(10, 1.0)
    assert [one.subject for one in got] == [subjects[0], subjects[2]]


def test_the_rules_of_subjects() -> None:
    from services.messages import matches

    cases: list[tuple[str, str, Any]] = [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("a.b.c", "a.b", False),
    ]
    for pattern, subject, expected in cases:
        assert matches(pattern, subject) is expected, (pattern, subject)


async def test_closing_an_idle_reader_and_its_bus_takes_no_time(bus: Bus) -> None:
    reader = await bus.consume(READER)
    assert await reader.fetch(10, 0.1) == []
    waiting = asyncio.create_task(reader.fetch(10, 5.0))
    await asyncio.sleep(0.05)
    waiting.cancel()
    began = asyncio.get_running_loop().time()
    await bus.close()
    assert asyncio.get_running_loop().time() - began < 1.0
    assert not bus.connected


async def test_closing_twice_does_no_harm(bus: Bus) -> None:
    await bus.close()
    await bus.close()
