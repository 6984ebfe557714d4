"""The gate itself: each of its faults, as a client meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.gate import Gate

SOON = 0.15
"""Seconds after which nothing more is expected to come."""


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says back each line, and ends when its client does."""
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


@pytest.fixture
async def gate(folder: Path) -> AsyncIterator[Gate]:
    server = await asyncio.start_unix_server(echo, folder / "echo.sock")
    async with Gate(str(folder / "echo.sock")) as made:
        yield made
    server.close()


@asynccontextmanager
async def client(gate: Gate) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes = b"hello\n") -> bytes:
    writer.write(words)
    async with asyncio.timeout(SOON):
        return await reader.readline()


async def test_it_passes_on_both_ways_and_ends_when_its_client_does(gate: Gate) -> None:
    async with client(gate) as (reader, writer):
        assert await said_back(reader, writer) == b"hello\n"
        writer.write_eof()
        assert await reader.read() == b""


async def test_it_refuses_who_comes_and_keeps_who_is_there(gate: Gate) -> None:
    async with client(gate) as line:
        assert await said_back(*line) == b"hello\n"
        gate.refuse()
        with pytest.raises(OSError):
            async with client(gate) as other:
                assert await said_back(*other) == b"", "the end, without a word"
                raise ConnectionResetError
        assert await said_back(*line) == b"hello\n"
    gate.heal()
    async with client(gate) as line:
        assert await said_back(*line) == b"hello\n"


async def test_what_is_frozen_moves_on_when_it_thaws(gate: Gate) -> None:
    async with client(gate) as (reader, writer):
        gate.freeze()
        with pytest.raises(TimeoutError):
            await said_back(reader, writer)
        gate.heal()
        async with asyncio.timeout(SOON):
            assert await reader.readline() == b"hello\n"


async def test_it_slows_each_piece_down(gate: Gate) -> None:
    async with client(gate) as (reader, writer):
        gate.slow(0.03)
        clock = asyncio.get_running_loop().time
        began = clock()
        assert await said_back(reader, writer) == b"hello\n"
        assert clock() - began > 0.05


async def test_it_cuts_everybody_off_at_once(gate: Gate) -> None:
    async with client(gate) as (reader, writer):
        assert await said_back(reader, writer) == b"hello\n"
        gate.cut()
        with pytest.raises(ConnectionResetError):
            await reader.readline()


async def test_it_makes_garbage_of_an_answer_and_cuts_the_line(gate: Gate) -> None:
    async with client(gate) as (reader, writer):
        assert await said_back(reader, writer) == b"hello\n"
        await asyncio.sleep(0.02)
        gate.corrupt()
        writer.write(b"hello\n")
        assert await reader.readexactly(6) == bytes(one ^ 0xFF for one in b"hello\n")
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)


async def test_it_loses_one_answer_and_no_other(gate: Gate) -> None:
    gate.lose_answer(b"secret\n")
    async with client(gate) as (reader, writer):
        assert await said_back(reader, writer) == b"hello\n"
        writer.write(b"a secret\n")
        with pytest.raises(ConnectionResetError):
            await reader.readline()
    assert gate.lost == 1


async def test_a_server_that_is_gone_is_told_by_a_reset(folder: Path) -> None:
    async with Gate(str(folder / "nobody.sock")) as gate, client(gate) as (reader, _):
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
