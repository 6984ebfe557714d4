"""While Postgres is away, or two transactions stand in each other's way: nobody's fault, and nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.clock import MovedClock
from services.consumers import Consumers, ReactionsFailed
from services.database import Transaction
from services.facts import Envelope
from services.streams import declare
from tests.messaging.post import Post
from tests.messaging.village import (
    TELLER,
    listener,
    moved,
    write_effect,
)


async def test_while_postgres_is_away_facts_are_held_and_nothing_counts_as_failed(
    post: Post, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    await post.open(listener())
    await post.tell(*(moved(clock.now()) for _ in range(5)))
    name = await admin.fetchval("SELECT current_database()")
    consumers = Consumers(post.registrations, outage=(0.02,))
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename LIKE 'registrations%'",
        name,
    )
    draining = asyncio.create_task(consumers.drain())
    await asyncio.sleep(0.3)
    assert not draining.done()
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
    async with asyncio.timeout(5):
        assert await draining == 5
    assert len(await post.effects()) == 5
    assert await post.letters() == []


async def test_while_postgres_has_no_room_facts_are_held_however_long_and_nothing_counts_as_failed(
    post: Post, clock: MovedClock
) -> None:
    tries = 0

    async def full(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        nonlocal tries
        tries += 1
        if tries <= 20:
            raise asyncpg.DiskFullError("could not extend file")
        await write_effect(tx, fact, envelope)

    await post.open(listener(full))
    await post.tell(moved(clock.now()))
    assert await Consumers(post.registrations, outage=(0.001,)).drain() == 1
    assert len(await post.effects()) == 1
    assert await post.letters() == []


async def test_stopping_while_postgres_is_away_gives_back_what_is_held(
    post: Post, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    await post.open(listener())
    await post.tell(moved(clock.now()))
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename LIKE 'registrations%'",
        name,
    )
    running = asyncio.create_task(Consumers(post.registrations, outage=(30.0,)).run())
    await asyncio.sleep(0.3)
    running.cancel()
    async with asyncio.timeout(2):
        await asyncio.wait({running})
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
    post.later(1)
    assert await Consumers(post.registrations).drain() == 1


async def test_a_mistake_that_looks_like_an_outage_is_a_failure_all_the_same(post: Post, clock: MovedClock) -> None:
    async def mistake(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        await tx.connection.execute("SELECT $1::int", 1, 2)  # asyncpg.InterfaceError: too many arguments

    async def missing(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        raise FileNotFoundError("template")

    for handle in (mistake, missing):
        registrations = await post.village.open(listener(handle))
        events = await post.village.open(TELLER)
        await declare(events)
        await post.village.publish(events, moved(clock.now()))
        relay = post.village.relay(events)
        await relay.drain()
        await relay.close()
        async with asyncio.timeout(3):
            with pytest.raises(ReactionsFailed):
                await Consumers(registrations).drain()
        clock.move(timedelta(hours=1))


async def test_two_transactions_in_each_others_way_are_tried_again_at_once(post: Post, clock: MovedClock) -> None:
    tries = 0

    async def clash(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        await write_effect(tx, fact, envelope)

    await post.open(listener(clash))
    await post.tell(moved(clock.now()))
    assert await Consumers(post.registrations).drain() == 1
    assert tries == 3
