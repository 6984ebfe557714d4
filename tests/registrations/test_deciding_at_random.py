"""The same as `test_ledger_rules.py` on PostgreSQL: two processes, transactions that break off, items that come twice.

Chance comes from a seed, so that what was found can be found again. After every round the rows are read as a stranger
would and held against `fairs.py`, the live invariants are counted, and every version of every booking must have exactly
one fact in the outbox.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from events.facts import SlotClosed, SlotOpened, SlotStatus, Unit
from registrations.commands import ledgers, opening, people
from registrations.commands.deciding import decide_together
from registrations.commands.hand_overs import offer
from registrations.commands.rules import set_rules
from registrations.commands.together import anew
from registrations.domain.applications import Application, Item, NewHousehold, Person, Takeover
from registrations.domain.asking import Accept, Approve, Cancel, Choose, Confirm, LetGo, Move, OfferByHand
from registrations.domain.household import Household
from registrations.domain.records import EventRules, LinePolicy, Pool
from registrations.domain.refusals import Refused
from registrations.facts import Cause, Scope
from registrations.statements import queries
from registrations.upkeep import CHECKS
from services.clock import MovedClock
from services.context import Context
from services.database import Database, Transaction
from services.keys import Keys
from tests.registrations import fairs
from tests.registrations.conftest import PROGRAMME
from tests.registrations.worlds import World

ADDRESSES = [f"family{number}@example.org" for number in range(14)]


class Broken(Exception):
    """The process dies before it commits."""


class Fair:
    """A fair with four slots, two of them at one stand and time, a homecoming day, and two processes that decide."""

    def __init__(self, world: World, other: Database, seed: int) -> None:
        self.world, self.chance = world, Random(seed)
        self.contexts = [world.context(), replace_database(world.context(), other)]
        self.places: list[tuple[UUID, UUID | None]] = []
        self.slots: list[SlotOpened] = []
        self.forms = [self._id() for _ in range(4)]
        self.sent: list[Item] = []

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    async def open(self) -> None:
        world, chance = self.world, self.chance
        event, home = world.event("fair", days=10), world.event("home", days=20, households=chance.randint(1, 5))
        one, two = world.stand(event), world.stand(event)
        self.slots = [
            world.slot(stand, chance.randint(1, 6), unit=chance.choice([Unit.HOUSEHOLDS, Unit.PERSONS]), days=days)
            for stand, days in ((one, 10), (two, 10), (one, 11), (one, 10))
        ]
        await world.hear(event, home, one, two, *self.slots)
        self.places = [(slot.event_id, slot.slot_id) for slot in self.slots] + [(home.event_id, None)]
        for event_id in (event.event_id, home.event_id):
            await self._alone(lambda tx, event_id=event_id: set_rules(tx, event_id, self._rules()))
        laid = [(one.stand_id, Unit.HOUSEHOLDS), (None, Unit.PERSONS), (None, Unit.CHILDREN)]
        for stand_id, unit in chance.sample(laid, chance.randint(0, 3)):
            most = chance.randint(2, 9)
            await self._alone(lambda tx, s=stand_id, u=unit, m=most: opening.lay_across(tx, event.event_id, s, u, m))

    def _rules(self) -> EventRules:
        draw_at = self.world.moment(1) if self.chance.random() < 0.2 else None
        line, chance = self.chance.choice(list(LinePolicy)), self.chance.random
        return EventRules(line, confirm_address=chance() < 0.3, approval=chance() < 0.3, draw_at=draw_at)

    async def _alone(self, decide: Any) -> None:
        """One step by the organiser or the clock, in either process; what it may not do changes nothing."""
        with contextlib.suppress(Refused):
            await anew(self.chance.choice(self.contexts), PROGRAMME, decide)

    # What is asked -------------------------------------------------------------------------------------------------

    def application(self) -> Application:
        (event_id, slot_id), chance = self.chance.choice(self.places), self.chance
        return Application(
            Person("Sanne de Vries", chance.choice(ADDRESSES), "nl"),
            Household(chance.randint(1, 3), children_3_5=chance.choice([0, 0, 1])),
            booking_id=self._id(),
            event_id=event_id,
            slot_id=slot_id,
            wait=chance.random() < 0.8,
            attempt=chance.choice(self.forms) if chance.random() < 0.3 else self._id(),
            by_staff=chance.random() < 0.2,
        )

    async def item(self, bookings: list[dict[str, Any]]) -> Item:
        """Anything that may be asked; now and then what was asked before, come late or twice."""
        chance, kind = self.chance, self.chance.randint(0, 13)
        if self.sent and chance.random() < 0.15:
            return chance.choice(self.sent)
        if kind < 4 or not bookings:
            return self.application()
        if kind == 4:
            event_id, slot_id = chance.choice(self.places)
            return Choose(chance.choice(self.forms), event_id, slot_id, chance.randint(1, 3), chance.randint(0, 1))
        if kind == 5:
            return LetGo(chance.choice(self.forms))
        row = chance.choice(bookings)
        event_id, slot_id = chance.choice(self.places)
        cause = chance.choice([Cause.VISITOR, Cause.STAFF])
        size = Household(chance.randint(1, 4), children_0_2=chance.randint(0, 1))
        simple: list[Item] = [
            Cancel(row["id"], cause),
            Cancel(row["id"], Cause.VISITOR),
            Move(row["id"], slot_id, cause, event_id),
            Move(row["id"], slot_id, Cause.VISITOR, event_id),
            NewHousehold(row["id"], size, cause),
            chance.choice([Accept, Confirm, Approve])(row["id"]),
            OfferByHand(row["id"], "They drive far", None),
        ]
        return simple[kind - 6] if kind - 6 < len(simple) else await self._hand_over(row)

    async def _hand_over(self, row: dict[str, Any]) -> Item:
        to = Person("Kari Nordmann", self.chance.choice(ADDRESSES), "nb")
        async with self.world.database.transaction(PROGRAMME) as tx:
            try:
                asked = await offer(tx, self.world.keys, row["id"], to)
            except Refused:
                return Cancel(row["id"], Cause.VISITOR)
            visitor = await tx.connection.fetchval("SELECT to_visitor_id FROM hand_overs WHERE id = $1", asked)
        return Takeover(asked, row["id"], visitor, to.name, to.language)

    async def round(self) -> None:
        """Both processes decide a batch at once; one in six breaks off before its commit, and is not asked again."""
        bookings = await self.world.rows("SELECT id FROM bookings ORDER BY id")
        batches = [[await self.item(bookings) for _ in range(self.chance.randint(1, 5))] for _ in self.contexts]
        breaks = [self.chance.random() < 0.17 for _ in self.contexts]
        self.sent = [*self.sent, *(one for batch in batches for one in batch)][-30:]
        await asyncio.gather(*map(self._decide, self.contexts, batches, breaks))
        await self._between()

    async def _decide(self, context: Context, batch: list[Item], breaks: bool) -> None:
        async def decide(tx: Transaction) -> None:
            await decide_together(tx, context.keys, batch)
            if breaks:
                raise Broken

        with contextlib.suppress(Broken):
            await anew(context, PROGRAMME, decide)

    async def _between(self) -> None:
        """What the organiser and the clock do now and then."""
        chance, kind = self.chance, self.chance.randint(0, 15)
        if kind == 0:
            self.world.clock.move(chance.choice([timedelta(minutes=4), timedelta(hours=6), timedelta(days=2)]))
        elif kind == 1:
            (pool, *_) = chance.sample(await self.world.rows("SELECT id FROM pools ORDER BY id"), 1)
            most, asking = chance.randint(0, 8), chance.random() < 0.5
            await self._alone(lambda tx: opening.set_capacity(tx, pool["id"], most, asking=asking))
        elif kind == 2 and (visitors := await self.world.rows("SELECT id FROM people.visitors ORDER BY id")):
            visitor_id = chance.choice(visitors)["id"]
            await self._alone(lambda tx: people.erase(tx, visitor_id))
        elif kind == 3 and chance.random() < 0.3:
            slot = chance.choice(self.slots)
            await self.world.hear(SlotClosed(**{**slot.model_dump(), "version": 2, "status": SlotStatus.CLOSED}))
        for name in ("draw-lots", "move-lines"):
            await self.world.run(name)

    # What must hold ------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        async with self.world.database.transaction(PROGRAMME) as tx:
            fairs.check(await rows_of(tx))
            told = await tx.connection.fetch(
                "SELECT aggregate, version FROM outbox WHERE aggregate LIKE 'booking:%' ORDER BY id"
            )
            versions = {
                f"booking:{row['id']}": row["version"]
                for row in await tx.connection.fetch("SELECT id, version FROM bookings")
            }
        said: dict[str, int] = Counter()
        for row in told:
            said[row["aggregate"]] += 1
            assert row["version"] == said[row["aggregate"]], "each version is told once, in order"
        assert said == versions, "a step was not told, or told of nothing"
        self.world.clock.move(timedelta(seconds=6))
        async with self.world.database.system() as tx:
            assert {check.name: found for check in CHECKS if (found := await check.count(tx))} == {}


def replace_database(context: Context, database: Database) -> Context:
    return Context(context.service, context.settings, context.keys, context.clock, database, context.bus)


async def rows_of(tx: Transaction) -> fairs.Rows:
    """Every row, read without the queries that decide."""
    places = await tx.connection.fetch("SELECT booking_id, pool_id, wanted FROM places")
    wanted: dict[UUID, dict[UUID, int]] = {}
    for row in places:
        wanted.setdefault(row["booking_id"], {})[row["pool_id"]] = row["wanted"]
    pools = [
        Pool(**{**_without(row, "programme_id"), "unit": Unit(row["unit"]), "scope": Scope(row["scope"])})
        for row in await tx.connection.fetch("SELECT * FROM pools")
    ]
    bookings = [
        ledgers._booking({**row, "places": None}) for row in await tx.connection.fetch("SELECT * FROM bookings")
    ]
    for one in bookings:
        one.places = wanted.get(one.id, {})
    kept = await tx.connection.fetch(
        "SELECT h.*, (SELECT jsonb_object_agg(pool_id, taken) FROM hold_places p WHERE p.attempt = h.attempt) AS places"
        " FROM holds h"
    )
    events = [row["id"] for row in await tx.connection.fetch("SELECT id FROM events")]
    rules = {row["id"]: ledgers.rules_of(row) for row in await queries.windows(tx.connection, events=events)}
    return fairs.Rows(tx.moment, pools, bookings, [ledgers._hold(row) for row in kept], rules)


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


@pytest.fixture
async def other(database: str, keys: Keys, clock: MovedClock) -> AsyncIterator[Database]:
    """A second process's connections to the same database."""
    opened = Database("registrations", database, keys, clock)
    await opened.open()
    yield opened
    await opened.close()


async def _play(world: World, other: Database, seed: int, rounds: int) -> None:
    fair = Fair(world, other, seed)
    await fair.open()
    for number in range(rounds):
        try:
            await fair.round()
            await fair.check()
        except Exception as error:
            error.add_note(f"seed {seed}, round {number}")
            raise


async def test_whatever_is_asked_of_two_processes_the_rows_are_right(world: World, other: Database) -> None:
    await _play(world, other, 1, 30)


@pytest.mark.all
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(100, 130))
async def test_whatever_is_asked_for_long_the_rows_are_right(world: World, other: Database, seed: int) -> None:
    await _play(world, other, seed, 150)
