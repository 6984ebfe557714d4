"""Events by itself: two programmes that it has heard of, and people of theirs who call it over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from events.reactions import take_in_places, take_in_programme
from programmes.facts import Municipality, Organisation, ProgrammeChanged, ProgrammeStatus, Term
from registrations.facts import PlacesChanged, Scope, Unit
from services.clock import MovedClock
from services.context import Context
from services.database import Transaction
from services.facts import Envelope
from services.identity import commands as identity
from services.identity import passwords, sessions
from services.ids import new_id
from services.process import Running
from services.routes import Role

PASSWORD = "vind over blanke skjær"
YTTERHAV, STORSKJAER, FAMILIES, RETURNERS, FAIR, NATURE = (UUID(int=number) for number in range(1, 7))


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that argon2 takes: hashes are tested elsewhere."""
    quick = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "BLANK", passwords._blank())


@pytest.fixture
async def house(open_house: Callable[..., Any]) -> AsyncIterator[Running]:
    async with open_house("events") as running:
        yield running


@pytest.fixture
def context(house: Running) -> Context:
    return house.contexts["events"]


@pytest.fixture
async def client(house: Running) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(house.app)) as client:
        yield client


@dataclass
class Person:
    """Someone at a browser, or nobody known."""

    client: TestClient[Any, Any]
    programme: str
    headers: Mapping[str, str]
    csrf: str = ""
    account_id: UUID | None = None

    async def get(self, path: str, **query: str) -> ClientResponse:
        return await self.client.get(path, params=query, headers=self.headers, allow_redirects=False)

    async def page(self, path: str, **query: str) -> str:
        answer = await self.get(path, **query)
        assert answer.status == 200, (answer.status, path, await answer.text())
        return await answer.text()

    async def send(self, path: str, fields: Mapping[str, Any] | None = None) -> ClientResponse:
        """A form of ours, from our page."""
        data = [("csrf", self.csrf)]
        for name, value in (fields or {}).items():
            data += [(name, str(one)) for one in (value if isinstance(value, (list, tuple)) else [value])]
        headers = {**self.headers, "Sec-Fetch-Site": "same-origin"}
        return await self.client.post(path, data=data, headers=headers, allow_redirects=False)

    async def api(self, method: str, path: str, body: Any = None, **query: str) -> ClientResponse:
        """A call below the programme's part of the API, or of the whole API where the path begins with /."""
        address = path if path.startswith("/") else f"/api/v1/programmes/{self.programme}/{path}"
        headers = {**self.headers, "X-CSRF-Token": self.csrf, "Sec-Fetch-Site": "same-origin"}
        return await self.client.request(method, address, json=body, params=query, headers=headers)

    async def asked(self, method: str, path: str, body: Any = None, status: int = 200, **query: str) -> Any:
        answer = await self.api(method, path, body, **query)
        assert answer.status == status, (answer.status, await answer.text())
        return await answer.json() if status != 204 else None


def programme_fact(programme_id: UUID, slug: str, moment: datetime, **given: Any) -> ProgrammeChanged:
    """What programmes says of a programme like ours."""
    values: dict[str, Any] = {
        "version": 1,
        "names": {"nb": "Blest i Havlandet", "en": "Blest i Havlandet"},
        "aims": {"nb": "Flere innbyggere"},
        "status": ProgrammeStatus.PUBLISHED,
        "language": "nb",
        "languages": ("nb", "en", "nl"),
        "required_languages": ("nb", "en"),
        "time_zone": "Europe/Oslo",
        "municipalities": (
            Municipality(id=YTTERHAV, slug="ytterhav", name="Ytterhav"),
            Municipality(id=STORSKJAER, slug="storskjaer", name="Storskjær"),
        ),
        "partners": (Organisation(id=uuid4(), name="Næringslivet"),),
        "target_groups": (
            Term(id=FAMILIES, names={"nb": "Barnefamilier", "en": "Families"}, code="families"),
            Term(id=RETURNERS, names={"nb": "Tilbakeflyttere", "en": "Returners"}),
        ),
        "selling_points": (Term(id=NATURE, names={"nb": "Livskvalitet", "en": "Quality of life"}),),
        "activity_types": (Term(id=FAIR, names={"nb": "Messe", "en": "Fair"}, code="fair"),),
    }
    return ProgrammeChanged(programme_id=programme_id, slug=slug, at=moment, **{**values, **given})


def envelope(fact: Any) -> Envelope:
    return Envelope(
        message_id=uuid4(),
        programme_id=fact.programme_id,
        aggregate=fact.aggregate,
        version=fact.version,
        occurred_at=fact.at,
    )


