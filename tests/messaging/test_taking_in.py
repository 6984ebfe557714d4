"""Facts taken in: duplicates, older versions, one after the other, and what fails alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.clock import MovedClock
from services.consumers import Consumers, ReactionsFailed
from services.database import Transaction
from services.facts import Envelope
from services.handling import Handling
from services.messages import Message
from services.settling import Settling
from services.streams import consumers_of
from tests.messaging.post import Post
from tests.messaging.test_consumers import NAME, refuse_odd
from tests.messaging.village import (
    OTHER,
    PROGRAMME,
    Moved,
    Painted,
    listener,
    moved,
    write_effect,
)


async def test_of_five_duplicates_at_the_same_time_one_has_an_effect(post: Post, clock: MovedClock) -> None:
    inside = 0

    async def alone(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        nonlocal inside
        inside += 1
        await asyncio.sleep(0.05)  # the others have every chance to come in
        await write_effect(tx, fact, envelope)

    service = listener(alone)
    await post.open(service)
    await post.tell(moved(clock.now()))
    (spec,) = consumers_of("registrations", service.reactions[0])
    bus = post.registrations.bus
    reader = await bus.consume(spec)
    copies = []
    for _ in range(5):  # nobody acknowledged in time, and five replicas hold the same message
        copies += await reader.fetch(1, 0.0)
        post.later(31)
    assert [one.number for one in copies] == [1, 2, 3, 4, 5]
    five = [
        Handling(
            post.registrations,
            service.reactions[0],
            Settling(post.registrations, spec, NAME, asyncio.Event()),
            asyncio.Semaphore(1),
        )
        for _ in copies
    ]
    counts = await asyncio.gather(*(handling.handle([one]) for handling, one in zip(five, copies, strict=True)))
    assert counts == [1, 1, 1, 1, 1]  # each is acknowledged
    assert inside == 1
    assert len(await post.effects()) == 1


async def test_a_message_published_twice_has_one_effect(post: Post, clock: MovedClock) -> None:
    await post.open(listener())
    await post.tell(moved(clock.now()))
    (first,) = (one.message for one in post.server.streams["EVENTS"].messages)
    await post.events.bus.publish([Message(first.subject, first.data, "another-id", first.headers)])
    assert await Consumers(post.registrations).drain() == 2
    assert len(await post.effects()) == 1


async def test_an_older_version_has_no_effect_after_a_newer_one(post: Post, clock: MovedClock) -> None:
    await post.open(listener())
    house = uuid4()
    await post.tell(moved(clock.now(), house, 2, place=2))
    assert await Consumers(post.registrations).drain() == 1
    await post.tell(moved(clock.now(), house, 1, place=1))
    assert await Consumers(post.registrations).drain() == 1  # acknowledged, as stale
    assert await post.effects() == [(house, 2, 2)]


async def test_two_facts_of_one_change_are_both_taken_in(post: Post, clock: MovedClock) -> None:
    await post.open(listener(facts=(Moved, Painted)))
    house = uuid4()
    painted = Painted(programme_id=PROGRAMME, version=1, at=clock.now(), house_id=house)
    await post.tell(moved(clock.now(), house, 1, place=4), painted)
    await Consumers(post.registrations).drain()
    assert await post.effects() == [(house, 1, 4), (house, 1, 0)]


async def test_the_facts_of_an_aggregate_are_taken_in_in_order_however_many(post: Post, clock: MovedClock) -> None:
    await post.open(listener())
    houses = [uuid4() for _ in range(20)]
    facts = [moved(clock.now(), house, version) for version in range(1, 31) for house in houses]
    await post.tell(*facts)
    await Consumers(post.registrations).drain()
    effects = await post.effects()
    assert len(effects) == 600
    for house in houses:
        assert [version for one, version, _ in effects if one == house] == list(range(1, 31))


async def test_each_programmes_facts_are_taken_in_behind_its_own_fence(post: Post, clock: MovedClock) -> None:
    fences: set[tuple[UUID, str]] = set()

    async def look(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        setting = await tx.connection.fetchval("SELECT current_setting('blest.programme')")
        fences.add((fact.programme_id, setting))
        await write_effect(tx, fact, envelope)

    await post.open(listener(look))
    for programme in (PROGRAMME, OTHER):
        await post.tell(*(moved(clock.now(), programme=programme) for _ in range(3)), programme=programme)
    await Consumers(post.registrations).drain()
    assert fences == {(PROGRAMME, str(PROGRAMME)), (OTHER, str(OTHER))}
    assert len(await post.effects()) == 6


async def test_only_the_guilty_fail_and_what_they_wrote_is_undone(post: Post, clock: MovedClock) -> None:
    await post.open(listener(refuse_odd))
    await post.tell(*(moved(clock.now(), place=place) for place in (0, 2, 3, 4, 6)))
    with pytest.raises(ReactionsFailed) as failure:
        await Consumers(post.registrations).drain()
    assert [str(one) for one in failure.value.exceptions] == ["odd place 3"]
    assert sorted(place for _, _, place in await post.effects()) == [0, 2, 4, 6]


async def test_a_failed_fact_comes_again_with_growing_delays(post: Post, clock: MovedClock) -> None:
    times: list[float] = []
    begin = clock.now()

    async def fail(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        times.append((clock.now() - begin).total_seconds())
        if envelope.delivery < 5:
            raise RuntimeError("not yet")
        await write_effect(tx, fact, envelope)

    await post.open(listener(fail))
    await post.tell(moved(clock.now()))
    consumers = Consumers(post.registrations)
    for _ in range(60):
        with suppress(ReactionsFailed):
            await consumers.drain()
        post.later(1)
    assert times == [0, 1, 3, 8, 23]
    assert len(await post.effects()) == 1


async def test_what_follows_a_failed_fact_of_its_aggregate_waits_for_it(post: Post, clock: MovedClock) -> None:
    mended = False

    async def fail_first(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        if fact.version == 1 and not mended:
            raise RuntimeError("a passing trouble")
        await write_effect(tx, fact, envelope)

    await post.open(listener(fail_first))
    house, other = uuid4(), uuid4()
    await post.tell(moved(clock.now(), house, 1), moved(clock.now(), house, 2), moved(clock.now(), other, 2))
    consumers = Consumers(post.registrations)
    with pytest.raises(ReactionsFailed):
        await consumers.drain()
    await post.tell(moved(clock.now(), house, 3))
    await consumers.drain()  # nor does what comes in a later fetch pass by
    assert await post.effects() == [(other, 2, 0)]
    mended = True
    post.later(3)
    await consumers.drain()
    assert await post.effects() == [(other, 2, 0), (house, 1, 0), (house, 2, 0), (house, 3, 0)]
