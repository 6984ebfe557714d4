"""The traps of the NATS client, each with a real server that is stopped, frozen or killed under it."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest
from nats.aio.client import Client

from services.bus import NatsBus
from services.embedded.nats import EmbeddedNats
from services.messages import BusAway, BusError, Message, PublishUnknown
from tests.messaging.conftest import PASSWORD, READER, STREAM, arrived, asked


async def kill(server: EmbeddedNats) -> None:
    os.kill(server.pid, signal.SIGKILL)
    while server.alive:
        await asyncio.sleep(0.01)


async def until_connected(bus: NatsBus) -> None:
    async with asyncio.timeout(10):
        while not bus.connected:
            await asyncio.sleep(0.01)


async def until_lost(bus: NatsBus) -> None:
    async with asyncio.timeout(10):
        while bus.connected:
            await asyncio.sleep(0.01)


def message(number: int) -> Message:
    return Message("events.event.moved.v1.one", f"{number}".encode(), f"id-{number}")


async def test_a_request_in_flight_when_the_server_dies_is_sent_again_when_it_is_back(
    server: EmbeddedNats, bus: NatsBus
) -> None:
    reader = await bus.consume(READER)
    waiting = asyncio.create_task(reader.fetch(10, 20.0))
    await asyncio.sleep(0.05)
    await kill(server)
    await until_lost(bus)
    await server.start()
    await until_connected(bus)
    await bus.publish([message(1)])
    async with asyncio.timeout(3):
        assert [one.data for one in await waiting] == [b"1"]


async def test_it_tells_of_each_connection_so_that_lost_streams_are_declared_anew(
    server: EmbeddedNats, bus: NatsBus
) -> None:
    told = asyncio.Event()

    async def tell() -> None:
        told.set()

    bus.on_connection(tell)
    await kill(server)
    await until_lost(bus)
    assert not told.is_set()
    await server.start()
    async with asyncio.timeout(10):
        await told.wait()


async def test_a_reader_says_so_where_the_server_stays_away(server: EmbeddedNats, bus: NatsBus) -> None:
    reader = await bus.consume(READER)
    waiting = asyncio.create_task(reader.fetch(10, 0.3))
    await asyncio.sleep(0.05)
    await kill(server)
    with pytest.raises(BusAway):
        await waiting
    with pytest.raises(BusAway):
        await reader.fetch(10, 0.0)


async def test_what_an_old_request_says_is_not_taken_for_the_answer_to_the_next(bus: NatsBus) -> None:
    reader = await bus.consume(READER)
    early = asyncio.create_task(reader.fetch(10, 0.4))
    await asked(bus, READER)
    early.cancel()  # its 408 comes while the next request waits
    late = asyncio.create_task(reader.fetch(10, 5.0))
    await asyncio.sleep(0.6)
    assert not late.done()
    await bus.publish([message(1)])
    async with asyncio.timeout(2):
        assert [one.data for one in await late] == [b"1"]


async def test_a_message_that_answers_a_cancelled_request_goes_to_the_next(bus: NatsBus) -> None:
    reader = await bus.consume(READER)
    early = asyncio.create_task(reader.fetch(10, 5.0))
    await asked(bus, READER)
    early.cancel()
    await bus.publish([message(1)])
    async with asyncio.timeout(1):
        (one,) = await reader.fetch(10, 5.0)
    assert one.number == 1


async def test_a_message_that_arrived_and_was_never_fetched_is_handed_back_at_closing(bus: NatsBus) -> None:
    reader, other = await bus.consume(READER), await bus.consume(READER)
    early = asyncio.create_task(reader.fetch(10, 5.0))
    await asked(bus, READER)
    early.cancel()
    await bus.publish([message(1)])
    await asyncio.sleep(0.1)
    await reader.close()
    async with asyncio.timeout(1):  # and not only after ack_wait
        assert [one.number for one in await other.fetch(10, 5.0)] == [2]


async def test_closing_while_the_server_is_away_takes_no_time(server: EmbeddedNats, bus: NatsBus) -> None:
    await bus.consume(READER)
    await kill(server)
    await until_lost(bus)
    async with asyncio.timeout(1):
        await bus.close()


async def test_publishing_while_the_server_is_away_fails_at_once_and_leaves_nothing_for_later(
    server: EmbeddedNats, bus: NatsBus
) -> None:
    await kill(server)
    await until_lost(bus)
    async with asyncio.timeout(0.2):
        with pytest.raises(BusAway):
            await bus.publish([message(1)])
        with pytest.raises(BusAway):
            await bus.publish([message(number) for number in range(5)])
        await bus.hint("hints.links", b"")  # may be lost, does not raise
    await server.start()
    await until_connected(bus)
    assert await (await bus.consume(READER)).fetch(10, 0.2) == []


async def test_a_time_out_means_unknown_and_the_same_id_again_is_stored_once(
    server: EmbeddedNats, bus: NatsBus
) -> None:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(PublishUnknown):
            await bus.publish([message(1)])
        with pytest.raises(PublishUnknown):
            await bus.publish([message(2), message(3)])
    finally:
        os.kill(server.pid, signal.SIGCONT)
    for _ in range(2):
        await bus.publish([message(1)])
        await bus.publish([message(2), message(3)])
    assert [one.data for one in await (await bus.consume(READER)).fetch(10, 0.5)] == [b"1", b"2", b"3"]


async def test_it_never_gives_up_and_finds_a_silent_server(bus: NatsBus) -> None:
    options = bus._client.options
    assert options["max_reconnect_attempts"] == -1
    assert options["ping_interval"] * (options["max_outstanding_pings"] + 1) <= 15


async def test_a_client_that_closed_for_good_is_replaced_with_all_its_subscriptions(bus: NatsBus) -> None:
    heard = asyncio.Event()

    async def listen(_: bytes) -> None:
        heard.set()

    await bus.on_hint("hints.links", listen)
    reader = await bus.consume(READER)
    waiting = asyncio.create_task(reader.fetch(10, 10.0))
    await asyncio.sleep(0.05)
    first = bus._client
    await first.close()  # as it does itself after some errors of the server
    async with asyncio.timeout(5):
        while bus._client is first or not bus.connected:
            await asyncio.sleep(0.01)
    await bus.publish([message(1)])
    async with asyncio.timeout(3):
        assert [one.data for one in await waiting] == [b"1"]
    await arrived(bus._client)
    await bus.hint("hints.links")
    async with asyncio.timeout(2):
        await heard.wait()


async def test_whatever_goes_wrong_while_a_connection_is_opened_another_is_tried(
    bus: NatsBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe, tried = Client.subscribe, set[Client]()

    async def stumbles(client: Client, *given: Any, **named: Any) -> Any:
        tried.add(client)
        if len(tried) < 3:
            raise RuntimeError("not foreseen")
        return await subscribe(client, *given, **named)

    reader = await bus.consume(READER)
    monkeypatch.setattr(Client, "subscribe", stumbles)
    first = bus._client
    await first.close()
    async with asyncio.timeout(5):
        while len(tried) < 3 or not bus.connected:
            await asyncio.sleep(0.01)
    await bus.publish([message(1)])
    async with asyncio.timeout(3):
        assert [one.data for one in await reader.fetch(10, 2.0)] == [b"1"]
    assert len(tried) == 3  # one connection after the other, and not two at once


async def test_a_server_that_is_away_at_the_start_is_joined_when_it_comes(server: EmbeddedNats) -> None:
    await server.stop()
    bus = NatsBus(server.url, "admin", PASSWORD, answer_within=0.2, retry_after=0.05)
    heard = asyncio.Event()

    async def listen(_: bytes) -> None:
        heard.set()

    await bus.connect()
    await bus.on_hint("hints.links", listen)
    assert not bus.connected
    with pytest.raises(BusAway):
        await bus.declare(STREAM, [])
    with pytest.raises(BusAway):
        await bus.consume(READER)
    await server.start()
    await until_connected(bus)
    await bus.declare(STREAM, [READER])
    await arrived(bus._client)
    await bus.hint("hints.links")
    async with asyncio.timeout(2):
        await heard.wait()
    await bus.close()


async def test_a_wrong_password_is_told_at_the_start(server: EmbeddedNats) -> None:
    bus = NatsBus(server.url, "events", "wrong", answer_within=0.5, retry_after=0.05)
    with pytest.raises(BusError, match="refuses events"):
        await bus.connect()
    await bus.close()


async def test_a_listener_that_is_cancelled_or_slow_stops_nobody(bus: NatsBus) -> None:
    heard: list[bytes] = []
    slow, enough = asyncio.Event(), asyncio.Event()

    async def listen(data: bytes) -> None:
        if data == b"cancel":
            raise asyncio.CancelledError
        if data == b"slow":
            await slow.wait()
        heard.append(data)
        if len(heard) == 2:
            enough.set()

    await bus.on_hint("hints.links", listen)
    for data in (b"cancel", b"slow", b"one", b"two"):
        await bus.hint("hints.links", data)
    async with asyncio.timeout(2):
        await enough.wait()
    assert heard == [b"one", b"two"]
    slow.set()
