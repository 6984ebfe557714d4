"""What is sent to a reader in the moment in which it ends goes to another at once, and not after `ack_wait`."""

from __future__ import annotations

import asyncio
from typing import Any

from services.bus import NatsBus
from services.embedded.nats import EmbeddedNats
from services.messages import ConsumerSpec, Message, StreamSpec
from tests.messaging.conftest import PASSWORD, asked

STREAM = StreamSpec(name="EVENTS", subjects=("events.>",))
READER = ConsumerSpec(stream="EVENTS", name="registrations-seats", subjects=("events.event.*.v1.*",), ack_wait=30)
ROUNDS = 10
"""The server may hear that nobody asks any more before or after it sends; three times in four it is after."""


async def test_what_was_under_way_to_a_reader_that_ends_is_given_to_another(server: EmbeddedNats) -> None:
    bus = NatsBus(server.url, "admin", PASSWORD, "test")
    await bus.connect()
    await bus.declare(STREAM, [READER])
    staying = await bus.consume(READER)
    client: Any = bus._client
    tell = client._send_unsubscribe
    numbers = set()
    for number in range(ROUNDS):
        moved = Message("events.event.moved.v1.one", f"{number}".encode(), f"id-{number}", {})
        ending = await bus.consume(READER)
        asking = asyncio.create_task(ending.fetch(10, 5))
        await asked(bus, READER)
        asking.cancel()

        async def too_late(*given: Any, moved: Message = moved, **named: Any) -> None:
            client._send_unsubscribe = tell
            await bus.publish([moved])  # it is sent to who asks for it before the server hears that nobody does
            await tell(*given, **named)

        client._send_unsubscribe = too_late
        await ending.close()
        [delivery] = await staying.fetch(10, 5)
        assert delivery.data == moved.data
        await delivery.ack()
        numbers.add(delivery.number)
    assert 2 in numbers, "none was under way"
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
