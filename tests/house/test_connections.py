"""A connection goes from hand to hand: whatever a transaction came to, the next one finds nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from services.clock import MovedClock
from services.database import Database
from services.keys import Keys

PROGRAMME = UUID(int=7)


@pytest.fixture
async def single(database: str, keys: Keys, clock: MovedClock) -> AsyncIterator[Database]:
    """With one connection for all."""
    made = Database("registrations", database, keys, clock, app_connections=1)
    await made.open()
    yield made
    await made.close()


async def left_behind(database: Database) -> tuple[int, str, bool, int]:
    """Which connection one is given, the programme it is fenced to, whether it can be asked, and the locks it holds."""
    async with database.transaction(None) as tx:
        return (
            await tx.connection.fetchval("SELECT pg_backend_pid()"),
            await tx.connection.fetchval("SELECT current_setting('blest.programme', true)"),
            await tx.connection.fetchval("SELECT true"),
            await tx.connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
            ),
        )


async def test_nothing_is_left_of_a_transaction_that_was_committed(single: Database) -> None:
    pid, *_ = await left_behind(single)
    async with single.transaction(PROGRAMME) as tx:
        await tx.connection.execute("SET LOCAL enable_seqscan = off")
        await tx.connection.fetchval("SELECT pg_try_advisory_xact_lock(5)")
    assert await left_behind(single) == (pid, "", True, 0)
    async with single.transaction(None) as tx:
        assert await tx.connection.fetchval("SHOW enable_seqscan") == "on"


async def test_nothing_is_left_of_a_transaction_that_failed(single: Database) -> None:
    pid, *_ = await left_behind(single)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with single.transaction(PROGRAMME) as tx:
            await tx.connection.fetchval("SELECT pg_try_advisory_xact_lock(5)")
            await tx.connection.fetchval("SELECT 1 / 0")
    assert await left_behind(single) == (pid, "", True, 0)


async def test_nothing_is_left_of_a_transaction_that_was_broken_off(single: Database) -> None:
    begun = asyncio.Event()

    async def sleep() -> None:
        async with single.transaction(PROGRAMME) as tx:
            await tx.connection.fetchval("SELECT pg_try_advisory_xact_lock(5)")
            begun.set()
            await tx.connection.fetchval("SELECT pg_sleep(20)")

    asleep = asyncio.create_task(sleep())
    await begun.wait()
    asleep.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asleep
    _, programme, answers, locks = await left_behind(single)
    assert (programme, answers, locks) == ("", True, 0)
