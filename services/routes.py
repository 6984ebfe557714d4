"""How a service declares what may be asked of it over HTTP, and who may ask.

    Route("POST", "/api/v1/programmes/{programme}/events", api.schedule, roles(Role.ORGANISER), body=ScheduleEvent)

`{programme}` in a path is the programme's slug: the chassis looks it up, checks the roles there and sets
`call.programme`. `{lang}` is the language of a page. A route without a declared access cannot be built.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from aiohttp.web import Request, StreamResponse
from pydantic import BaseModel

if TYPE_CHECKING:
    from services.context import Context
    from services.http.call import Call


class Role(StrEnum):
    """What a person may be in one programme. Owner may do everything; the others do not include each other."""

    OWNER = "owner"
    ORGANISER = "organiser"
    MARKETING = "marketing"
    STAND_HOST = "stand_host"
    CHECK_IN = "check_in"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route. Build one with PUBLIC, SIGNED_IN, OPERATOR or `roles(...)`."""

    kind: str
    roles: frozenset[Role] = field(default_factory=frozenset)


PUBLIC = Access("public")
"""Anyone, without a session."""
SIGNED_IN = Access("signed_in")
"""Any account, in whatever programme."""
OPERATOR = Access("operator")
"""An account that runs the installation: creates programmes, sees the system page."""


def roles(*allowed: Role) -> Access:
    """Accounts (and API tokens) with one of these roles in the programme of the path. Owner is always allowed."""
    return Access("roles", frozenset({Role.OWNER, *allowed}))


ANY_ROLE = roles(*Role)
"""Everyone with any role in the programme."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` calls per caller (account, token or address) within `seconds`, then 429 until a place is free."""

    times: int
    seconds: float


Handler = Callable[["Call"], Awaitable[StreamResponse]]
Straight = Callable[["Context", Request], Awaitable[StreamResponse | None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path.

    `body` is a JSON request's model: it is validated before the handler runs and is then `call.body`. `query` is the
    model of the query string, then `call.query`. `answers` is the model of a 2xx JSON answer; it and `summary` go
    into the OpenAPI document, which holds every route whose path begins with /api/. HTML forms are read by the page
    handler itself with `call.form(Model)`, since it must show them again.
    """

    method: str
    path: str
    handler: Handler
    access: Access
    summary: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answers: type[BaseModel] | None = None
    status: int = 200
    """The status of a successful answer, for the document."""
    largest_body: int = 256 * 1024
    """Bytes; a larger request is refused with 413 before it is read."""
    timeout: float = 30.0
    """Seconds until the handler is cancelled and answered 503."""
    offline: bool = False
    """True on the one page that needs `wasm-unsafe-eval` (check-in)."""
    stranger: bool = False
    """True on an unsafe route that machines call without Origin (one-click unsubscribe, RFC 8058). Such a call is a
    guest's."""
    limit: Limit | None = None
    """How often one caller may call it; per replica."""
    straight: Straight | None = None
    """Answers what is asked thousands of times a second and needs nothing of a call: no identity, no limit, no
    programme. What it leaves goes the usual way. Only on a GET for everybody (`services/http/straight.py`)."""

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")
