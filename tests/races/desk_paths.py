"""What staff do to many at once, or at the stand: a list brought in, a selection moved, walk-ins. Each is sent to both
processes at the same moment, as by an impatient hand, and done once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID, uuid4

from registrations.domain.seen import packed
from registrations.statements import queries
from services.ids import new_id
from tests.races.clients import CLIENTS, Request
from tests.races.fair import Fair
from tests.races.paths import HALF, PLACES, REST, Course, Way
from tests.races.staff import DESK, PROGRAMME
from tests.registrations.worlds import World

T = TypeVar("T")
GROUP = 4
CONSOLE = f"/en/console/{PROGRAMME}"


async def bring_in(world: World) -> Course:
    """Lists of two people each, and far fewer places."""
    fair = await Fair.opened(world, "bring-in", PLACES)
    lists = [await _list(fair) for _ in range(HALF)]
    requests = [Request("POST", f"{DESK}/attendees/bring-in/imports/{one}", {}, staff=True) for one in _twice(lists)]
    return Course(fair, requests, Counter({(200, ""): CLIENTS}), Counter(confirmed=PLACES), [PLACES])


async def move_chosen(world: World) -> Course:
    """Everyone shall come another day, two by two, and few can."""
    await world.programme(PROGRAMME)
    fair = await Fair.opened(world, "move-chosen", CLIENTS, PLACES)
    booked = [one.booking_id for one in await fair.booked()]
    chosen = [await _selection(fair, booked[start : start + 2]) for start in range(0, CLIENTS, 2)]
    requests = [_moved(fair, one, 1, 2) for one in _twice(chosen)]
    return Course(fair, requests, Counter({(303, ""): CLIENTS}), Counter(confirmed=CLIENTS), [REST, PLACES])


async def move_apart(world: World) -> tuple[Fair, list[Request]]:
    """Four by four, everyone is moved to the second day by one member of staff and to the third by another: of half of
    them each has a selection, the others are one selection. All looked before anybody pressed."""
    await world.programme(PROGRAMME)
    fair = await Fair.opened(world, "move-apart", CLIENTS, CLIENTS, CLIENTS)
    booked = [one.booking_id for one in await fair.booked()]
    requests = []
    for start in range(0, CLIENTS, GROUP):
        mine = await _selection(fair, booked[start : start + GROUP])
        theirs = mine if start % (2 * GROUP) else await _selection(fair, booked[start : start + GROUP])
        # Neighbours go to different processes.
        requests += [_moved(fair, mine, 1, GROUP), _moved(fair, theirs, 2, GROUP)]
        requests += [_moved(fair, theirs, 2, GROUP), _moved(fair, mine, 1, GROUP)]
    return fair, requests


async def walk_in(world: World) -> Course:
    """They take no time's place, but nobody comes in twice. Half of them leave no address, so that nothing tells them
    from others but the form."""
    await world.programme(PROGRAMME)
    fair = await Fair.opened(world, "walk-in", PLACES)
    page = f"{CONSOLE}/stands/{fair.slots[0].stand_id}/walk-in"
    forms = [
        {
            "name": "Sanne de Vries",
            "email": f"{uuid4().hex}@example.org" if number >= HALF // 2 else "",
            "language": "nl",
            "adults": "1",
            "attempt": str(uuid4()),
        }
        for number in range(HALF)
    ]
    requests = [Request("POST", page, staff=True, form=one) for one in _twice(forms)]
    return Course(fair, requests, Counter({(303, ""): CLIENTS}), Counter(attended=HALF), [0])


DESK_PATHS: list[Way] = [bring_in, move_chosen, walk_in]


def _moved(fair: Fair, selection: UUID, day: int, many: int) -> Request:
    """So many that were seen on the first day are moved to this one."""
    form = {
        "choice": f"{fair.event.event_id}/{fair.slots[day].slot_id}",
        "seen": packed([(fair.event.event_id, fair.slots[0].slot_id)] * many),
    }
    path = f"{CONSOLE}/attendees/{fair.event.slug}/selection/{selection}/move"
    return Request("POST", path, staff=True, form=form)


def _twice(those: Sequence[T]) -> list[T]:
    """One after the other: so each goes to either process."""
    return [one for one in those for _ in range(2)]


async def _list(fair: Fair) -> UUID:
    """A list of two that was read and looked at."""
    list_id = new_id(fair.world.clock.now())
    async with fair.world.database.transaction(fair.world.programme_id) as tx:
        await queries.keep_import_draft(
            tx.connection,
            id=list_id,
            programme_id=tx.programme,
            event_id=fair.event.event_id,
            account_id=None,
            digest=list_id.hex,
            header=["Name", "E-mail"],
            rows=[[number, ["Sanne de Vries", f"{uuid4().hex}@example.org"]] for number in (2, 3)],
            moment=tx.moment,
        )
    return list_id


async def _selection(fair: Fair, bookings: Sequence[UUID]) -> UUID:
    """These bookings, ticked in the list."""
    selection_id = new_id(fair.world.clock.now())
    async with fair.world.database.transaction(fair.world.programme_id) as tx:
        await queries.keep_selection(
            tx.connection,
            id=selection_id,
            programme_id=tx.programme,
            event_id=fair.event.event_id,
            account_id=None,
            bookings=list(bookings),
            moment=tx.moment,
        )
    return selection_id
