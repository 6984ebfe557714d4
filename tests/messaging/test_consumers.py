"""What a consumer promises: each fact has its effect once, in order, or is kept as a dead letter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from services.clock import MovedClock
from services.consumers import Consumers, ReactionsFailed
from services.database import Transaction
from services.facts import Envelope
from services.logs import BOUND
from services.messages import Message
from services.streams import declare
from tests.messaging.post import Post
from tests.messaging.village import (
    PROGRAMME,
    TELLER,
    Village,
    listener,
    moved,
    write_effect,
)

NAME = "registrations-seats"


async def refuse_odd(tx: Transaction, fact: Any, envelope: Envelope) -> None:
    """Writes, and then fails for odd places: what it wrote must not stay."""
    await write_effect(tx, fact, envelope)
    if fact.place % 2:
        raise ValueError(f"odd place {fact.place}")


async def test_a_fact_travels_from_one_transaction_to_the_effect_in_another_service(
    post: Post, clock: MovedClock
) -> None:
    await post.open(listener())
    house = uuid4()
    await post.tell(moved(clock.now(), house, 1, place=7))
    assert await Consumers(post.registrations).drain() == 1
    assert await post.effects() == [(house, 1, 7)]


async def test_over_nats_too_with_the_permissions_of_services(real_village: Village, clock: MovedClock) -> None:
    post = await Post(real_village, clock).open(listener())
    houses = [uuid4() for _ in range(300)]
    await post.tell(*(moved(clock.now(), house) for house in houses))
    assert await Consumers(post.registrations).drain() == 300
    assert {house for house, _, _ in await post.effects()} == set(houses)


async def test_it_runs_in_the_background_and_stops_in_order(real_village: Village, clock: MovedClock) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        begun.set()
        await finish.wait()
        await write_effect(tx, fact, envelope)

    post = await Post(real_village, clock).open(listener(slowly))
    consumers = Consumers(post.registrations)
    running = asyncio.create_task(consumers.run())
    await post.tell(moved(clock.now()))
    async with asyncio.timeout(5):
        await begun.wait()
        running.cancel()
        await asyncio.sleep(0.05)
        assert not running.done()  # what is in hand is finished
        finish.set()
        await asyncio.wait({running})
    assert len(await post.effects()) == 1
    assert await Consumers(post.registrations).drain() == 0  # and it was acknowledged


async def test_stopping_idle_consumers_takes_no_time(real_village: Village, clock: MovedClock) -> None:
    post = await Post(real_village, clock).open(listener())
    running = asyncio.create_task(Consumers(post.registrations).run())
    await asyncio.sleep(0.2)
    running.cancel()
    async with asyncio.timeout(1):
        await asyncio.wait({running})
        await post.registrations.bus.close()


async def test_a_consumer_whose_stream_does_not_exist_yet_begins_when_it_does(
    real_village: Village, clock: MovedClock
) -> None:
    registrations = await real_village.open(listener())
    assert not await declare(registrations)
    running = asyncio.create_task(Consumers(registrations).run())
    events = await real_village.open(TELLER)
    await declare(events)
    await real_village.publish(events, moved(clock.now()))
    await real_village.relay(events).drain()
    async with asyncio.timeout(10):
        while not await real_village.effects(registrations):
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait({running})


async def test_long_work_is_not_given_to_somebody_else(real_village: Village, clock: MovedClock) -> None:
    calls = 0

    async def slowly(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(2.0)
        await write_effect(tx, fact, envelope)

    post = await Post(real_village, clock).open(listener(slowly))
    await post.tell(moved(clock.now()))
    other = await real_village.open(listener(slowly))
    both = [asyncio.create_task(Consumers(one, ack_wait=0.6).run()) for one in (post.registrations, other)]
    async with asyncio.timeout(10):
        while not await post.effects():
            await asyncio.sleep(0.05)
    for task in both:
        task.cancel()
    await asyncio.wait(both)
    assert calls == 1


async def test_what_a_reaction_publishes_and_logs_names_its_cause(post: Post, clock: MovedClock) -> None:
    seen: list[dict[str, Any]] = []
    envelopes: list[Envelope] = []

    async def pass_on(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        seen.append(dict(BOUND.get()))
        envelopes.append(envelope)
        tx.publish(moved(fact.at, fact.house_id, fact.version))

    await post.open(listener(pass_on))
    await post.tell(moved(clock.now()), moved(clock.now()))
    await Consumers(post.registrations).drain()
    async with post.registrations.database.system() as tx:
        rows = await tx.connection.fetch("SELECT headers FROM outbox ORDER BY id")
    assert [row["headers"]["Blest-Causation"] for row in rows] == [str(one.message_id) for one in envelopes]
    assert [one["message_id"] for one in seen] == [str(one.message_id) for one in envelopes]
    assert {one["consumer"] for one in seen} == {NAME}
    assert "message_id" not in BOUND.get()


async def test_an_envelope_says_when_and_which_delivery_and_whether_a_repair_sent_it(
    post: Post, clock: MovedClock
) -> None:
    envelopes: list[Envelope] = []

    async def keep(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        envelopes.append(envelope)

    await post.open(listener(keep))
    fact = moved(clock.now(), version=4)
    await post.tell(fact)
    (row,) = post.server.streams["EVENTS"].messages
    await post.events.bus.publish(
        [
            Message(
                row.message.subject,
                row.message.data,
                "again",
                {**row.message.headers, "Message-Id": str(uuid4()), "Blest-Republished": "1"},
            )
        ]
    )
    await Consumers(post.registrations).drain()
    first, second = envelopes
    assert (first.programme_id, first.aggregate, first.version) == (PROGRAMME, f"house:{fact.house_id}", 4)
    assert (first.occurred_at, first.delivery, first.republished) == (clock.now(), 1, False)
    assert second.republished


async def test_it_counts_what_became_of_deliveries(post: Post, clock: MovedClock) -> None:
    def counts() -> dict[str, float]:
        ended = {"acknowledged": "blest_consumer_messages_total", "failed": "blest_consumer_messages_total"}
        found = {
            outcome: REGISTRY.get_sample_value(name, {"consumer": NAME, "outcome": outcome})
            for outcome, name in ended.items()
        }
        found["stale"] = REGISTRY.get_sample_value(
            "blest_consumer_skipped_total", {"consumer": NAME, "because": "stale"}
        )
        return {outcome: value or 0 for outcome, value in found.items()}

    before = counts()
    await post.open(listener(refuse_odd))
    house = uuid4()
    await post.tell(moved(clock.now(), house, 2), moved(clock.now(), place=1))
    with pytest.raises(ReactionsFailed):
        await Consumers(post.registrations).drain()
    await post.tell(moved(clock.now(), house, 1))
    await Consumers(post.registrations).drain()
    assert {outcome: count - before[outcome] for outcome, count in counts().items()} == {
        "acknowledged": 2,
        "failed": 1,
        "stale": 1,
    }


async def test_where_the_tellers_stream_is_not_there_nothing_is_there(post: Post) -> None:
    assert await Consumers(await post.village.open(listener())).drain() == 0


async def test_a_service_without_reactions_waits_until_it_is_stopped(post: Post) -> None:
    events = await post.village.open(TELLER)
    consumers = Consumers(events)
    assert await consumers.drain() == 0
    running = asyncio.create_task(consumers.run())
    await asyncio.sleep(0.05)
    assert not running.done()
    running.cancel()
    await asyncio.wait({running})


def never_twice(effects: Sequence[tuple[UUID, int, int]]) -> bool:
    return len({(house, version) for house, version, _ in effects}) == len(effects)


async def test_many_replicas_share_the_work_and_nothing_happens_twice(real_village: Village, clock: MovedClock) -> None:
    post = await Post(real_village, clock).open(listener())
    others = [await real_village.open(listener()) for _ in range(2)]
    running = [asyncio.create_task(Consumers(one, fetch=20).run()) for one in (post.registrations, *others)]
    houses = [uuid4() for _ in range(25)]
    await post.tell(*(moved(clock.now(), house, version) for version in range(1, 21) for house in houses))
    async with asyncio.timeout(20):
        while {house: version for house, version, _ in await post.effects()} != dict.fromkeys(houses, 20):
            await asyncio.sleep(0.1)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    effects = await post.effects()
    assert never_twice(effects)
    for house in houses:
        versions = [version for one, version, _ in effects if one == house]
        assert versions == sorted(versions)
