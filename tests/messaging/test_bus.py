"""What `services/messages.py` promises, held by both buses: the real one over a nats-server, and the one in memory."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.bus import NatsBus
from services.clock import MovedClock
from services.embedded.nats import EmbeddedNats
from services.memory_bus import MemoryBus, MemoryServer
from services.messages import Bus, ConsumerMissing, ConsumerSpec, Message, PublishRefused, StreamSpec
from services.storing import FEW
from tests.messaging.conftest import arrived

STREAM = StreamSpec(name="EVENTS", subjects=("events.>",))
READER = ConsumerSpec(stream="EVENTS", name="registrations-seats", subjects=("events.event.*.v1.*",), ack_wait=1.0)


@dataclass
class Kind:
    """One kind of bus: how to open another connection, and how to let its server's time pass."""

    name: str
    open: Callable[[], Awaitable[Bus]]
    pass_time: Callable[[float], Awaitable[None]]


@pytest.fixture(params=["nats", "memory"])
async def kind(request: pytest.FixtureRequest, clock: MovedClock, folder: Path) -> AsyncIterator[Kind]:
    opened: list[Bus] = []
    if request.param == "memory":
        server = MemoryServer(clock)

        async def open_memory() -> Bus:
            bus = MemoryBus(server)
            await bus.connect()
            opened.append(bus)
            return bus

        async def move(seconds: float) -> None:
            clock.move(timedelta(seconds=seconds))
            server.changed()

        yield Kind("memory", open_memory, move)
    else:
        password = secrets.token_hex(8)
        nats = EmbeddedNats(folder, {"events": password, "admin": password})
        await nats.start()

        async def open_nats() -> Bus:
            bus = NatsBus(nats.url, "admin", password, "test", answer_within=3)
            await bus.connect()
            opened.append(bus)
            return bus

        yield Kind("nats", open_nats, asyncio.sleep)
    for bus in opened:
        await bus.close()
    if request.param == "nats":
        await nats.stop()


@pytest.fixture
async def bus(kind: Kind) -> Bus:
    bus = await kind.open()
    await bus.declare(STREAM, [READER])
    return bus


def message(number: int, aggregate: str = "one", **headers: str) -> Message:
    return Message(f"events.event.moved.v1.{aggregate}", f"{number}".encode(), f"id-{aggregate}-{number}", headers)


async def test_it_delivers_what_was_published_with_subject_body_and_headers_in_order(bus: Bus) -> None:
    await bus.publish([message(number, town="Målselv") for number in range(1, 6)])
    reader = await bus.consume(READER)
    deliveries = await reader.fetch(10, 1.0)
    assert [one.data for one in deliveries] == [b"1", b"2", b"3", b"4", b"5"]
    assert deliveries[0].subject == "events.event.moved.v1.one"
    assert deliveries[0].headers["town"] == "Målselv"
    assert [(one.number, one.last, one.sequence) for one in deliveries] == [(1, False, n) for n in range(1, 6)]


async def test_it_returns_at_once_with_what_is_there_and_not_when_the_request_is_full(bus: Bus) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    async with asyncio.timeout(2):
        assert len(await reader.fetch(100, 5.0)) == 1


async def test_a_waiting_reader_is_given_a_message_as_soon_as_it_is_published(bus: Bus) -> None:
    reader = await bus.consume(READER)
    waiting = asyncio.create_task(reader.fetch(100, 5.0))
    await asyncio.sleep(0.05)
    await bus.publish([message(1), message(2)])
    async with asyncio.timeout(2):
        got = await waiting
    while len(got) < 2:
        got += await reader.fetch(100, 1.0)
    assert [one.data for one in got] == [b"1", b"2"]


async def test_it_fetches_nothing_where_nothing_is(bus: Bus) -> None:
    reader = await bus.consume(READER)
    assert await reader.fetch(10, 0.0) == []
    assert await reader.fetch(10, 0.1) == []


