"""Two services invented for these tests: a village with houses, in the schema of a real service, and its gatekeeper."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, EmailStr, Field

from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.facts import Fact, Slug
from services.http.app import build_app
from services.http.call import Call
from services.http.pagination import Cursor, Page, Paging
from services.http.problems import Gone, NotFound
from services.keys import Keys
from services.memory_bus import MemoryBus
from services.routes import ANY_ROLE, OPERATOR, PUBLIC, SIGNED_IN, Limit, Role, Route, roles
from services.service import Check, Service
from services.settings import Settings
from tests.http.villagers import HAVLANDET, find_programme, identify


class HouseBuilt(Fact):
    subject = "events.house.built"
    key = "house_id"
    house_id: UUID
    name: Slug


class Colour(StrEnum):
    RED = "red"
    WHITE = "white"


class Owner(BaseModel):
    """Who lives there."""

    name: str = Field(min_length=2, max_length=80)
    email: EmailStr


class BuildHouse(BaseModel):
    """A house to be built."""

    name: str = Field(min_length=2, max_length=80, examples=["Fyret"])
    rooms: int = Field(ge=1, le=20)
    colour: Colour = Colour.RED
    owner: Owner | None = None
    tags: list[str] = []


class House(BaseModel):
    """A house that stands."""

    id: UUID
    name: str
    rooms: int


class Filter(Paging):
    colour: list[Colour] = []
    rooms: int | None = Field(default=None, ge=1, description="How many rooms at least")


@dataclass
class Village:
    """What the handlers remember, for tests to look at."""

    built: list[Any] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    fail_with: BaseException | None = None
    moment: Any = None


VILLAGE: dict[str, Village] = {}


def village(call: Call) -> Village:
    return VILLAGE[call.context.settings.url]


async def show_page(call: Call) -> web.StreamResponse:
    return web.Response(text=f"<p>{call.lang} {call.path('slug')}</p>", content_type="text/html")


async def show_new(call: Call) -> web.StreamResponse:
    return web.Response(text=f"<p>new house in {call.lang}</p>", content_type="text/html")


async def show_home(call: Call) -> web.StreamResponse:
    return web.Response(text=f"<h1>home in {call.lang}</h1>", content_type="text/html")


async def show_console(call: Call) -> web.StreamResponse:
    return web.Response(
        text=f"<p>{call.programme.name} {call.console('houses')}</p>" + "x" * 2000, content_type="text/html"
    )


async def send_form(call: Call) -> web.StreamResponse:
    form = await call.form(BuildHouse)
    if form.value is None:
        return web.json_response(form.errors, status=422)
    village(call).built.append(form.value)
    return call.redirect(call.link("houses/new"))


async def build(call: Call) -> web.StreamResponse:
    house: BuildHouse = call.body
    village(call).built.append(house)
    made = House(id=UUID(int=len(village(call).built)), name=house.name, rooms=house.rooms)
    return call.json(made, status=201, headers={"Location": f"/api/v1/houses/{made.id}"})


async def build_slowly(call: Call) -> web.StreamResponse:
    village(call).entered.set()
    await village(call).gate.wait()
    return await build(call)


async def build_with_fact(call: Call) -> web.StreamResponse:
    async with call.transaction() as tx:
        number = len(village(call).built) + 1
        tx.publish(
            HouseBuilt(programme_id=HAVLANDET.id, version=1, at=tx.moment, house_id=UUID(int=number), name="fyret")
        )
    village(call).built.append(call.body)
    failing = village(call).fail_with
    if failing is not None:
        raise failing
    return call.json(House(id=UUID(int=number), name="fyret", rooms=1), status=201)


async def paint(call: Call) -> web.StreamResponse:
    """Writes without a fact, as identity does; looks first in a transaction of its own."""
    async with call.transaction() as tx:
        await tx.connection.fetchval("SELECT count(*) FROM task_runs")
    failing = village(call).fail_with
    if isinstance(failing, ConnectionRefusedError):
        raise failing
    async with call.transaction() as tx:
        await tx.connection.execute("INSERT INTO task_runs (task, started_at) VALUES ('paint', $1)", tx.moment)
        await tx.connection.execute("DELETE FROM task_runs WHERE task = 'paint'")
    village(call).built.append("painted")
    if failing is not None:
        raise failing
    return web.json_response({})


async def list_houses(call: Call) -> web.StreamResponse:
    query: Filter = call.query
    cursor = Cursor.read(query.after, "number")
    first = cursor.value("number") or 0
    rows = [{"number": number} for number in range(first + 1, min(first + query.limit + 1, 25) + 1)]
    page = Page[House].of(
        rows,
        query.limit,
        lambda row: Cursor.at(number=row["number"]),
        lambda row: House(id=UUID(int=row["number"]), name=f"house {row['number']}", rooms=3),
    )
    return call.json(page)


async def show_house(call: Call) -> web.StreamResponse:
    if call.path("id") == "gone":
        raise Gone()
    raise NotFound("house")


async def raise_what_is_asked(call: Call) -> web.StreamResponse:
    error = village(call).fail_with
    assert error is not None
    raise error


async def build_unless_it_fails(call: Call) -> web.StreamResponse:
    if village(call).fail_with is not None:
        raise village(call).fail_with
    return await build(call)


async def wait_for_ever(call: Call) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def stream(call: Call) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/csv"})
    await response.prepare(call.request)
    await response.write(b"a,b\n" * 10)
    if village(call).fail_with:
        raise village(call).fail_with
    return response


async def unsubscribe(call: Call) -> web.StreamResponse:
    return web.json_response({"kind": call.principal.kind})


async def echo(call: Call) -> web.StreamResponse:
    return call.json({"client": call.client, "lang": call.lang, "kind": call.principal.kind})


async def upload(call: Call) -> web.StreamResponse:
    files = await call.files("plan")
    return call.json({"sizes": [len(one.file.read()) for one in files], "names": [one.filename for one in files]})


async def broken_rows(tx: Any) -> int:
    return 3


ROUTES = (
    Route("GET", "/{lang}/", show_home, PUBLIC),
    Route("GET", "/{lang}/houses/{slug}", show_page, PUBLIC),
    Route("GET", "/{lang}/houses/new", show_new, PUBLIC),
    Route("GET", "/{lang}/check-in", show_new, PUBLIC, offline=True),
    Route("POST", "/{lang}/houses/new", send_form, PUBLIC, largest_body=64 * 1024),
    Route("POST", "/{lang}/plans", upload, PUBLIC, largest_body=4 * 1024 * 1024),
    Route("POST", "/unsubscribe/{token}", unsubscribe, PUBLIC, stranger=True),
    Route("GET", "/{lang}/console/{programme}/houses", show_console, ANY_ROLE),
    Route("POST", "/{lang}/console/{programme}/houses", send_form, roles(Role.ORGANISER)),
    Route("GET", "/{lang}/account", show_new, SIGNED_IN),
    Route("GET", "/{lang}/system", show_new, OPERATOR),
    Route("GET", "/{lang}/raise", raise_what_is_asked, PUBLIC),
    Route("GET", "/{lang}/never", wait_for_ever, PUBLIC, timeout=0.05),
    Route("GET", "/houses.csv", stream, PUBLIC),
    Route("GET", "/api/v1/echo", echo, PUBLIC, summary="Who is asking"),
    Route("GET", "/api/v1/houses", list_houses, PUBLIC, summary="All houses", query=Filter, answers=Page[House]),
    Route("GET", "/api/v1/houses/{id}", show_house, PUBLIC, summary="One house", answers=House),
    Route("GET", "/api/v1/raise", raise_what_is_asked, PUBLIC),
    Route("POST", "/api/v1/raise-on-post", build_unless_it_fails, PUBLIC, body=BuildHouse),
    Route("POST", "/api/v1/paint", paint, PUBLIC),
    Route("POST", "/api/v1/never", wait_for_ever, PUBLIC, timeout=0.05),
    Route("POST", "/api/v1/houses", build, PUBLIC, "Build a house", body=BuildHouse, answers=House, status=201),
    Route("POST", "/api/v1/slow", build_slowly, PUBLIC, body=BuildHouse),
    Route(
        "POST",
        "/api/v1/programmes/{programme}/houses",
        build_with_fact,
        roles(Role.ORGANISER),
        "Build a house of the programme",
        body=BuildHouse,
        answers=House,
        status=201,
    ),
    Route("GET", "/api/v1/limited", echo, PUBLIC, limit=Limit(2, 60)),
)

VILLAGE_SERVICE = Service(
    "events",
    "Houses",
    routes=ROUTES,
    facts=(HouseBuilt,),
    checks=(Check("no-house-without-roof", "Every house has a roof", broken_rows),),
)
GATE = Service("identity", "The gate")


def contexts(settings: Settings, clock: MovedClock) -> list[Context]:
    keys, bus = Keys(settings.secrets), MemoryBus(clock=clock)
    return [
        Context(service, settings, keys, clock, Database(service.name, settings.database, keys, clock), bus)
        for service in (GATE, VILLAGE_SERVICE)
    ]


def app_of(found: list[Context]) -> web.Application:
    VILLAGE[found[0].settings.url] = Village()
    return build_app(found, identify=identify, find_programme=find_programme)
