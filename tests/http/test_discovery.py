"""Whoever asks on the bus who is there is told."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from services.bus import NatsBus
from services.context import Context
from services.discovery import Presence
from services.embedded.nats import ADMIN
from services.keys import Keys
from services.registry import chosen

PINGED = {
    "type": "object",
    "required": ["type", "name", "id", "version", "metadata"],
    "properties": {
        "type": {"type": "string", "pattern": r"^io\.nats\.micro\.v1\.(ping|info|stats)_response$"},
        "name": {"type": "string", "pattern": r"^[a-zA-Z0-9_-]+$"},
        "id": {"type": "string", "minLength": 1},
        "version": {"type": "string", "pattern": r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"},
    },
}


class Switchboard:
    """Takes the place of a bus and keeps who answers what."""

    def __init__(self) -> None:
        self.answers = {}

    async def answer(self, subject, callback) -> None:
        self.answers[subject] = callback

    async def asked(self, subject):
        return json.loads(await self.answers[subject](b""))


@pytest.fixture
def context(settings, clock):
    (service,) = chosen(["campaigns"])
    return Context(service, settings, Keys(settings.secrets), clock, None, Switchboard())


async def test_a_service_answers_for_everyone_for_its_name_and_for_itself(context):
    presence = Presence(context)
    await presence.announce()
    for kind in ("PING", "INFO", "STATS"):
        for address in (f"$SRV.{kind}", f"$SRV.{kind}.campaigns", f"$SRV.{kind}.campaigns.{presence.identity}"):
            said = await context.bus.asked(address)
            jsonschema.validate(said, PINGED)
            assert said["type"] == f"io.nats.micro.v1.{kind.lower()}_response"
            assert (said["name"], said["id"]) == ("campaigns", presence.identity)


async def test_it_tells_what_it_listens_to(context):
    info = Presence(context).info()
    assert {one["name"] for one in info["endpoints"]} == {f"campaigns-{one.name}" for one in context.service.reactions}
    assert all(one["subject"] for one in info["endpoints"])


async def test_it_tells_what_its_consumers_did(context):
    from services.received import HANDLER_SECONDS
    from services.settling import SETTLED

    consumer = f"campaigns-{context.service.reactions[0].name}"
    before = Presence(context).stats()["endpoints"][0]
    SETTLED.labels(consumer, "acknowledged").inc(3)
    SETTLED.labels(consumer, "failed").inc()
    HANDLER_SECONDS.labels(consumer).observe(0.5)
    after = Presence(context).stats()["endpoints"][0]
    assert after["num_requests"] - before["num_requests"] == 4
    assert after["num_errors"] - before["num_errors"] == 1
    assert after["processing_time"] - before["processing_time"] == 500_000_000


async def test_replicas_are_told_apart(context):
    assert Presence(context).identity != Presence(context).identity
    assert re.fullmatch(r"[A-Za-z0-9]{22}", Presence(context).identity)


async def test_over_nats_with_the_services_own_rights(where, settings, clock):
    import nats

    keys = Keys(where.secrets)
    (service,) = chosen(["campaigns"])
    bus = NatsBus(where.nats, user="campaigns", password=keys.secret("nats/campaigns"), name="discovered")
    await bus.connect()
    try:
        presence = Presence(Context(service, settings, keys, clock, None, bus))
        await presence.announce()
        asking = await nats.connect(where.nats, user=ADMIN, password=keys.secret(f"nats/{ADMIN}"))
        try:
            answer = await asking.request(f"$SRV.PING.campaigns.{presence.identity}", b"", timeout=5)
            assert json.loads(answer.data)["id"] == presence.identity
        finally:
            await asking.close()
    finally:
        await bus.close()
