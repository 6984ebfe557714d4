"""A gallery of every part that our pages are made of, served as the real pages are. Only for looking and for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import NAMESPACE_DNS, UUID, uuid5

from aiohttp import web
from aiohttp.web import StreamResponse
from pydantic import BaseModel, EmailStr, Field

from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.http.app import build_app
from services.http.call import Call, Programme
from services.http.problems import Conflict
from services.identity.principal import GUEST, Principal
from services.keys import Keys
from services.memory_bus import MemoryBus, MemoryServer
from services.pages import routes
from services.pages.forms import Form
from services.pages.templating import environment
from services.routes import ANY_ROLE, PUBLIC, Role, Route
from services.service import Panel, Service
from services.settings import Settings

HERE = Path(__file__).parent / "templates"
NAMES = ("public", "form", "console", "bare")
SEEDS = [uuid5(NAMESPACE_DNS, str(number)) for number in range(24)]
KINDS = ("event", "fair", "programme", "campaign")
MOMENTS = [
    datetime(2026, 12, 27, 10, 30, tzinfo=UTC),
    datetime(2026, 6, 21, 22, tzinfo=UTC),
    datetime(2026, 3, 6, 9, tzinfo=UTC),
    datetime(2026, 9, 12, 16, tzinfo=UTC),
    datetime(2026, 12, 5, 19, tzinfo=UTC),
    datetime(2026, 7, 4, 12, tzinfo=UTC),
    datetime(2026, 2, 14, 6, 45, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 10, tzinfo=UTC),
    datetime(2026, 5, 17, 8, tzinfo=UTC),
]
BLEST = Programme(SEEDS[0], "blest", "Blest i Havlandet", "nb")
KARI = Principal(
    kind="account", account_id=UUID(int=1), name="Kari Nordhav", csrf="token", roles={BLEST.id: frozenset({Role.OWNER})}
)
PANELS = [Panel("today", "Today", frozenset()), Panel("broken", "Error", frozenset())]


class Booking(BaseModel):
    slot: str
    name: Annotated[str, Field(min_length=1, max_length=80)]
    email: EmailStr
    adults: Annotated[int, Field(ge=1, le=9)] = 1
    language: str
    interests: Annotated[list[str], Field(min_length=1)] = []
    note: str = ""
    title: dict[str, str] = {}
    consent: bool = False


async def show(call: Call) -> StreamResponse:
    return _page(call, call.path("name"))


async def show_console(call: Call) -> StreamResponse:
    return _page(call, "console")


def _page(call: Call, name: str) -> StreamResponse:
    form: Form[Booking] = Form.empty({"name": "Anke", "interests": ["houses"], "title": {"nb": "Messe"}})
    return call.form_page(f"gallery/{name}.html", form, seeds=SEEDS, moments=MOMENTS, kinds=KINDS)


async def book(call: Call) -> StreamResponse:
    form = await call.form(Booking)
    if form.value is None:
        return call.form_page("gallery/form.html", form)
    return call.redirect(call.link("gallery/public"), flash="Plassen er din, <Anke> & co.")


async def home(call: Call) -> StreamResponse:
    return call.page("chassis/home.html", panels=PANELS, now=call.context.clock.now())


async def panel(call: Call) -> StreamResponse:
    if call.path("panel") == "broken":
        raise Conflict("broken", "This cannot be done now")
    return call.page("gallery/panel.html")


async def empty_home(call: Call) -> StreamResponse:
    return call.page("chassis/home.html", panels=[], now=call.context.clock.now())


async def my_programmes(call: Call) -> StreamResponse:
    return call.page("chassis/programmes.html", programmes=[BLEST], now=call.context.clock.now())


ROUTES = (
    Route("GET", "/{lang}/gallery/{name}", show, PUBLIC),
    Route("POST", "/{lang}/gallery/form", book, PUBLIC),
    Route("GET", "/{lang}/programmes-of-mine", my_programmes, PUBLIC),
    Route("GET", "/{lang}/console/{programme}/campaigns", show_console, ANY_ROLE),
    Route("GET", "/{lang}/console/{programme}", home, ANY_ROLE),
    Route("GET", "/{lang}/console/{programme}/empty", empty_home, ANY_ROLE),
    Route("GET", "/{lang}/console/{programme}/panels/{panel}", panel, ANY_ROLE),
    *(route for route in routes.ROUTES if "console" not in route.path),
)


async def _identify(context: Context, request: web.Request) -> Principal:
    return KARI if "/console" in request.path else GUEST


async def _find_programme(context: Context, slug: str) -> Programme | None:
    return BLEST if slug == BLEST.slug else None


def app(settings: Settings, clock: MovedClock) -> web.Application:
    """The gallery as an application of its own, without a database."""
    templates: Any = environment().loader
    templates.mapping.update({f"gallery/{path.name}": path.read_text(encoding="utf-8") for path in HERE.glob("*.html")})
    service = Service("services", "Shows every part of the pages.", routes=ROUTES)
    database = cast(Database, None)
    context = Context(service, settings, Keys(settings.secrets), clock, database, MemoryBus(MemoryServer(clock)))
    return build_app([context], identify=_identify, find_programme=_find_programme)
