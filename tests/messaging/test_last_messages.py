"""What is sent to a reader in the moment in which it ends goes to another at once, and not after `ack_wait`."""

from __future__ import annotations

import asyncio
from typing import Any

from services.bus import NatsBus
from services.embedded.nats import EmbeddedNats
from services.messages import ConsumerSpec, Message, StreamSpec
from tests.messaging.conftest import PASSWORD

STREAM = StreamSpec(name="EVENTS", subjects=("events.>",))
READER = ConsumerSpec(stream="EVENTS", name="registrations-seats", subjects=("events.event.*.v1.*",), ack_wait=30)
MOVED = Message("events.event.moved.v1.one", b"1", "id-1", {})


async def test_what_was_under_way_to_a_reader_that_ends_is_given_to_another(server: EmbeddedNats) -> None:
    bus = NatsBus(server.url, "admin", PASSWORD, "test")
    await bus.connect()
    await bus.declare(STREAM, [READER])
    ending, staying = await bus.consume(READER), await bus.consume(READER)
    asking = asyncio.create_task(ending.fetch(10, 5))
    await asyncio.sleep(0.1)  # its question lies with the server
    asking.cancel()
    tell: Any = bus._client._send_unsubscribe

    async def too_late(*given: Any, **named: Any) -> None:
        await bus.publish([MOVED])  # it is sent to who asks for it before the server hears that nobody does
        await tell(*given, **named)

    bus._client._send_unsubscribe = too_late  # type: ignore[method-assign]
    await ending.close()
    bus._client._send_unsubscribe = tell  # type: ignore[method-assign]
    [delivery] = await staying.fetch(10, 5)
    assert (delivery.data, delivery.number) == (b"1", 2)
    await delivery.ack()
    await bus.close()


async def test_a_server_that_is_away_keeps_no_reader_from_ending(server: EmbeddedNats) -> None:
    bus = NatsBus(server.url, "admin", PASSWORD, "test")
    await bus.connect()
    await bus.declare(STREAM, [READER])
    reader = await bus.consume(READER)
    await server.stop()
    async with asyncio.timeout(3):
        await reader.close()
        await bus.close()
