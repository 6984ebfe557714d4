"""What a consumer promises: each fact has its effect once, in order, or is kept as a dead letter."""

from __future__ import annotations

from uuid import uuid4

from services.clock import MovedClock
from services.consumers import Consumers
from services.relay import Relay
from services.streams import declare
from tests.messaging.village import TELLER, Village, listener, moved


async def test_a_fact_travels_from_one_transaction_to_the_effect_in_another_service(
    memory_village: Village, clock: MovedClock
) -> None:
    events = await memory_village.open(TELLER)
    registrations = await memory_village.open(listener())
    await declare(events)
    house = uuid4()
    await memory_village.publish(events, moved(clock.now(), house, 1, place=7))
    assert await Relay(events).drain() == 1
    assert await Consumers(registrations).drain() == 1
    assert await memory_village.effects(registrations) == [(house, 1, 7)]


async def test_over_nats_too_with_the_permissions_of_services(real_village: Village, clock: MovedClock) -> None:
    events = await real_village.open(TELLER)
    registrations = await real_village.open(listener())
    await declare(events)
    houses = [uuid4() for _ in range(300)]
    await real_village.publish(events, *(moved(clock.now(), house) for house in houses))
    assert await Relay(events).drain() == 300
    assert await Consumers(registrations).drain() == 300
    assert {house for house, _, _ in await real_village.effects(registrations)} == set(houses)
