"""What becomes of a message after it was given out: acknowledged, given back, ended, or none of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from services.messages import Bus, ConsumerMissing
from tests.messaging.buses.bus_kinds import READER, Kind, message


async def test_what_is_acknowledged_never_comes_again(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    for one in await reader.fetch(10, 1.0):
        await one.ack()
    await kind.pass_time(1.3)
    assert await reader.fetch(10, 0.1) == []


async def test_what_is_not_acknowledged_comes_again_and_says_how_often(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    assert [one.number for one in await reader.fetch(10, 1.0)] == [1]
    assert await reader.fetch(10, 0.1) == []
    await kind.pass_time(1.3)
    assert [one.number for one in await reader.fetch(10, 1.0)] == [2]


async def test_in_progress_keeps_a_message_from_coming_again(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    (one,) = await reader.fetch(10, 1.0)
    for _ in range(3):
        await kind.pass_time(0.6)
        await one.in_progress()
    assert await reader.fetch(10, 0.0) == []


async def test_what_is_given_back_comes_again_after_its_delay_and_not_before(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    (one,) = await reader.fetch(10, 1.0)
    await one.nak(0.4)
    assert await reader.fetch(10, 0.1) == []
    await kind.pass_time(0.5)
    assert [one.number for one in await reader.fetch(10, 1.0)] == [2]


async def test_giving_back_without_a_delay_is_refused(bus: Bus) -> None:
    await bus.publish([message(1)])
    (one,) = await (await bus.consume(READER)).fetch(10, 1.0)
    with pytest.raises(ValueError, match="delay"):
        await one.nak(0)


async def test_what_is_terminated_never_comes_again(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    (one,) = await reader.fetch(10, 1.0)
    await one.term("cannot be read:\r\nbroken")
    await kind.pass_time(1.3)
    assert await reader.fetch(10, 0.1) == []


async def test_it_says_which_delivery_is_the_last_and_goes_on_all_the_same(bus: Bus, kind: Kind) -> None:
    spec = replace(READER, name="registrations-impatient", max_deliver=2)
    await bus.declare(None, [spec])
    await bus.publish([message(1)])
    reader = await bus.consume(spec)
    seen = []
    for _ in range(3):
        (one,) = await reader.fetch(1, 2.0)
        seen.append((one.number, one.last))
        await one.nak(0.05)
        await kind.pass_time(0.1)
    assert seen == [(1, False), (2, True), (3, True)]


async def test_no_more_is_given_out_than_may_be_unacknowledged(bus: Bus) -> None:
    spec = replace(READER, name="registrations-narrow", max_ack_pending=2)
    await bus.declare(None, [spec])
    await bus.publish([message(number) for number in range(5)])
    reader = await bus.consume(spec)
    first = await reader.fetch(10, 0.5)
    assert len(first) == 2
    assert await reader.fetch(10, 0.1) == []
    await first[0].ack()
    assert len(await reader.fetch(10, 0.5)) == 1


async def test_it_tells_how_many_a_consumer_has_yet_to_acknowledge_given_out_or_not(bus: Bus) -> None:
    assert await bus.lag(READER) == 0
    await bus.publish([message(number) for number in range(5)])
    reader = await bus.consume(READER)
    taken = await reader.fetch(3, 1.0)
    assert len(taken) == 3
    assert await bus.lag(READER) == 5
    for one in taken:
        await one.ack()
    async with asyncio.timeout(5):  # an acknowledgement is taken in a moment after it was sent
        while await bus.lag(READER) != 2:
            await asyncio.sleep(0.01)
    with pytest.raises(ConsumerMissing):
        await bus.lag(replace(READER, name="registrations-nobody"))
