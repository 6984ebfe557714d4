"""A process of its own that relays for events and listens for registrations, to be killed: `python -m
tests.messaging.worker`."""

from __future__ import annotations

import asyncio
import os

from services import database
from services.bus import NatsBus
from services.clock import SystemClock
from services.consumers import Consumers
from services.keys import Keys
from services.relay import Relay
from services.settings import Settings
from services.streams import declare
from tests.messaging.village import TELLER, Village, listener

IDLE = 1.5
"""Seconds of silence after which a frozen relay loses its lock, here."""


async def main() -> None:
    settings = Settings.from_environment(os.environ)
    keys = Keys(settings.secrets)

    def make_bus(name: str) -> NatsBus:
        return NatsBus(settings.nats, name, keys.secret(f"nats/{name}"), name, answer_within=1.0, retry_after=0.05)

    database.LONGEST_SILENCE = 2  # so that a worker frozen in the middle of a transaction does not hold up the test
    village = Village(settings, keys, SystemClock(), make_bus)
    events, registrations = await village.open(TELLER), await village.open(listener())
    await declare(events)
    print("ready", flush=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(Relay(events, poll=0.05, standby=0.1, idle=IDLE).run())
        group.create_task(Consumers(registrations, ack_wait=1.0, fetch=50).run())


if __name__ == "__main__":
    asyncio.run(main())
