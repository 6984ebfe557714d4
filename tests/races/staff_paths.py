"""The same where staff take or free places: answers to who asked, and how many places there are while visitors take
or leave them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from registrations.domain.records import EventRules
from tests.races.clients import CLIENTS, Request
from tests.races.fair import Fair
from tests.races.paths import HALF, PLACES, Course, Way, booking
from tests.races.staff import DESK
from tests.registrations.worlds import World

ASKED_FIRST = EventRules(approval=True)
STAFF = CLIENTS // 10
VISITORS = CLIENTS - STAFF


def among(visitors: Iterable[Request], staff: Request) -> list[Request]:
    """At either process so many of the staff send the same, between the visitors."""
    rest = iter(visitors)
    return [staff if number % 20 < 2 else next(rest) for number in range(CLIENTS)]


async def approve(world: World) -> Course:
    """Half of those who asked are told yes, half no, and their places go to the line."""
    fair = await Fair.opened(world, "approve", CLIENTS, rules=ASKED_FIRST)
    asked = await fair.booked()
    await fair.go_by(EventRules())
    await fair.booked(HALF)
    requests = [
        Request("POST", f"{DESK}/bookings/{one.booking_id}/{'approve' if number % 4 < 2 else 'decline'}", staff=True)
        for number, one in enumerate(asked)
    ]
    answers = Counter({(200, "confirmed"): HALF, (200, "cancelled"): HALF})
    return Course(fair, requests, answers, Counter(confirmed=CLIENTS, cancelled=HALF), [CLIENTS])


async def make_room(world: World) -> Course:
    """There are more places while visitors ask: whoever waits moves up."""
    fair = await Fair.opened(world, "make-room", PLACES)
    more = Request("PUT", f"{DESK}/places/{await _pool(fair)}", {"capacity": VISITORS}, staff=True)
    requests = among((booking(fair, wait=True) for _ in range(VISITORS)), more)
    answers = Counter({(202, ""): VISITORS, (200, ""): STAFF})
    return Course(fair, requests, answers, Counter(confirmed=VISITORS), [VISITORS])


async def make_way(world: World) -> Course:
    """There shall be fewer, while as many cancel: nothing of that is given out again."""
    fair = await Fair.opened(world, "make-way", CLIENTS)
    has = await fair.booked()
    await fair.booked(HALF)
    await fair.fall_to(STAFF)
    fewer = Request("PUT", f"{DESK}/places/{await _pool(fair)}", {"capacity": STAFF, "ask": True}, staff=True)
    requests = among((Request("POST", f"{fair.mine(one.booking_id)}/cancel") for one in has), fewer)
    answers = Counter({(200, "cancelled"): VISITORS, (200, ""): STAFF})
    return Course(fair, requests, answers, Counter(confirmed=STAFF, waiting=HALF, cancelled=VISITORS), [STAFF])


async def count_across(world: World) -> Course:
    """What is booked is counted over the whole event too: whoever books just then draws on both."""
    fair = await Fair.opened(world, "count-across", CLIENTS)
    across = Request(
        "POST", f"{DESK}/attendees/count-across/places", {"unit": "persons", "capacity": VISITORS}, staff=True
    )
    requests = among((booking(fair, wait=False) for _ in range(VISITORS)), across)
    answers = Counter({(202, ""): VISITORS, (201, ""): 1, (409, "counted-already"): STAFF - 1})
    return Course(fair, requests, answers, Counter(confirmed=VISITORS), [VISITORS, VISITORS])


async def _pool(fair: Fair) -> UUID:
    (row,) = await fair.world.rows("SELECT id FROM pools WHERE slot_id = $1", fair.slots[0].slot_id)
    found: UUID = row["id"]
    return found


STAFF_PATHS: list[Way] = [approve, make_room, make_way, count_across]
