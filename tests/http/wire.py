"""Requests as bytes, for what no well-behaved client sends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from multidict import CIMultiDict


@dataclass
class Answer:
    status: int
    headers: CIMultiDict[str]
    body: bytes


async def spoken(browser, request: bytes) -> Answer:
    """Send bytes to the test server and read one answer; status 0 where it hangs up without one."""
    reader, writer = await asyncio.open_connection(browser.host, browser.port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip().split("\r\n")
            headers = CIMultiDict(line.split(": ", 1) for line in lines if ": " in line)
            body = await reader.readexactly(int(headers.get("Content-Length", "0")))
        return Answer(int(first.split(" ")[1]), headers, body)
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answer(0, CIMultiDict(), b"")
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