@dataclass
class Village:
    """The house of events with its programmes and people."""

    running: Running
    client: TestClient[Any, Any]
    clock: MovedClock
    programmes: dict[str, UUID]

    @property
    def context(self) -> Context:
        return self.running.contexts["events"]

    def transaction(self, programme: str = "blest") -> Any:
        return self.context.database.transaction(self.programmes[programme])

    async def found(self, slug: str, **given: Any) -> UUID:
        """Register a programme and let events hear of it."""
        chassis = self.running.contexts["identity"]
        programme_id = new_id(self.clock.now())
        async with chassis.database.transaction(None) as tx:
            await identity.register_programme(
                tx, programme_id, slug=slug, name="Blest i Havlandet", language="nb", status="open"
            )
        self.programmes[slug] = programme_id
        await self.hear(programme_fact(programme_id, slug, self.clock.now(), **given))
        return programme_id

    async def hear(self, fact: Any) -> None:
        take: Callable[[Transaction, Any, Envelope], Awaitable[None]] = (
            take_in_programme if isinstance(fact, ProgrammeChanged) else take_in_places
        )
        async with self.context.database.transaction(fact.programme_id) as tx:
            await take(tx, fact, envelope(fact))

    async def person(self, programme: str, *roles: Role, name: str = "Kari") -> Person:
        """Somebody logged in, with these roles in a programme."""
        chassis = self.running.contexts["identity"]
        async with chassis.database.transaction(None) as tx:
            account = await identity.create_account(
                tx, email=f"{uuid4()}@havlandet.example", name=name, language="nb", password=PASSWORD, operator=False
            )
            if roles:
                await identity.grant(tx, None, self.programmes[programme], account, *roles)
        async with chassis.database.transaction(None) as tx:
            token = await sessions.begin(tx, account, "tests")
        cookie = f"{sessions.cookie_name(False)}={token}"
        from services.identity.access import session

        principal = await session(chassis, token)
        return Person(self.client, programme, {"Cookie": cookie}, principal.csrf, account)

    def guest(self) -> Person:
        return Person(self.client, "", {})

    async def outbox(self, programme: str = "blest") -> list[tuple[str, int, Any]]:
        """Everything said so far: subject without its id, version, payload."""
        async with self.transaction(programme) as tx:
            rows = await tx.connection.fetch("SELECT subject, version, payload FROM outbox ORDER BY id")
        return [(row["subject"].rpartition(".")[0], row["version"], row["payload"]) for row in rows]

    async def fill(
        self,
        event_id: str,
        slot_id: str | None,
        capacity: int,
        used: int,
        waiting: int = 0,
        *,
        unit: Unit = Unit.HOUSEHOLDS,
        scope: Scope = Scope.PLACE,
    ) -> None:
        """Let registrations tell how full a place is; what is counted across an event has no place of its own."""
        pool = UUID(slot_id or event_id) if scope is Scope.PLACE else new_id(self.clock.now())
        self._version = getattr(self, "_version", 0) + 1
        await self.hear(
            PlacesChanged(
                programme_id=self.programmes["blest"],
                version=self._version,
                at=self.clock.now(),
                pool_id=pool,
                event_id=UUID(event_id),
                slot_id=UUID(slot_id) if slot_id else None,
                scope=scope,
                unit=unit,
                capacity=capacity,
                used=used,
                waiting=waiting,
            )
        )


@pytest.fixture
async def village(house: Running, client: TestClient[Any, Any], clock: MovedClock) -> Village:
    """Two programmes: blest, and fjord next door."""
    made = Village(house, client, clock, {})
    await made.found("blest")
    await made.found("fjord", names={"nb": "Heim til Fjordbygda"})
    return made


@pytest.fixture
async def organiser(village: Village) -> Person:
    return await village.person("blest", Role.ORGANISER)


def described(**given: Any) -> dict[str, Any]:
    """An event that the publish gate lets through once it has something to book; a Saturday in June."""
    values = {
        "titles": {"nb": "Åpen bygdehelg", "en": "Open village weekend"},
        "summaries": {"nb": "Kom og se hvordan vi bor.", "en": "Come and see how we live."},
        "time_zone": "Europe/Oslo",
        "starts_at": "2026-06-06T10:00",
        "ends_at": "2026-06-07T16:00",
        "venue_name": "Samfunnshuset",
        "venue_address": "Storskjær",
    }
    return {**values, **given}


STAND = {"names": {"nb": "Møt oss", "en": "Meet us"}, "exhibitor": "Storskjær kommune", "number": "A12"}
RULE = {"first_day": "2026-06-06", "last_day": "2026-06-07", "opens": "10:00", "closes": "12:00", "length": 30}


async def published(organiser: Person, **given: Any) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """A published event with a stand and its eight slots: (event, stand, slots)."""
    event = await organiser.asked("POST", "events", described(**given), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    made = await organiser.asked("POST", f"stands/{stand['stand_id']}/slots", RULE, 201)
    event = await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    return event, stand, made["slots"]
