"""Facts that cannot be taken in: the last delivery, dead letters, and their replay after the mend."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services import dead_letters
from services.clock import MovedClock
from services.consumers import Consumers, ReactionsFailed
from services.database import Transaction
from services.facts import Envelope
from services.handling import CRASHES
from services.messages import Message
from services.streams import consumers_of
from tests.messaging.post import Post
from tests.messaging.test_consumers import NAME, refuse_odd
from tests.messaging.village import (
    OTHER,
    PROGRAMME,
    Moved,
    listener,
    moved,
    write_effect,
)


async def fail_until_dead(post: Post, consumers: Consumers) -> int:
    """Let time pass until nothing comes any more; returns how often it failed."""
    failures = 0
    for _ in range(12):
        try:
            await consumers.drain()
        except ReactionsFailed as failure:
            failures += len(failure.exceptions)
        post.later(121)
    return failures


async def test_at_the_last_delivery_it_becomes_a_dead_letter_and_comes_no_more(post: Post, clock: MovedClock) -> None:
    await post.open(listener(refuse_odd))
    fact = moved(clock.now(), place=3)
    await post.tell(fact, moved(clock.now(), place=2))
    assert await fail_until_dead(post, Consumers(post.registrations)) == 8
    (letter,) = await post.letters()
    assert (letter.consumer, letter.deliveries, letter.programme_id) == (NAME, 8, PROGRAMME)
    assert letter.error == "ValueError: odd place 3"
    assert Moved.model_validate_json(letter.payload) == fact
    assert letter.subject == fact.address
    assert await dead_letters.count(post.registrations) == {NAME: 1}
    assert [place for _, _, place in await post.effects()] == [2]
    assert post.server.consumers[("EVENTS", NAME)].out == {}


async def test_a_replay_hands_a_mended_fact_to_the_consumer_that_failed_once(post: Post, clock: MovedClock) -> None:
    mended = False

    async def fail(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        if not mended:
            raise RuntimeError("not mended")
        await write_effect(tx, fact, envelope)

    await post.open(listener(fail))
    await post.tell(moved(clock.now(), place=3))
    await fail_until_dead(post, Consumers(post.registrations))
    (letter,) = await post.letters()
    with pytest.raises(RuntimeError, match="not mended"):
        await dead_letters.replay(post.registrations, letter.id)
    assert len(await post.letters()) == 1
    mended = True
    results = await asyncio.gather(*(dead_letters.replay(post.registrations, letter.id) for _ in range(3)))
    assert sorted(results) == ["already", "already", "handled"]
    assert await post.letters() == []
    assert len(await post.effects()) == 1
    assert await Consumers(post.registrations).drain() == 0
    with pytest.raises(dead_letters.NoSuchLetter):
        await dead_letters.replay(post.registrations, letter.id + 1)


async def test_a_replay_of_what_has_become_stale_has_no_effect(post: Post, clock: MovedClock) -> None:
    mended = False

    async def fail_old(tx: Transaction, fact: Any, envelope: Envelope) -> None:
        if fact.version == 1 and not mended:
            raise RuntimeError("not mended")
        await write_effect(tx, fact, envelope)

    await post.open(listener(fail_old))
    house = uuid4()
    await post.tell(moved(clock.now(), house, 1))
    consumers = Consumers(post.registrations)
    await fail_until_dead(post, consumers)
    await post.tell(moved(clock.now(), house, 2))
    await consumers.drain()
    mended = True
    (letter,) = await post.letters()
    assert await dead_letters.replay(post.registrations, letter.id) == "stale"
    assert await post.effects() == [(house, 2, 0)]
    assert await post.letters() == []


@pytest.mark.parametrize(
    ("headers", "data", "says"),
    [
        ({"Message-Id": ""}, None, "Unreadable"),
        ({"Blest-Programme": str(OTHER)}, None, "different programmes"),
        ({"Blest-Version": "new"}, None, "Unreadable"),
        ({}, b"not json \xff\x00", "Unreadable"),
        ({}, b'{"place": "x"}', "Unreadable"),
    ],
)
async def test_what_cannot_be_read_is_a_dead_letter_at_once(
    post: Post, clock: MovedClock, headers: dict[str, str], data: bytes | None, says: str
) -> None:
    await post.open(listener())
    await post.tell(moved(clock.now()))
    (good,) = (one.message for one in post.server.streams["EVENTS"].messages)
    bad = Message(good.subject, data or good.data, "bad", {**good.headers, **headers})
    await post.events.bus.publish([bad])
    with pytest.raises(ReactionsFailed):
        await Consumers(post.registrations).drain()
    (letter,) = await post.letters()
    assert (letter.payload, letter.deliveries, letter.programme_id) == (bad.data, 1, dead_letters.NOBODY)
    assert says in letter.error
    assert await dead_letters.replay(post.registrations, letter.id) == "unreadable"
    assert len(await post.effects()) == 1


async def test_what_ended_the_process_at_each_delivery_is_not_tried_for_ever(post: Post, clock: MovedClock) -> None:
    service = listener()
    await post.open(service)
    await post.tell(moved(clock.now()))
    (spec,) = consumers_of("registrations", service.reactions[0])
    reader = await post.registrations.bus.consume(spec)
    for number in range(1, spec.max_deliver + CRASHES + 1):
        (one,) = await reader.fetch(1, 0.0)  # and the process dies
        assert (one.number, one.last) == (number, number >= 8)
        post.later(31)
    with pytest.raises(ReactionsFailed):
        await Consumers(post.registrations).drain()
    (letter,) = await post.letters()
    assert "the process ended each of the 12 times" in letter.error
    assert await post.effects() == []


async def test_the_last_delivery_still_succeeds_where_it_can(post: Post, clock: MovedClock) -> None:
    service = listener()
    await post.open(service)
    await post.tell(moved(clock.now()))
    (spec,) = consumers_of("registrations", service.reactions[0])
    reader = await post.registrations.bus.consume(spec)
    for _ in range(9):
        await reader.fetch(1, 0.0)
        post.later(31)
    assert await Consumers(post.registrations).drain() == 1
    assert await post.letters() == []
