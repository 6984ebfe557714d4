"""Paths that are no matter of a batch, or of two things at once: each call is a transaction of its own."""

from __future__ import annotations

from collections import Counter

from registrations.commands import hand_overs
from registrations.domain.applications import Person
from tests.races.clients import CLIENTS, Request
from tests.races.fair import Fair
from tests.races.paths import HALF, Course
from tests.registrations.worlds import World

KARI = Person("Kari Nordmann", "kari@example.org", "nb")


async def forget(world: World) -> Course:
    """Everyone who has a place would be forgotten, with as many in line."""
    fair = await Fair.opened(world, "forget", CLIENTS)
    has, _waiting = await fair.booked(), await fair.booked()
    requests = [Request("DELETE", fair.mine(one.booking_id)) for one in has]
    books = Counter(confirmed=CLIENTS, cancelled=CLIENTS)
    return Course(fair, requests, Counter({(200, ""): CLIENTS}), books, [CLIENTS])


async def ask_and_answer(world: World) -> list[Request]:
    """Everyone asks the same person to come instead once more, who says yes to each of them just then."""
    fair = await Fair.opened(world, "ask-and-answer", CLIENTS)
    booked = await fair.booked(HALF)
    async with world.database.transaction(world.programme_id) as tx:
        asked = [await hand_overs.offer(tx, world.keys, one.booking_id, KARI) for one in booked]
    again = {"name": KARI.name, "email": KARI.email, "language": KARI.language}
    yes = [Request("POST", f"/api/v1/hand-overs/{world.keys.token(hand_overs.PURPOSE, one)}/accept") for one in asked]
    more = [Request("POST", f"{fair.mine(one.booking_id)}/hand-over", again) for one in booked]
    return [request for pair in zip(yes, more, strict=True) for request in pair]
