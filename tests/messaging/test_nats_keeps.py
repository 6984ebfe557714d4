"""What NATS keeps, tells and allows, asked of a real server as our client uses it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.bus import NatsBus
from services.embedded.nats import EmbeddedNats
from services.messages import BusError, ConsumerMissing, Message, PublishUnknown, StreamSpec
from tests.messaging.conftest import PASSWORD, READER, arrived
from tests.messaging.test_nats_traps import kill, message, until_connected, until_lost


async def test_questions_are_answered_beside_each_other_and_errors_tell_a_stranger_nothing(
    bus: NatsBus, plain: Client
) -> None:
    all_here = asyncio.Barrier(5)

    async def answer(data: bytes) -> bytes:
        if data == b"bad":
            raise ValueError("password=hunter2")
        async with all_here:  # serial callbacks would never get past this
            return b"here"

    await bus.answer("$SRV.PING", answer)
    await arrived(bus._client)
    answers = await asyncio.gather(*(plain.request("$SRV.PING", b"", timeout=2) for _ in range(5)))
    assert [one.data for one in answers] == [b"here"] * 5
    with pytest.raises(nats.errors.TimeoutError):
        await plain.request("$SRV.PING", b"bad", timeout=0.2)


async def test_the_reason_of_a_termination_reaches_the_advisory(bus: NatsBus, plain: Client) -> None:
    told: asyncio.Queue[Msg] = asyncio.Queue()
    await plain.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>", cb=told.put)
    await arrived(plain)
    await bus.publish([message(1)])
    (one,) = await (await bus.consume(READER)).fetch(10, 1.0)
    await one.term("cannot be read:\r\nno such field")
    async with asyncio.timeout(2):
        advisory = json.loads((await told.get()).data)
    assert advisory["reason"] == "cannot be read: no such field"


async def test_a_consumer_that_was_deleted_is_missed_at_once(bus: NatsBus, plain: Client) -> None:
    reader = await bus.consume(READER)
    waiting = asyncio.create_task(reader.fetch(10, 10.0))
    await asyncio.sleep(0.05)
    await plain.jetstream().delete_consumer("EVENTS", READER.name)
    async with asyncio.timeout(1):
        with pytest.raises(ConsumerMissing):
            await waiting


async def test_the_stream_is_on_disk_synced_at_every_write_and_nobody_empties_it(
    bus: NatsBus, plain: Client, server: EmbeddedNats
) -> None:
    manager = plain.jetstream()
    config = (await manager.stream_info("EVENTS")).config
    assert (config.storage, config.retention, config.max_age) == ("file", "limits", 30 * 86400)
    assert config.duplicate_window == 20 * 60
    assert config.allow_atomic
    assert '"sync_interval": "always"' in server.configuration(-1)
    with pytest.raises(nats.js.errors.APIError, match="purge"):
        await manager.purge_stream("EVENTS")
    await bus.publish([message(1)])
    with pytest.raises(nats.js.errors.APIError, match="delete"):
        await manager.delete_msg("EVENTS", 1)


async def test_a_durable_is_as_declared(bus: NatsBus, plain: Client) -> None:
    await bus.declare(None, [replace(READER, name="campaigns-two", subjects=("events.a.b.v1.*", "events.c.d.v1.*"))])
    config = (await plain.jetstream().consumer_info("EVENTS", "campaigns-two")).config
    assert config.filter_subjects == ["events.a.b.v1.*", "events.c.d.v1.*"]
    assert (config.ack_policy, config.ack_wait, config.max_ack_pending) == ("explicit", 2.0, 1000)
    assert config.max_deliver == -1  # we count the deliveries: a crash at the last one would lose the message


async def test_what_was_stored_survives_a_killed_server_though_acknowledgements_may_not(
    server: EmbeddedNats, bus: NatsBus
) -> None:
    await bus.publish([message(number) for number in range(20)])
    reader = await bus.consume(READER)
    for one in await reader.fetch(5, 1.0):
        await one.ack()
    await arrived(bus._client)
    await kill(server)
    await until_lost(bus)
    await server.start()
    await until_connected(bus)
    numbers = [int(one.data) for one in await reader.fetch(50, 2.0)]
    assert numbers == sorted(numbers)
    assert set(range(5, 20)) <= set(numbers)  # 0 to 4 may come again: that is what inboxes are for


async def test_a_service_cannot_speak_for_another(server: EmbeddedNats, bus: NatsBus) -> None:
    stranger = NatsBus(server.url, "events", PASSWORD, answer_within=0.3)
    await stranger.connect()
    with pytest.raises((BusError, PublishUnknown)):
        await stranger.declare(StreamSpec(name="CAMPAIGNS", subjects=("campaigns.>",)), [])
    with pytest.raises(PublishUnknown):
        await stranger.publish([Message("campaigns.link.made.v1.x", b"", "x")])
    await stranger.close()


async def test_a_service_may_answer_whoever_asks_it(server: EmbeddedNats, plain: Client) -> None:
    events = NatsBus(server.url, "events", PASSWORD, answer_within=1)
    await events.connect()

    async def answer(_: bytes) -> bytes:
        return b"events is here"

    await events.answer("$SRV.PING", answer)
    await arrived(events._client)
    assert (await plain.request("$SRV.PING", b"", timeout=2)).data == b"events is here"
    await events.close()
