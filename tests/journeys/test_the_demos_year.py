"""The demo's year, played whole: what somebody who has just started the house finds to look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from campaigns.ledger import BROUGHT, STEPS, Ledger, ledger
from services import sql
from services.chassis import CHASSIS
from services.clock import MovedClock
from services.process import Running
from services.registry import installed
from services.routes import Role
from tests.browser.test_every_page import PROGRAMME, clock, lived_in
from tests.house.others_things import Reach
from tests.house.people import sign_in

__all__ = ["clock", "lived_in"]

pytestmark = [pytest.mark.all, pytest.mark.timeout(1200)]

NOT_IN_THE_YEAR = {
    ("identity", "account"),
    ("identity", "invitation"),
    ("identity", "token"),
    ("notifications", "message"),
    ("registrations", "export_id"),
    ("registrations", "import_id"),
    ("registrations", "question_id"),
    ("registrations", "selection_id"),
}
"""(service, part of a path) of which the year leaves nothing that is one programme's alone."""
OUTCOMES = ("visit_trip", "job", "house", "moved", "still_here_12", "still_here_24")


async def books(house: Running, programme_id: UUID) -> tuple[list[Ledger], dict[str, int]]:
    """The ledger of each campaign of the programme, and what came without a link."""
    queries = sql.load("campaigns")
    async with house.contexts["campaigns"].database.transaction(programme_id) as tx:
        found = [
            ledger(await queries.figures_of_campaign(tx.connection, campaign_id=row["id"]))
            for row in await queries.list_campaigns(tx.connection)
        ]
        return found, dict(await queries.unattributed(tx.connection))


async def asked(house: Running, service: str, programme_id: UUID, question: str, *given: Any) -> Any:
    async with house.contexts[service].database.transaction(programme_id) as tx:
        return await tx.connection.fetchval(question, *given)


async def _out_of_reach(
    house: Running, admin: asyncpg.Connection, programme_id: UUID, slug: str, neighbour: UUID
) -> None:
    person = await sign_in(house, "a-stranger", neighbour, Role.OWNER)
    reach = await Reach.of(admin, [CHASSIS, *installed()], programme_id)
    before = await reach.state()
    async with TestClient(TestServer(house.app)) as client:
        assert await reach.walk(client, person, slug) == []
    await house.drain()
    after = await reach.state()
    assert [table for table in before if before[table] != after[table]] == []
    assert len(reach.tried) > 20
    assert sorted(reach.untried - NOT_IN_THE_YEAR) == []


async def test_the_year_leaves_something_to_look_at_everywhere(
    lived_in: Running, clock: MovedClock, admin: asyncpg.Connection, subtests: pytest.Subtests
) -> None:
    programmes = sql.load("campaigns")
    async with lived_in.contexts["campaigns"].database.system() as tx:
        rows = await programmes.programmes_known(tx.connection)
    [programme_id] = [row["programme_id"] for row in rows if row["slug"] == PROGRAMME]

    with subtests.test("nothing of it is in reach of another programme's owner"):
        slug, neighbour = next((row["slug"], row["programme_id"]) for row in rows if row["slug"] != PROGRAMME)
        await _out_of_reach(lived_in, admin, programme_id, slug, neighbour)

    # Two events were held, a third lies ahead, and several hundred families booked.
    held = "SELECT count(*) FROM events WHERE status = 'published' AND ends_at < $1"
    ahead = "SELECT count(*) FROM events WHERE status = 'published' AND starts_at > $1"
    assert await asked(lived_in, "events", programme_id, held, clock.now()) >= 2
    assert await asked(lived_in, "events", programme_id, ahead, clock.now()) >= 1
    assert await asked(lived_in, "registrations", programme_id, "SELECT count(*) FROM bookings") >= 300
    for status in ("confirmed", "waiting", "attended", "no_show", "cancelled"):
        some = "SELECT count(*) FROM bookings WHERE status = $1"
        assert await asked(lived_in, "registrations", programme_id, some, status) > 0, status

    # At the event ahead somebody waits for a full time, and whoever tries the demo finds a free one, also at a stand.
    for times in ("waiting > 0", "used < capacity AND waiting = 0", "used < capacity AND stand_id IS NOT NULL"):
        some = f"SELECT count(*) FROM pools WHERE open AND scope = 'place' AND starts_at > $1 AND {times}"
        assert await asked(lived_in, "registrations", programme_id, some, clock.now()) > 0, times

    # Each of the two campaigns cost something, was seen, and brought families to every step up to the talk.
    found, rest = await books(lived_in, programme_id)
    assert len(found) == 2
    for book in found:
        assert sum(book.total.costs.values()) > 0
        assert book.total.impressions
        assert [step for step in BROUGHT if not book.total.counts[step]] == []
        assert book.total.suspect and book.total.bot and book.total.scans
    assert [len(book.dead) for book in found] == [1, 0], (
        "one ad of the newer campaign brought nobody, and the page says so"
    )

    # Some of them took every further step that fits into a year; who stayed longer came before there was a campaign.
    together = {step: sum(book.total.counts[step] for book in found) + rest.get(step, 0) for step in STEPS}
    assert [step for step in STEPS if not together[step]] == []
    became = ("visit_trips", "jobs", "houses", "moved")
    assert [step for step in became if not sum(book.total.counts[step] for book in found)] == []

    # The board of outcomes has somebody in each of its columns.
    for kind in OUTCOMES:
        logged = "SELECT count(*) FROM outcomes WHERE kind = $1 AND NOT withdrawn"
        assert await asked(lived_in, "registrations", programme_id, logged, kind) > 0, kind
