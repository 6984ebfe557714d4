"""A TCP gate between the services and one of their servers, that can fail as networks do.

    async with Gate("127.0.0.1:4222") as gate:        # or "/run/smtp.sock"
        gate.refuse()             # whoever connects is refused; who is connected stays
        gate.freeze()             # everybody stays connected and nothing moves
        gate.slow(0.05)           # each piece comes so many seconds late, both ways
        gate.cut()                # every connection is reset, now
        gate.corrupt()            # the next answer of each connection is garbage, and then it is reset
        gate.lose_answer(b"\\r\\n.\\r\\n")   # the answer to what ends so is swallowed, and the connection reset
        gate.heal()               # as if nothing had been; what was frozen moves on

After userver's `chaos.TcpGate`. Only answers are corrupted, and only from their first byte on: what goes to a server,
or lies within a payload, could be told from the truth by nobody but TLS.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from contextlib import suppress
from typing import Self

PIECE = 64 * 1024
"""Bytes that are passed on at once, at most."""
QUIET = 0.01
"""Seconds of silence after which what comes is taken for the beginning of an answer."""


class Line:
    """One client's connection to the server, through the gate."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client, self.server = client, server
        self.swallows = False
        """Whether the next answer is swallowed, and the line then cut."""
        self.heard_at = 0.0
        """When the server last said something (the loop's time)."""

    def cut(self) -> None:
        """Reset both ends: nobody is told what became of what was under way."""
        for one in (self.client, self.server):
            with suppress(OSError):
                found = one.get_extra_info("socket")
                if found is not None and found.family != socket.AF_UNIX:
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.transport.abort()


class Gate:
    """Listens on a port of 127.0.0.1 and passes everything on to one of the `targets` that takes it in. Each is a
    `HOST:PORT`, or the path of a socket."""

    def __init__(self, *targets: str) -> None:
        self._targets = targets
        self.port = 0
        self.lines: set[Line] = set()
        self.lost = 0
        """Answers swallowed so far."""
        self._server: asyncio.Server | None = None
        self._moves = asyncio.Event()
        self._moves.set()
        self._late = 0.0
        self._refuses = False
        self._corrupts: set[Line] = set()
        self._loses = b""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._enter, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.heal()
        self.away()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # Faults ---------------------------------------------------------------------------------------------------------

    def refuse(self) -> None:
        """Reset whoever connects from now on, before a byte is passed."""
        self._refuses = True

    def freeze(self) -> None:
        """Let nothing through, either way."""
        self._moves.clear()

    def slow(self, seconds: float) -> None:
        """Let each piece through so many seconds late."""
        self._late = seconds

    def cut(self) -> None:
        """Reset every connection."""
        for line in list(self.lines):
            line.cut()

    def away(self) -> None:
        """As a server that is not there: nobody stays connected, and nobody gets in."""
        self.refuse()
        self.cut()

    def corrupt(self) -> None:
        """Let the next answer on each connection of this moment come as garbage, then reset it."""
        self._corrupts = set(self.lines)

    def lose_answer(self, end: bytes) -> None:
        """Let the server have what ends with `end`, swallow what it answers, and reset the connection; each time."""
        self._loses = end

    def heal(self) -> None:
        """End every fault."""
        self._refuses, self._late, self._loses = False, 0.0, b""
        self._corrupts = set()
        self._moves.set()

    # Passing on -----------------------------------------------------------------------------------------------------

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._refuses:
            Line(writer, writer).cut()
            return
        try:
            upstream, server = await self._connect()
        except OSError:
            Line(writer, writer).cut()
            return
        line = Line(writer, server)
        self.lines.add(line)
        ways = [asyncio.create_task(self._ask(line, reader)), asyncio.create_task(self._answer(line, upstream))]
        try:
            await asyncio.wait(ways)
        finally:
            for way in ways:
                way.cancel()
            line.client.transport.abort()
            line.server.transport.abort()
            self.lines.discard(line)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the first target that is there. Raises OSError where none is."""
        for target in random.sample(self._targets, len(self._targets)):
            try:
                if target.startswith("/"):
                    return await asyncio.open_unix_connection(target)
                host, _, port = target.rpartition(":")
                return await asyncio.open_connection(host, int(port))
            except OSError:
                continue
        raise ConnectionRefusedError("no target is there")

    async def _ask(self, line: Line, reader: asyncio.StreamReader) -> None:
        """From the client to the server."""
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._delay()
                if self._loses and piece.endswith(self._loses):
                    line.swallows = True
                line.server.write(piece)
                await line.server.drain()
            # Its own end alone: what the server still answers goes on.
            line.server.write_eof()
            return
        line.cut()

    async def _answer(self, line: Line, reader: asyncio.StreamReader) -> None:
        """From the server to the client."""
        clock = asyncio.get_running_loop().time
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                begins, line.heard_at = clock() - line.heard_at > QUIET, clock()
                await self._delay()
                if line.swallows:
                    self.lost += 1
                    break
                if begins and line in self._corrupts:
                    line.client.write(bytes(one ^ 0xFF for one in piece))
                    await line.client.drain()
                    await asyncio.sleep(QUIET)
                    break
                line.client.write(piece)
                await line.client.drain()
            else:
                line.client.write_eof()
                await asyncio.sleep(0)
                line.client.close()
                return
        line.cut()

    async def _delay(self) -> None:
        if self._late:
            await asyncio.sleep(self._late)
        await self._moves.wait()
