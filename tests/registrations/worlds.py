"""What a test needs of the world around a booking: events and slots that were told, households that apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from events.facts import EventPublished, EventStatus, FirstCapacity, SlotOpened, SlotStatus, StandChanged, Unit
from programmes.facts import ProgrammeChanged, ProgrammeStatus
from registrations import reactions
from registrations.commands.deciding import Answer, decide_together
from registrations.domain.applications import Application, Item, Person
from registrations.domain.household import Household
from registrations.service import SERVICE
from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.facts import Envelope, Fact
from services.ids import new_id
from services.keys import Keys
from services.memory_bus import MemoryBus, MemoryServer
from services.settings import Settings


def envelope(fact: Fact) -> Envelope:
    return Envelope(
        message_id=uuid4(),
        programme_id=fact.programme_id,
        aggregate=fact.aggregate,
        version=fact.version,
        occurred_at=fact.at,
    )


@dataclass
class World:
    database: Database
    keys: Keys
    clock: MovedClock
    programme_id: UUID

    def moment(self, days: float = 0) -> datetime:
        return self.clock.now() + timedelta(days=days)

    async def hear(self, *facts: Fact, but: str = "") -> None:
        """Every reaction that listens to a fact is given it, each in a transaction of its own, as the consumers do;
        `but` is one that has not come to it yet."""
        for fact in facts:
            for reaction in reactions.REACTIONS:
                if isinstance(fact, reaction.facts) and reaction.name != but:
                    async with self.database.transaction(fact.programme_id) as tx:
                        await reaction.handle(tx, fact, envelope(fact))

    async def programme(self, slug: str = "havlandet", *, version: int = 1, **more: Any) -> None:
        await self.hear(
            ProgrammeChanged(
                programme_id=self.programme_id,
                version=version,
                at=self.moment(),
                slug=slug,
                names={"nb": "Blest i Havlandet", "en": "Blest in the Sea Land"},
                aims={"nb": "Vekst", "en": "Growth"},
                status=ProgrammeStatus.PUBLISHED,
                language="nb",
                languages=("nb", "en", "nl"),
                required_languages=("nb",),
                time_zone="Europe/Oslo",
                **more,
            )
        )

    def event(
        self, slug: str = "fair", *, households: int | None = None, days: float = 10, **more: Any
    ) -> EventPublished:
        """A published event; with `households` one that is booked itself."""
        given: dict[str, Any] = {
            "programme_id": self.programme_id,
            "version": 1,
            "at": self.moment(),
            "event_id": uuid4(),
            "slug": slug,
            "titles": {"nb": "Messe for utvandrere", "en": "Fair for emigrants"},
            "summaries": {"nb": "Møt oss", "en": "Meet us"},
            "status": EventStatus.PUBLISHED,
            "starts_at": self.moment(days),
            "ends_at": self.moment(days + 0.3),
            "time_zone": "Europe/Amsterdam",
            "first_capacity": None if households is None else FirstCapacity(amount=households, unit=Unit.HOUSEHOLDS),
        }
        return EventPublished(**{**given, **more})

    def stand(self, event: EventPublished, **more: Any) -> StandChanged:
        given: dict[str, Any] = {
            "programme_id": self.programme_id,
            "version": 1,
            "at": self.moment(),
            "stand_id": uuid4(),
            "event_id": event.event_id,
            "names": {"nb": "Havlandet", "en": "The Sea Land"},
            "exhibitor": "Blest i Havlandet",
        }
        return StandChanged(**{**given, **more})

    def slot(
        self, stand: StandChanged, capacity: int = 1, *, unit: Unit = Unit.HOUSEHOLDS, days: float = 10, **more: Any
    ) -> SlotOpened:
        given: dict[str, Any] = {
            "programme_id": self.programme_id,
            "version": 1,
            "at": self.moment(),
            "slot_id": uuid4(),
            "stand_id": stand.stand_id,
            "event_id": stand.event_id,
            "status": SlotStatus.OPEN,
            "starts_at": self.moment(days),
            "ends_at": self.moment(days) + timedelta(minutes=30),
            "time_zone": "Europe/Amsterdam",
            "first_capacity": FirstCapacity(amount=capacity, unit=unit),
        }
        return SlotOpened(**{**given, **more})

    def household(self, place: SlotOpened | EventPublished, email: str | None = None, **more: Any) -> Application:
        """Two adults who want a place, and would rather wait than be refused."""
        given: dict[str, Any] = {
            "person": Person("Sanne de Vries", email or f"{uuid4().hex[:8]}@example.org", "nl"),
            "household": Household(adults=2),
            "booking_id": new_id(self.clock.now()),
            "event_id": place.event_id,
            "slot_id": place.slot_id if isinstance(place, SlotOpened) else None,
            "wait": True,
            "attempt": uuid4(),
        }
        return Application(**{**given, **more})

    async def decide(self, *items: Item) -> list[Answer]:
        async with self.database.transaction(self.programme_id) as tx:
            return await decide_together(tx, self.keys, items)

    async def run(self, name: str) -> None:
        """Run one of the service's tasks, as the schedule would."""
        (task,) = (task for task in SERVICE.tasks if task.name == name)
        await task.run(self.context())

    def context(self) -> Context:
        """The service in a process of its own, on a bus that nobody listens to."""
        bus = MemoryBus(MemoryServer(self.clock))
        return Context(SERVICE, Settings(), self.keys, self.clock, self.database, bus)

    async def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as the service itself sees them, fenced to the programme."""
        async with self.database.transaction(self.programme_id) as tx:
            return [dict(row) for row in await tx.connection.fetch(statement, *values)]

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """(what, payload) of every fact in the outbox, in order."""
        rows = await self.rows("SELECT subject, payload FROM outbox ORDER BY id")
        return [(row["subject"].rsplit(".", 2)[0].removeprefix("registrations."), row["payload"]) for row in rows]
