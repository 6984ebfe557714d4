"""The embedded NATS: each user within its permissions, every message on the disk."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from services.embedded.nats import EmbeddedNats

PASSWORDS = {"events": "e" * 20, "campaigns": "c" * 20, "admin": "a" * 20}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedNats]:
    made = EmbeddedNats(tmp_path / "home", PASSWORDS)
    await made.start()
    yield made
    await made.stop()


class Speaker:
    """A connection that keeps what the server complained of."""

    def __init__(self, client: Client, complaints: list[str]) -> None:
        self.client = client
        self.complaints = complaints

    async def tries(self, subject: str) -> bool:
        """Whether the server lets us publish there."""
        before = len(self.complaints)
        await self.client.publish(subject, b"")
        for _ in range(2):  # the complaint comes before the first answer, and is told on a turn of its own
            await self.client.flush()
        return len(self.complaints) == before


async def speaker(server: EmbeddedNats, user: str) -> Speaker:
    complaints: list[str] = []

    async def complained(error: Exception) -> None:
        complaints.append(str(error))

    client = await nats.connect(server.url, user=user, password=PASSWORDS[user], error_cb=complained)
    return Speaker(client, complaints)


async def test_a_service_speaks_for_itself_alone(server: EmbeddedNats) -> None:
    events = await speaker(server, "events")
    for allowed in (
        "events.slot.moved.v1.x",
        "wake.events",
        "hints.events.links",
        "hints.identity",
        "$JS.API.STREAM.INFO.EVENTS",
    ):
        assert await events.tries(allowed), allowed
    forbidden = (
        "campaigns.link.made.v1.x",
        "wake.campaigns",
        "hints.campaigns.links",
        "$JS.API.STREAM.DELETE.EVENTS",
        "$JS.API.STREAM.PURGE.EVENTS",
    )
    for refused in forbidden:
        assert not await events.tries(refused), refused
    await events.client.close()


async def test_a_stranger_is_refused(server: EmbeddedNats) -> None:
    # Spoken by hand: the client leaves its socket open when it is refused.
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    assert (await reader.readline()).startswith(b"INFO")
    writer.write(b'CONNECT {"user":"events","pass":"guessed","verbose":false}\r\nPING\r\n')
    assert b"Authorization Violation" in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_what_was_acknowledged_is_there_after_kill_9_and_the_port_stays(server: EmbeddedNats) -> None:
    events = await speaker(server, "events")
    await events.client.jetstream().add_stream(name="EVENTS", subjects=["events.>"])
    for number in range(20):
        await events.client.jetstream().publish("events.a", str(number).encode())
    await events.client.close()
    url = server.url
    os.kill(server.pid, signal.SIGKILL)
    assert "signal 9" in await server.ended()
    await server.start()
    assert server.url == url
    again = await speaker(server, "events")
    assert (await again.client.jetstream().stream_info("EVENTS")).state.messages == 20
    await again.client.close()


async def test_a_leftover_is_ended_and_a_running_one_is_found(server: EmbeddedNats, tmp_path: Path) -> None:
    finder = EmbeddedNats(tmp_path / "home", PASSWORDS)
    assert finder.attach()
    assert finder.url == server.url
    second = EmbeddedNats(tmp_path / "home", PASSWORDS)
    await second.start()
    assert not server.alive and second.alive
    await second.stop()


def test_every_stream_is_synced_before_the_acknowledgement(tmp_path: Path) -> None:
    assert '"sync_interval": "always"' in EmbeddedNats(tmp_path, PASSWORDS).configuration(-1)
