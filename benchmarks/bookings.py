"""Bookings over HTTP with everything that belongs to one: reading and checking the JSON, the decision in its
transaction, the facts in the outbox and on to JetStream.

Every visitor is another one, from an address of their own. Places are many enough that everyone gets one: a refusal
would be quicker. After the rounds the books are looked at: what was answered is booked, and nothing beyond capacity.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from benchmarks import seeds
from benchmarks.children import bare, serving
from benchmarks.ground import Ground, Place
from benchmarks.load import drive
from benchmarks.rounds import Measurement, Rounds, by_turns
from tests.registrations.worlds import World

CAPACITY = 100_000

Booking = Callable[[int], Awaitable[Measurement]]
"""Makes, of a port, what books there."""


@dataclass(slots=True)
class Visitors:
    """An endless row of families who book one slot after the other."""

    slots: Sequence[UUID]
    number: count[int] = field(default_factory=count)

    def request(self) -> bytes:
        number = next(self.number)
        body = json.dumps(
            {
                "name": f"Family {number}",
                "email": f"family{number}@example.org",
                "language": "nl",
                "slot_id": str(self.slots[number % len(self.slots)]),
                "adults": 2,
                "children_6_12": 1,
                "wait": True,
            }
        ).encode()
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        head = (
            "POST /api/v1/events/fair/bookings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-For: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def visitors_of_nowhere() -> Visitors:
    """Requests as long as the others', for a handler that looks at nothing."""
    return Visitors((UUID(int=2**127 - 1),))


async def check(world: World, answered: int) -> None:
    """Raises AssertionError where the books do not say what visitors were told."""
    rows = await world.rows("SELECT sum(used)::bigint AS used, bool_or(used > capacity) AS oversold FROM pools")
    booked = await world.rows("SELECT count(*) AS many FROM bookings WHERE status = 'confirmed'")
    assert not rows[0]["oversold"], "more was given than there is"
    assert rows[0]["used"] == booked[0]["many"] == answered, f"{answered} answered, {booked[0]['many']} booked"


async def hot_slot(ground: Ground) -> Rounds:
    return await _against_bare(ground, "hot_slot", slots=1)


async def many_slots(ground: Ground) -> Rounds:
    return await _against_bare(ground, "many_slots", slots=200)


async def together(ground: Ground) -> Rounds:
    """The same code with a transaction for each booking is the baseline."""
    async with (
        _fair(ground, "together", 1) as (booking, place),
        _fair(ground, "one_by_one", 1) as (single, other),
        serving(place.settings, place.folder, "registrations") as ours,
        serving(other.settings, other.folder, "registrations", one_by_one=True) as theirs,
    ):
        return await by_turns(await booking(ours), await single(theirs))


async def _against_bare(ground: Ground, name: str, slots: int) -> Rounds:
    strangers = visitors_of_nowhere()
    async with (
        _fair(ground, name, slots) as (booking, place),
        serving(place.settings, place.folder, "registrations") as ours,
        bare(place.folder) as theirs,
    ):

        async def decoded() -> float:
            return (await drive(theirs, strangers.request, expect=202)).rate

        return await by_turns(await booking(ours), decoded)


@asynccontextmanager
async def _fair(ground: Ground, name: str, slots: int) -> AsyncIterator[tuple[Booking, Place]]:
    """How to book at a port, and the place where the books are, which are looked at in the end."""
    answered = 0
    async with ground.place(name) as place, seeds.world(place) as world:
        visitors = Visitors([one.slot_id for one in await seeds.slots(world, slots, CAPACITY)])

        async def at(port: int) -> Measurement:
            async def booked() -> float:
                nonlocal answered
                found = await drive(port, visitors.request, expect=202)
                answered += len(found.seconds)
                return found.rate

            await booked()
            # Tables that were empty a moment ago are planned for as such until they are looked at again.
            await ground.tidy(place)
            return booked

        yield at, place
        await check(world, answered)
