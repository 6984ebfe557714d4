"""What is published is stored once and in order, or refused; hints are told to whoever listens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from services.messages import Bus, Message, PublishRefused
from services.storing import FEW
from tests.messaging.buses.bus_kinds import READER, Kind, message
from tests.messaging.conftest import arrived


async def test_it_stores_a_message_once_however_often_it_is_published(bus: Bus) -> None:
    for _ in range(3):
        await bus.publish([message(1)])
    assert len(await (await bus.consume(READER)).fetch(10, 0.5)) == 1


@pytest.mark.parametrize("many", [FEW, FEW + 10])
async def test_messages_that_were_stored_already_are_not_stored_again(bus: Bus, many: int) -> None:
    batch = [message(number) for number in range(many)]
    await bus.publish(batch)
    await bus.publish(batch)
    assert [int(one.data) for one in await (await bus.consume(READER)).fetch(40, 0.5)] == list(range(many))


@pytest.mark.parametrize("many", [FEW, FEW + 10])
async def test_of_messages_that_are_partly_known_the_rest_is_stored_in_order(bus: Bus, many: int) -> None:
    await bus.publish([message(2)])
    await bus.publish([message(number) for number in range(many)])
    rest = [number for number in range(many) if number != 2]
    assert [int(one.data) for one in await (await bus.consume(READER)).fetch(40, 0.5)] == [2, *rest]


async def test_it_publishes_more_than_one_batch_in_order(bus: Bus) -> None:
    await bus.publish([message(number) for number in range(1203)])
    reader = await bus.consume(replace(READER, max_ack_pending=2000))
    got: list[int] = []
    while deliveries := await reader.fetch(500, 0.5):
        for one in deliveries:
            got.append(int(one.data))
            await one.ack()
    assert got == list(range(1203))


async def test_a_subject_that_no_stream_takes_is_refused(bus: Bus) -> None:
    with pytest.raises(PublishRefused):
        await bus.publish([Message("nowhere.at.all", b"", "1")])


async def test_a_hint_reaches_everyone_who_listens_and_an_error_ends_nothing(bus: Bus, kind: Kind) -> None:
    other = await kind.open()
    heard: list[bytes] = []
    enough = asyncio.Event()

    async def listen(data: bytes) -> None:
        if data == b"bad":
            raise RuntimeError("not understood")
        heard.append(data)
        if len(heard) == 4:
            enough.set()

    await bus.on_hint("hints.links", listen)
    await other.on_hint("hints.links", listen)
    with suppress(AttributeError):
        await arrived(other._client)  # type: ignore[attr-defined]  # the server has the subscription
        await arrived(bus._client)  # type: ignore[attr-defined]
    for data in (b"one", b"bad", b"two"):
        await bus.hint("hints.links", data)
    async with asyncio.timeout(2):
        await enough.wait()
    assert sorted(heard) == [b"one", b"one", b"two", b"two"]
