"""Two hundred clients at once over HTTP, at two processes of the service, on every path that takes or frees a place.

Each path is run twice. First without its guards, and the rows must come out wrong: or the second run would prove
nothing. Then as it is: nobody is refused for another reason than the place, nothing goes wrong on our side, and rows
and facts say the same.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.clock import MovedClock
from services.database import Database
from services.ids import new_id
from services.keys import Keys
from tests.races.books import books_of, wrong
from tests.races.clients import all_at_once
from tests.races.desk_paths import DESK_PATHS, move_apart
from tests.races.guards import strip_database, strip_process
from tests.races.other_paths import OTHER_PATHS, ask_and_answer
from tests.races.paths import PATHS, Way
from tests.races.processes import two_processes
from tests.races.staff import organiser
from tests.races.staff_paths import STAFF_PATHS
from tests.registrations.worlds import World
from tests.servers import Where, in_memory

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory, where there is room: NATS writes each fact through to the disk."""
    made = Path(tempfile.mkdtemp(prefix="blest-races-", dir=in_memory()))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def world(database: str, keys: Keys) -> AsyncIterator[World]:
    clock = MovedClock(datetime.now(UTC))
    opened = Database("registrations", database, keys, clock)
    await opened.open()
    yield World(opened, keys, clock, new_id(clock.now()))
    await opened.close()


PROVED = {"oversold", "miscounted", "told twice", "here twice", "made twice"}
"""Any of these shows that two processes decided what one should have."""
EVERY_PATH = pytest.mark.parametrize(
    "paths",
    [
        pytest.param(PATHS, id="visitors"),
        pytest.param([*STAFF_PATHS, *OTHER_PATHS], id="staff-and-pages", marks=pytest.mark.all),
        pytest.param(DESK_PATHS, id="lists-and-stands", marks=pytest.mark.all),
    ],
)


@EVERY_PATH
async def test_without_the_guards_two_processes_give_one_place_twice(
    paths: Sequence[Way],
    world: World,
    where: Where,
    database: str,
    folder: Path,
    admin: asyncpg.Connection[Any],
    subtests: pytest.Subtests,
) -> None:
    await strip_database(admin)
    staff = await organiser(world, database)
    async with two_processes(where, database, folder, partial(strip_process, folder)) as addresses:
        for path in paths:
            with subtests.test(path.__name__):
                course = await path(world)
                before = await wrong(world)
                await all_at_once(addresses, course.requests, staff)
                provoked = await wrong(world) - before
                assert provoked.keys() & PROVED, "nothing is proved"


@EVERY_PATH
async def test_two_hundred_at_once_at_two_processes(
    paths: Sequence[Way], world: World, where: Where, database: str, folder: Path, subtests: pytest.Subtests
) -> None:
    staff = await organiser(world, database)
    async with two_processes(where, database, folder) as addresses:
        for path in paths:
            with subtests.test(path.__name__):
                course = await path(world)
                assert await all_at_once(addresses, course.requests, staff) == course.answers
                assert not await wrong(world)
                books = await books_of(world, course.fair.event.event_id)
                assert books.rows == course.books
                assert [pool.used for pool in books.pools] == course.used
                assert books.told == Counter({state: many for state, many in books.rows.items() if state != "kept"})
                for pool in books.pools:
                    assert pool.taken == pool.told == pool.used
                    assert pool.told_over <= 0


@pytest.mark.all
async def test_nobody_is_turned_away_because_two_calls_crossed(
    world: World, where: Where, database: str, folder: Path
) -> None:
    requests = await ask_and_answer(world)
    async with two_processes(where, database, folder) as addresses:
        answers = await all_at_once(addresses, requests)
    assert not [(status, code) for status, code in answers if status >= 500]
    assert answers[200, ""] <= 1, "who says yes to all of them comes once"
    assert not await wrong(world)


SELECTIONS = """
-- Of each selection, which of its bookings it is told to have moved, and which of them stand where it was moved to.
SELECT ARRAY(
    SELECT (f ->> 'booking_id')::uuid FROM jsonb_array_elements(s.fates) f WHERE f ->> 'fate' = 'moved'
) AS moved, ARRAY(
    SELECT b.id FROM bookings b WHERE b.id = ANY (s.bookings) AND s.moved_to = b.event_id || '/' || b.slot_id
) AS there
FROM selections s WHERE s.event_id = $1
"""
TOLD_OF_MOVES = "SELECT aggregate FROM outbox WHERE subject LIKE 'registrations.booking.moved.%'"


@pytest.mark.all
async def test_who_is_moved_to_two_places_at_once_goes_to_one_and_is_told_once(
    world: World, where: Where, database: str, folder: Path
) -> None:
    staff = await organiser(world, database)
    fair, requests = await move_apart(world)
    async with two_processes(where, database, folder) as addresses:
        answers = await all_at_once(addresses, requests, staff)
    assert answers == Counter({(303, ""): len(requests)})
    assert not await wrong(world)
    told = Counter(row["aggregate"] for row in await world.rows(TOLD_OF_MOVES))
    bookings = {row["id"] for row in await world.rows("SELECT id FROM bookings")}
    assert told == Counter(f"booking:{one}" for one in bookings)
    moved: Counter[UUID] = Counter()
    for row in await world.rows(SELECTIONS, fair.event.event_id):
        assert set(row["moved"]) == set(row["there"]), "everybody is told what came of it"
        moved.update(row["moved"])
    assert moved == Counter(bookings)
    first, *others = (await books_of(world, fair.event.event_id)).pools
    assert first.used == 0 and sum(pool.used for pool in others) == len(bookings)
    assert all(pool.taken == pool.told == pool.used for pool in others)
