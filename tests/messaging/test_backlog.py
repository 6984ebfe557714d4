"""What operators are told of what waits: right in every process, whoever does the work."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import asyncpg
import pytest
from prometheus_client import REGISTRY

from services import dead_letters
from services.backlog import Backlog
from services.clock import MovedClock
from services.consumers import Consumers
from services.context import Context
from services.memory_bus import MemoryBus
from services.service import Reaction
from services.streams import declare
from tests.messaging.village import PROGRAMME, TELLER, Moved, Village, listener, moved, write_effect

SEATS = "registrations-seats"


def figure(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"blest_{name}", labels)


@pytest.fixture
async def houses(memory_village: Village) -> list[Context]:
    """Two services that each tell and listen."""
    tells = replace(TELLER, reactions=(Reaction("echo", (Moved,), write_effect),))
    found = [await memory_village.open(tells), await memory_village.open(listener())]
    for context in found:
        await declare(context)
    return found


async def test_it_tells_how_much_waits_in_an_outbox_and_for_how_long_without_a_relay(
    memory_village: Village, houses: list[Context], clock: MovedClock, admin: asyncpg.Connection
) -> None:
    await memory_village.publish(houses[0], moved(clock.now()), moved(clock.now()))
    await admin.execute("UPDATE events.outbox SET created_at = created_at - interval '1 minute'")
    await Backlog(houses).measure()
    assert figure("outbox_pending", service="events") == 2
    oldest = figure("outbox_oldest_seconds", service="events")
    assert oldest is not None
    assert 60 <= oldest < 120
    await memory_village.relay(houses[0]).drain()
    await Backlog(houses).measure()
    assert figure("outbox_pending", service="events") == figure("outbox_oldest_seconds", service="events") == 0


async def test_each_services_dead_letters_are_told_and_one_that_has_none_says_none(
    houses: list[Context], clock: MovedClock
) -> None:
    letter = {"programme_id": PROGRAMME, "subject": "events.house.moved.v1.x", "headers": {}, "payload": b"{}"}
    for number, consumer in enumerate(("events-echo", SEATS)):
        async with houses[number].database.system() as tx:
            await dead_letters.record(
                tx.connection,
                consumer=consumer,
                message_id=PROGRAMME,
                error="cracked",
                deliveries=8,
                moment=clock.now(),
                **letter,  # type: ignore[arg-type]
            )
    await Backlog(houses).measure()
    assert (figure("dead_letters", consumer="events-echo"), figure("dead_letters", consumer=SEATS)) == (1, 1)
    async with houses[1].database.system() as tx:
        await tx.connection.execute("DELETE FROM dead_letters")
    await Backlog(houses).measure()
    assert (figure("dead_letters", consumer="events-echo"), figure("dead_letters", consumer=SEATS)) == (1, 0)


async def test_the_lag_counts_what_waits_and_what_is_out_whether_or_not_anybody_fetches(
    memory_village: Village, houses: list[Context], clock: MovedClock
) -> None:
    await memory_village.publish(houses[0], *(moved(clock.now()) for _ in range(3)))
    await memory_village.relay(houses[0]).drain()
    await Backlog(houses).measure()
    assert figure("consumer_lag", consumer=SEATS, stream="EVENTS") == 3
    await Consumers(houses[1]).drain()
    await Backlog(houses).measure()
    assert figure("consumer_lag", consumer=SEATS, stream="EVENTS") == 0
    assert figure("consumer_lag", consumer="events-echo", stream="EVENTS") == 3


async def test_over_nats_with_the_permissions_of_services(real_village: Village, clock: MovedClock) -> None:
    events, registrations = await real_village.open(TELLER), await real_village.open(listener())
    await declare(events)
    await declare(registrations)
    await real_village.publish(events, moved(clock.now()))
    await real_village.relay(events).drain()
    await Backlog([events, registrations]).measure()
    assert figure("consumer_lag", consumer=SEATS, stream="EVENTS") == 1


async def test_what_cannot_be_measured_is_unknown_and_not_well(houses: list[Context]) -> None:
    await Backlog(houses).measure()
    bus = houses[1].bus
    assert isinstance(bus, MemoryBus)
    bus.server.away = True
    await Backlog(houses).measure()
    lag = figure("consumer_lag", consumer=SEATS, stream="EVENTS")
    assert lag is not None
    assert math.isnan(lag)
    assert figure("outbox_pending", service="events") == 0


async def test_scrapers_that_come_together_ask_once(houses: list[Context], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    count = dead_letters.count

    async def counted(context: Context) -> dict[str, int]:
        asked.append(context.service.name)
        return await count(context)

    monkeypatch.setattr(dead_letters, "count", counted)
    backlog = Backlog(houses)
    await asyncio.gather(*(backlog.measure() for _ in range(5)))
    assert sorted(asked) == ["events", "registrations"]
