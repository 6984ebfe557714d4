"""Further paths: in line, by form, and by transactions that no batch gathers."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

from registrations.commands import hand_overs
from registrations.domain.applications import Person
from tests.races.clients import CLIENTS, Request
from tests.races.fair import Fair
from tests.races.paths import HALF, PLACES, REST, Course, Way, booking
from tests.races.staff import PROGRAMME
from tests.registrations.worlds import World

KARI = Person("Kari Nordmann", "kari@example.org", "nb")


async def book_or_wait(world: World) -> Course:
    fair = await Fair.opened(world, "book-or-wait", PLACES)
    requests = [booking(fair, wait=True) for _ in range(CLIENTS)]
    books = Counter(confirmed=PLACES, waiting=REST)
    return Course(fair, requests, Counter({(202, ""): CLIENTS}), books, [PLACES])


async def forget(world: World) -> Course:
    """Everyone who has a place would be forgotten, with as many in line."""
    fair = await Fair.opened(world, "forget", CLIENTS)
    has, _waiting = await fair.booked(), await fair.booked()
    requests = [Request("DELETE", fair.mine(one.booking_id)) for one in has]
    books = Counter(confirmed=CLIENTS, cancelled=CLIENTS)
    return Course(fair, requests, Counter({(200, ""): CLIENTS}), books, [CLIENTS])


async def book_by_form(world: World) -> Course:
    """Nobody would wait."""
    await world.programme()
    fair = await Fair.opened(world, "book-by-form", PLACES)
    place = str(fair.slots[0].slot_id)
    requests = [
        Request("POST", "/en/register/book-by-form", form={**_somebody(), "place": place}) for _ in range(CLIENTS)
    ]
    return Course(fair, requests, Counter({(303, ""): PLACES, (409, ""): REST}), Counter(confirmed=PLACES), [PLACES])


async def all_or_none(world: World) -> Course:
    """Staff book two days for everyone, or neither; there are fewer places on the first."""
    await world.programme(PROGRAMME)
    fair = await Fair.opened(world, "all-or-none", PLACES, PLACES + 2)
    days = {"choice": [f"{slot.event_id}/{slot.slot_id}" for slot in fair.slots], "whole": "on", "language": "nl"}
    page = f"/en/console/{PROGRAMME}/attendees/-/several"
    requests = [Request("POST", page, staff=True, form={**_somebody(), **days}) for _ in range(CLIENTS)]
    answers = Counter({(200, ""): PLACES, (409, ""): REST})
    return Course(fair, requests, answers, Counter(confirmed=2 * PLACES), [PLACES, PLACES])


OTHER_PATHS: list[Way] = [book_or_wait, forget, book_by_form, all_or_none]


def _somebody() -> dict[str, Any]:
    return {"name": "Sanne de Vries", "email": f"{uuid4().hex}@example.org", "adults": "1", "attempt": str(uuid4())}


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
