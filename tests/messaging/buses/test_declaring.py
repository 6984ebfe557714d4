"""Streams and consumers: declared, declared again, declared late, or not there."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from services.messages import Bus, ConsumerMissing, Message
from tests.messaging.buses.bus_kinds import READER, STREAM, message


async def test_a_consumer_declared_later_begins_at_the_beginning(bus: Bus) -> None:
    await bus.publish([message(1), message(2)])
    late = replace(READER, name="campaigns-late")
    await bus.declare(None, [late])
    assert len(await (await bus.consume(late)).fetch(10, 1.0)) == 2


async def test_a_consumer_on_a_stream_that_is_not_there_is_missing(bus: Bus) -> None:
    with pytest.raises(ConsumerMissing):
        await bus.declare(None, [replace(READER, stream="NOWHERE")])


async def test_reading_from_a_consumer_that_was_never_declared_says_so_at_once(bus: Bus) -> None:
    reader = await bus.consume(replace(READER, name="registrations-unknown"))
    async with asyncio.timeout(2):
        with pytest.raises(ConsumerMissing):
            await reader.fetch(10, 5.0)


async def test_declaring_twice_changes_nothing_and_declaring_otherwise_changes_it(bus: Bus) -> None:
    await bus.publish([message(1)])
    (one,) = await (await bus.consume(READER)).fetch(10, 1.0)
    await one.ack()
    await bus.declare(STREAM, [READER])
    wider = replace(READER, subjects=("events.event.*.v1.*", "events.stand.*.v1.*"))
    await bus.declare(replace(STREAM, max_age=86400.0), [wider])
    await bus.publish([Message("events.stand.opened.v1.x", b"", "x")])
    assert [one.subject for one in await (await bus.consume(wider)).fetch(10, 1.0)] == ["events.stand.opened.v1.x"]
