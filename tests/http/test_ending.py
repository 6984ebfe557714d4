"""How a process stops serving: who is inside is answered, whoever comes later goes elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from services import process
from services.http.progress import PROGRESS
from services.process import Running
from tests.ports import free_port

BODY = b'{"csp-report": {"effective-directive": "img-src"}}'
HEAD = (
    b"POST /csp-reports HTTP/1.1\r\nHost: blest\r\nContent-Type: application/csp-report\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


@dataclass
class Serving:
    """A house that listens, until `stop` is set."""

    running: Running
    stop: asyncio.Event
    task: asyncio.Task[None]

    @property
    def port(self) -> int:
        return self.running.settings.port

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def until_busy(self) -> None:
        async with asyncio.timeout(5):
            while not self.running.app[PROGRESS].count:
                await asyncio.sleep(0.005)

    async def until_closed(self) -> None:
        """Wait until nobody is taken in any more."""
        async with asyncio.timeout(5):
            while True:
                try:
                    _, writer = await self.connect()
                except OSError:
                    return
                writer.close()
                await asyncio.sleep(0.005)


@pytest.fixture
async def serving(house: Running) -> AsyncIterator[Serving]:
    port = free_port()
    house.settings = house.settings.model_copy(update={"port": port})
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(process.serve(house, stop, ready.set))
    await asyncio.wait_for(ready.wait(), 5)
    yield Serving(house, stop, task)
    stop.set()
    await asyncio.wait_for(task, 15)


async def answer_to(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The first line and the rest, up to the end of the connection."""
    async with asyncio.timeout(10):
        first, _, rest = (await reader.read()).partition(b"\r\n")
    return first.decode(), rest


async def test_a_body_that_is_still_arriving_when_the_process_must_end_gets_its_answer(serving: Serving) -> None:
    reader, writer = await serving.connect()
    writer.write(HEAD + BODY[:10])
    await writer.drain()
    await serving.until_busy()
    serving.stop.set()
    await serving.until_closed()
    writer.write(BODY[10:])
    await writer.drain()
    first, rest = await answer_to(reader)
    assert first == "HTTP/1.1 204 No Content"
    assert b"\r\nConnection: close\r\n" in rest
    writer.close()
    await asyncio.wait_for(serving.task, 5)


async def test_a_body_that_never_arrives_does_not_hold_up_the_end(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "ANSWER_WITHIN", 0.2)
    _, writer = await serving.connect()
    writer.write(HEAD + BODY[:10])
    await writer.drain()
    await serving.until_busy()
    serving.stop.set()
    await asyncio.wait_for(serving.task, 10)
    assert serving.running.app[PROGRESS].count == 0
    writer.close()


async def test_a_process_that_lingers_serves_on_and_says_that_it_is_not_ready(serving: Serving) -> None:
    serving.running.settings = serving.running.settings.model_copy(update={"linger": 0.5})
    async with aiohttp.ClientSession(f"http://127.0.0.1:{serving.port}") as proxy:
        assert await status_of(proxy, "/readyz") == (200, None)
        serving.stop.set()
        await asyncio.sleep(0)
        assert await status_of(proxy, "/readyz") == (503, "close")
        assert await status_of(proxy, "/robots.txt") == (200, "close")
        assert not serving.task.done()
        await serving.until_closed()
    await asyncio.wait_for(serving.task, 5)


async def test_a_process_in_which_something_failed_does_not_linger(serving: Serving) -> None:
    serving.running.settings = serving.running.settings.model_copy(update={"linger": 5.0})
    began = asyncio.get_running_loop().time()
    serving.running.failed.set()
    await asyncio.wait_for(serving.task, 4)
    assert asyncio.get_running_loop().time() - began < 4


async def status_of(session: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with session.get(path) as answer:
        await answer.read()
        return answer.status, answer.headers.get("Connection")
