"""The repairs of what depends on facts: a projection done over, and a service that says again what is."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services import condition, repairs
from services.clock import MovedClock
from services.consumers import Consumers
from services.context import Context
from services.database import Transaction
from services.facts import Envelope, Fact
from services.handling import rebuild_key
from services.memory_bus import MemoryBus
from services.messages import ConsumerSpec, Delivery, Subscription
from services.relay import Relay
from services.service import Reaction, Service
from services.streams import declare
from tests.messaging.village import (
    OTHER,
    PROGRAMME,
    TELLER,
    Moved,
    Painted,
    Village,
    listener,
    moved,
    write_effect,
)

PROJECTION: dict[str, Any] = {"projection": True, "tables": ("effects",)}


async def opened(village: Village, service: Service) -> tuple[Context, Context, Relay]:
    events, registrations = await village.open(TELLER), await village.open(service)
    await declare(events)
    await declare(registrations)
    return events, registrations, village.relay(events)


@pytest.fixture(params=["memory", "nats"])
def any_village(request: pytest.FixtureRequest) -> Village:
    village: Village = request.getfixturevalue("real_village" if request.param == "nats" else "memory_village")
    return village


async def test_a_projection_is_done_over_in_order_and_its_consumer_goes_on_where_it_was(
    any_village: Village, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    service = listener(**PROJECTION)
    events, registrations, relay = await opened(any_village, service)
    houses = [uuid4() for _ in range(30)]
    for programme in (PROGRAMME, OTHER):
        facts = [moved(clock.now(), house, version, programme=programme) for version in (1, 2, 3) for house in houses]
        await any_village.publish(events, *facts, programme=programme)
        houses = [uuid4() for _ in range(30)]
    await relay.drain()
    consumers = Consumers(registrations)
    assert await consumers.drain() == 180
    good = sorted(await any_village.effects(registrations))
    await admin.execute("UPDATE registrations.effects SET place = 99")
    await admin.execute("DELETE FROM registrations.effects WHERE id % 3 = 0")
    assert await repairs.rebuild(registrations, service.reactions[0]) == 180
    effects = await any_village.effects(registrations)
    assert sorted(effects) == good
    for house in {house for house, _, _ in effects}:
        assert [version for one, version, _ in effects if one == house] == [1, 2, 3]
    await any_village.publish(events, moved(clock.now()))
    await relay.drain()
    assert await consumers.drain() == 1
    assert len(await any_village.effects(registrations)) == 181


async def test_a_fetch_that_brings_nothing_for_now_does_not_end_it_before_the_last_fact(
    memory_village: Village, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = listener(**PROJECTION)
    events, registrations, relay = await opened(memory_village, service)
    await memory_village.publish(events, *(moved(clock.now()) for _ in range(5)))
    await relay.drain()
    consume = MemoryBus.consume

    async def halting(bus: MemoryBus, spec: ConsumerSpec) -> Subscription:
        subscription, turns = await consume(bus, spec), itertools.count()
        fetch = subscription.fetch

        async def some(largest: int, timeout: float) -> list[Delivery]:
            return [] if next(turns) % 2 else await fetch(2, timeout)

        monkeypatch.setattr(subscription, "fetch", some)
        return subscription

    monkeypatch.setattr(MemoryBus, "consume", halting)
    assert await repairs.rebuild(registrations, service.reactions[0]) == 5
    assert len(await memory_village.effects(registrations)) == 5


async def test_the_consumer_waits_while_its_projection_is_done_over(
    memory_village: Village, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    service = listener(**PROJECTION)
    events, registrations, relay = await opened(memory_village, service)
    await memory_village.publish(events, moved(clock.now()))
    await relay.drain()
    await admin.execute("SELECT pg_advisory_lock($1)", rebuild_key("registrations", "registrations-seats"))
    draining = asyncio.create_task(Consumers(registrations, outage=(0.01,)).drain())
    await asyncio.sleep(0.2)
    assert not draining.done()
    with pytest.raises(repairs.RebuildRunning):
        await repairs.rebuild(registrations, service.reactions[0], timeout=0.1)
    await admin.execute("SELECT pg_advisory_unlock_all()")
    assert await draining == 1


async def test_it_refuses_to_do_over_what_reached_people(memory_village: Village) -> None:
    service = listener()
    registrations = await memory_village.open(service)
    with pytest.raises(repairs.NotAProjection):
        await repairs.rebuild(registrations, service.reactions[0])


async def test_a_projection_that_cannot_be_done_over_says_why(memory_village: Village, clock: MovedClock) -> None:
    bad = False

    async def sometimes(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        if bad:
            raise RuntimeError("a bug")
        await write_effect(tx, fact, envelope)

    service = listener(sometimes, **PROJECTION)
    events, registrations, relay = await opened(memory_village, service)
    await memory_village.publish(events, moved(clock.now()))
    await relay.drain()
    await Consumers(registrations).drain()
    bad = True
    with pytest.raises(ExceptionGroup) as failure:
        await repairs.rebuild(registrations, service.reactions[0])
    assert [str(one) for one in failure.value.exceptions] == ["a bug"]
    (told,) = await condition.failed_of(registrations.database)
    assert told.task == "rebuild registrations-seats" and told.error.startswith("It was emptied and is not full again")
    bad = False
    assert await repairs.rebuild(registrations, service.reactions[0]) == 1
    assert await condition.failed_of(registrations.database) == ()


async def test_it_knows_what_a_projection_would_lose_until_it_is_said_again(
    memory_village: Village, clock: MovedClock, admin: asyncpg.Connection
) -> None:
    service = listener(**PROJECTION)
    events, registrations, relay = await opened(memory_village, service)
    old, young = moved(clock.now()), moved(clock.now())
    await memory_village.publish(events, old, young)
    await relay.drain()
    consumers = Consumers(registrations)
    assert await consumers.drain() == 2
    assert await repairs.out_of_reach(registrations, service.reactions[0]) == 0
    age = "UPDATE registrations.seen SET seen_at = seen_at - interval '31 days' WHERE aggregate = $1"
    await admin.execute(age, old.aggregate)
    assert await repairs.out_of_reach(registrations, service.reactions[0]) == 1
    await memory_village.publish(events, old)
    await relay.drain()
    assert await consumers.drain() == 1
    assert await repairs.out_of_reach(registrations, service.reactions[0]) == 0


async def test_a_service_says_again_what_is_and_a_new_consumer_learns_it(
    memory_village: Village, clock: MovedClock
) -> None:
    houses: dict[UUID, int] = {uuid4(): 4, uuid4(): 2}

    async def state(tx: Transaction) -> AsyncIterator[Fact]:
        for house, version in houses.items():
            yield Moved(programme_id=tx.programme, version=version, at=tx.moment, house_id=house, place=version)

    seen: list[Envelope] = []

    async def keep(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        seen.append(envelope)
        await write_effect(tx, fact, envelope)

    teller = Service("events", "Moves houses.", facts=(Moved, Painted), restate=state)
    events = await memory_village.open(teller)
    await declare(events)
    registrations = await memory_village.open(listener(keep))
    relay = memory_village.relay(events)
    assert await repairs.restate(events, [PROGRAMME]) == 2
    await relay.drain()
    await Consumers(registrations).drain()
    assert {(house, version) for house, version, _ in await memory_village.effects(registrations)} == set(
        houses.items()
    )
    assert all(envelope.restated and not envelope.republished for envelope in seen)
    # Who has seen a newer version does not fall back.
    for house in houses:
        houses[house] -= 1
    await repairs.restate(events, [PROGRAMME])
    await relay.drain()
    await Consumers(registrations).drain()
    assert len(seen) == 2


async def test_a_service_that_cannot_say_what_is_says_so(memory_village: Village) -> None:
    events = await memory_village.open(TELLER)
    with pytest.raises(LookupError, match="events does not restate"):
        await repairs.restate(events, [PROGRAMME])


async def test_after_the_whole_store_of_nats_is_lost_nothing_is_missing_and_nothing_happens_twice(
    real_village: Village, clock: MovedClock, folder: Any
) -> None:
    import shutil
    from datetime import UTC, datetime, timedelta

    events, registrations, relay = await opened(real_village, listener())
    server = real_village.server
    assert server is not None
    taken = [moved(clock.now()) for _ in range(40)]
    await real_village.publish(events, *taken)
    await relay.drain()
    consumers = Consumers(registrations)
    assert await consumers.drain() == 40
    missed = [moved(clock.now()) for _ in range(40)]
    await real_village.publish(events, *missed)
    await relay.drain()
    await server.stop()
    shutil.rmtree(folder / "nats" / "jetstream")
    await server.start()
    async with asyncio.timeout(10):
        while not (events.bus.connected and registrations.bus.connected):
            await asyncio.sleep(0.02)
    assert await declare(events)
    await repairs.republish(events, datetime.now(UTC) - timedelta(days=30))
    assert await relay.drain() == 80
    assert await consumers.drain() == 80
    effects = await real_village.effects(registrations)
    assert {house for house, _, _ in effects} == {fact.house_id for fact in (*taken, *missed)}
    assert len(effects) == 80


def test_a_projection_and_its_reaction_are_the_same_to_the_lock() -> None:
    assert rebuild_key("registrations", "registrations-seats") != rebuild_key("events", "registrations-seats")
    assert Reaction("seats", (Moved,), write_effect).projection is False
