"""The paths that take or free a place: what is asked for by two hundred at once, and what must come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from events.facts import Unit
from registrations.commands import hand_overs
from registrations.domain.applications import Person
from registrations.domain.asking import Cancel, Choose
from registrations.domain.records import EventRules, LinePolicy
from registrations.facts import Cause
from tests.races.clients import CLIENTS, Answers, Request
from tests.races.fair import Fair
from tests.registrations.worlds import World

PLACES = 3
REST = CLIENTS - PLACES
HALF = CLIENTS // 2
OFFERING = EventRules(line=LinePolicy.OFFER)


@dataclass(frozen=True, slots=True)
class Course:
    """`answers` is how many are answered what, `books` how many bookings are in which state at the end, `used` how
    many places of each slot are taken."""

    fair: Fair
    requests: list[Request]
    answers: Answers
    books: Counter[str]
    used: list[int]


Way = Callable[[World], Awaitable[Course]]


async def book(world: World) -> Course:
    """Nobody would wait."""
    fair = await Fair.opened(world, "book", PLACES)
    requests = [booking(fair, wait=False) for _ in range(CLIENTS)]
    answers = Counter({(202, ""): PLACES, (409, "full"): REST})
    return Course(fair, requests, answers, Counter(confirmed=PLACES), [PLACES])


async def hold(world: World) -> Course:
    fair = await Fair.opened(world, "hold", PLACES)
    body = {"slot_id": str(fair.slots[0].slot_id), "adults": 2}
    requests = [Request("PUT", f"{fair.api}/holds/{uuid4()}", body) for _ in range(CLIENTS)]
    return Course(fair, requests, Counter({(200, ""): PLACES, (409, "full"): REST}), Counter(kept=PLACES), [PLACES])


async def let_go(world: World) -> Course:
    """All there is is held: half of the forms are sent, half are left, and what those kept goes to the line."""
    fair = await Fair.opened(world, "let-go", CLIENTS)
    (slot,) = fair.slots
    forms = [uuid4() for _ in range(CLIENTS)]
    await world.decide(*(Choose(form, slot.event_id, slot.slot_id, 1, 0) for form in forms))
    await fair.booked(HALF)
    requests = [
        booking(fair, wait=False, attempt=str(form))
        if number % 4 < 2
        else Request("DELETE", f"{fair.api}/holds/{form}")
        for number, form in enumerate(forms)
    ]
    answers = Counter({(202, ""): HALF, (200, ""): HALF})
    return Course(fair, requests, answers, Counter(confirmed=CLIENTS), [CLIENTS])


async def accept(world: World) -> Course:
    """Half of the offers are accepted, half declined, and those go on to the next in line."""
    fair = await Fair.opened(world, "accept", CLIENTS, rules=OFFERING)
    before, waiting = await fair.booked(), await fair.booked()
    await fair.booked(HALF)
    await world.decide(*(Cancel(one.booking_id, Cause.VISITOR) for one in before))
    requests = [
        Request("POST", f"{fair.mine(one.booking_id)}/offer", {"answer": "yes" if number % 4 < 2 else "no"})
        for number, one in enumerate(waiting)
    ]
    answers = Counter({(200, "confirmed"): HALF, (200, "cancelled"): HALF})
    books = Counter(confirmed=HALF, offered=HALF, cancelled=CLIENTS + HALF)
    return Course(fair, requests, answers, books, [CLIENTS])


async def move(world: World) -> Course:
    fair = await Fair.opened(world, "move", CLIENTS, PLACES)
    body = {"slot_id": str(fair.slots[1].slot_id)}
    requests = [Request("PUT", f"{fair.mine(one.booking_id)}/place", body) for one in await fair.booked()]
    answers = Counter({(200, "confirmed"): PLACES, (409, "full"): REST})
    return Course(fair, requests, answers, Counter(confirmed=CLIENTS), [REST, PLACES])


async def resize(world: World) -> Course:
    """Everyone would bring a second person."""
    fair = await Fair.opened(world, "resize", CLIENTS + PLACES, unit=Unit.PERSONS)
    requests = [Request("PUT", f"{fair.mine(one.booking_id)}/household", {"adults": 2}) for one in await fair.booked()]
    answers = Counter({(200, "confirmed"): PLACES, (409, "full"): REST})
    return Course(fair, requests, answers, Counter(confirmed=CLIENTS), [CLIENTS + PLACES])


async def promote(world: World) -> Course:
    """A storm of cancellations, with as many in line."""
    fair = await Fair.opened(world, "promote", CLIENTS)
    has, _waiting = await fair.booked(), await fair.booked()
    requests = [Request("POST", f"{fair.mine(one.booking_id)}/cancel") for one in has]
    books = Counter(confirmed=CLIENTS, cancelled=CLIENTS)
    return Course(fair, requests, Counter({(200, "cancelled"): CLIENTS}), books, [CLIENTS])


async def hand_over(world: World) -> Course:
    """Everyone would have the same person come instead, who can come but once."""
    fair = await Fair.opened(world, "hand-over", CLIENTS)
    kari = Person("Kari Nordmann", "kari@example.org", "nb")
    async with world.database.transaction(world.programme_id) as tx:
        asked = [await hand_overs.offer(tx, world.keys, one.booking_id, kari) for one in await fair.booked()]
    tokens = [world.keys.token(hand_overs.PURPOSE, one) for one in asked]
    requests = [Request("POST", f"/api/v1/hand-overs/{token}/accept") for token in tokens]
    answers = Counter({(200, ""): 1, (409, "overlaps"): CLIENTS - 1})
    return Course(fair, requests, answers, Counter(confirmed=CLIENTS), [CLIENTS])


PATHS: list[Way] = [book, hold, let_go, accept, move, resize, promote, hand_over]


def booking(fair: Fair, *, wait: bool, **more: Any) -> Request:
    """One who comes alone."""
    body = {
        "name": "Sanne de Vries",
        "email": f"{uuid4().hex}@example.org",
        "slot_id": str(fair.slots[0].slot_id),
        "adults": 1,
        "wait": wait,
    }
    return Request("POST", f"{fair.api}/bookings", {**body, **more})