async def test_what_is_acknowledged_never_comes_again(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    for one in await reader.fetch(10, 1.0):
        await one.ack()
    await kind.pass_time(1.3)
    assert await reader.fetch(10, 0.1) == []


async def test_what_is_not_acknowledged_comes_again_and_says_how_often(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    assert [one.number for one in await reader.fetch(10, 1.0)] == [1]
    assert await reader.fetch(10, 0.1) == []
    await kind.pass_time(1.3)
    assert [one.number for one in await reader.fetch(10, 1.0)] == [2]


async def test_in_progress_keeps_a_message_from_coming_again(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    (one,) = await reader.fetch(10, 1.0)
    for _ in range(3):
        await kind.pass_time(0.6)
        await one.in_progress()
    assert await reader.fetch(10, 0.0) == []


async def test_what_is_given_back_comes_again_after_its_delay_and_not_before(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    (one,) = await reader.fetch(10, 1.0)
    await one.nak(0.4)
    assert await reader.fetch(10, 0.1) == []
    await kind.pass_time(0.5)
    assert [one.number for one in await reader.fetch(10, 1.0)] == [2]


async def test_giving_back_without_a_delay_is_refused(bus: Bus) -> None:
    await bus.publish([message(1)])
    (one,) = await (await bus.consume(READER)).fetch(10, 1.0)
    with pytest.raises(ValueError, match="delay"):
        await one.nak(0)


async def test_what_is_terminated_never_comes_again(bus: Bus, kind: Kind) -> None:
    await bus.publish([message(1)])
    reader = await bus.consume(READER)
    (one,) = await reader.fetch(10, 1.0)
    await one.term("cannot be read:\r\nbroken")
    await kind.pass_time(1.3)
    assert await reader.fetch(10, 0.1) == []


async def test_it_says_which_delivery_is_the_last_and_goes_on_all_the_same(bus: Bus, kind: Kind) -> None:
    spec = replace(READER, name="registrations-impatient", max_deliver=2)
    await bus.declare(None, [spec])
    await bus.publish([message(1)])
    reader = await bus.consume(spec)
    seen = []
    for _ in range(3):
        (one,) = await reader.fetch(1, 2.0)
        seen.append((one.number, one.last))
        await one.nak(0.05)
        await kind.pass_time(0.1)
    assert seen == [(1, False), (2, True), (3, True)]


async def test_replicas_share_a_consumer_and_each_message_goes_to_one_of_them(bus: Bus, kind: Kind) -> None:
    other = await kind.open()
    readers = [await bus.consume(READER), await other.consume(READER)]
    await bus.publish([message(number) for number in range(40)])
    got: list[bytes] = []
    while len(got) < 40:
        for reader in readers:
            for one in await reader.fetch(3, 0.0):
                got.append(one.data)
                await one.ack()
    assert sorted(got) == sorted(f"{number}".encode() for number in range(40))


async def test_consumers_of_different_names_each_get_everything(bus: Bus) -> None:
    other = replace(READER, name="campaigns-seats")
    await bus.declare(None, [other])
    await bus.publish([message(1)])
    for spec in (READER, other):
        assert len(await (await bus.consume(spec)).fetch(10, 1.0)) == 1


async def test_a_consumer_declared_later_begins_at_the_beginning(bus: Bus) -> None:
    await bus.publish([message(1), message(2)])
    late = replace(READER, name="campaigns-late")
    await bus.declare(None, [late])
    assert len(await (await bus.consume(late)).fetch(10, 1.0)) == 2


async def test_it_filters_by_its_subjects(bus: Bus) -> None:
    spec = replace(READER, name="campaigns-two", subjects=("events.stand.opened.v1.*", "events.event.moved.v1.*"))
    await bus.declare(None, [spec])
    subjects = [
        "events.event.moved.v1.a",
        "events.event.moved.v2.a",
        "events.stand.opened.v1.b",
        "events.event.ended.v1.a",
    ]
    await bus.publish([Message(one, b"", one) for one in subjects])
    got = await (await bus.consume(spec)).fetch(10, 1.0)
    assert [one.subject for one in got] == [subjects[0], subjects[2]]


async def test_it_stores_a_message_once_however_often_it_is_published(bus: Bus) -> None:
    for _ in range(3):
        await bus.publish([message(1)])
    assert len(await (await bus.consume(READER)).fetch(10, 0.5)) == 1


@pytest.mark.parametrize("many", [FEW, FEW + 10])
async def test_messages_that_were_stored_already_are_not_stored_again(bus: Bus, many: int) -> None:
    batch = [message(number) for number in range(many)]
    await bus.publish(batch)
    await bus.publish(batch)
    assert [int(one.data) for one in await (await bus.consume(READER)).fetch(40, 0.5)] == list(range(many))


@pytest.mark.parametrize("many", [FEW, FEW + 10])
async def test_of_messages_that_are_partly_known_the_rest_is_stored_in_order(bus: Bus, many: int) -> None:
    await bus.publish([message(2)])
    await bus.publish([message(number) for number in range(many)])
    rest = [number for number in range(many) if number != 2]
    assert [int(one.data) for one in await (await bus.consume(READER)).fetch(40, 0.5)] == [2, *rest]


async def test_it_publishes_more_than_one_batch_in_order(bus: Bus) -> None:
    await bus.publish([message(number) for number in range(1203)])
    reader = await bus.consume(replace(READER, max_ack_pending=2000))
    got: list[int] = []
    while deliveries := await reader.fetch(500, 0.5):
        for one in deliveries:
            got.append(int(one.data))
            await one.ack()
    assert got == list(range(1203))


async def test_a_subject_that_no_stream_takes_is_refused(bus: Bus) -> None:
    with pytest.raises(PublishRefused):
        await bus.publish([Message("nowhere.at.all", b"", "1")])


async def test_a_consumer_on_a_stream_that_is_not_there_is_missing(bus: Bus) -> None:
    with pytest.raises(ConsumerMissing):
        await bus.declare(None, [replace(READER, stream="NOWHERE")])


async def test_reading_from_a_consumer_that_was_never_declared_says_so_at_once(bus: Bus) -> None:
    reader = await bus.consume(replace(READER, name="registrations-unknown"))
    async with asyncio.timeout(2):
        with pytest.raises(ConsumerMissing):
            await reader.fetch(10, 5.0)


async def test_declaring_twice_changes_nothing_and_declaring_otherwise_changes_it(bus: Bus) -> None:
    await bus.publish([message(1)])
    (one,) = await (await bus.consume(READER)).fetch(10, 1.0)
    await one.ack()
    await bus.declare(STREAM, [READER])
    wider = replace(READER, subjects=("events.event.*.v1.*", "events.stand.*.v1.*"))
    await bus.declare(replace(STREAM, max_age=86400.0), [wider])
    await bus.publish([Message("events.stand.opened.v1.x", b"", "x")])
    assert [one.subject for one in await (await bus.consume(wider)).fetch(10, 1.0)] == ["events.stand.opened.v1.x"]


async def test_no_more_is_given_out_than_may_be_unacknowledged(bus: Bus) -> None:
    spec = replace(READER, name="registrations-narrow", max_ack_pending=2)
    await bus.declare(None, [spec])
    await bus.publish([message(number) for number in range(5)])
    reader = await bus.consume(spec)
    first = await reader.fetch(10, 0.5)
    assert len(first) == 2
    assert await reader.fetch(10, 0.1) == []
    await first[0].ack()
    assert len(await reader.fetch(10, 0.5)) == 1


async def test_it_tells_how_many_a_consumer_has_yet_to_acknowledge_given_out_or_not(bus: Bus) -> None:
    assert await bus.lag(READER) == 0
    await bus.publish([message(number) for number in range(5)])
    reader = await bus.consume(READER)
    taken = await reader.fetch(3, 1.0)
    assert len(taken) == 3
    assert await bus.lag(READER) == 5
    for one in taken:
        await one.ack()
    async with asyncio.timeout(5):  # an acknowledgement is taken in a moment after it was sent
        while await bus.lag(READER) != 2:
            await asyncio.sleep(0.01)
    with pytest.raises(ConsumerMissing):
        await bus.lag(replace(READER, name="registrations-nobody"))


async def test_a_hint_reaches_everyone_who_listens_and_an_error_ends_nothing(bus: Bus, kind: Kind) -> None:
    other = await kind.open()
    heard: list[bytes] = []
    enough = asyncio.Event()

    async def listen(data: bytes) -> None:
        if data == b"bad":
            raise RuntimeError("not understood")
        heard.append(data)
        if len(heard) == 4:
            enough.set()

    await bus.on_hint("hints.links", listen)
    await other.on_hint("hints.links", listen)
    with suppress(AttributeError):
        await arrived(other._client)  # type: ignore[attr-defined]  # the server has the subscription
        await arrived(bus._client)  # type: ignore[attr-defined]
    for data in (b"one", b"bad", b"two"):
        await bus.hint("hints.links", data)
    async with asyncio.timeout(2):
        await enough.wait()
    assert sorted(heard) == [b"one", b"one", b"two", b"two"]


async def test_closing_an_idle_reader_and_its_bus_takes_no_time(bus: Bus) -> None:
    reader = await bus.consume(READER)
    assert await reader.fetch(10, 0.1) == []
    waiting = asyncio.create_task(reader.fetch(10, 5.0))
    await asyncio.sleep(0.05)
    waiting.cancel()
    began = asyncio.get_running_loop().time()
    await bus.close()
    assert asyncio.get_running_loop().time() - began < 1.0
    assert not bus.connected


async def test_closing_twice_does_no_harm(bus: Bus) -> None:
    await bus.close()
    await bus.close()


def test_the_rules_of_subjects() -> None:
    from services.messages import matches

    cases: list[tuple[str, str, Any]] = [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("a.b.c", "a.b", False),
    ]
    for pattern, subject, expected in cases:
        assert matches(pattern, subject) is expected, (pattern, subject)
