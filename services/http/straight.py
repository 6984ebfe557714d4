"""The short way of a request whose answer needs nothing of a `Call`: a redirect from a printed code.

Such a route (`Route.straight`) is asked by a whole hall at once, and reading who asks, in which language, how often and
in which programme would take longer than the answer. It keeps what surrounds every request: its number, its log line,
its figures and headers, and an answer whatever happens inside (`middleware.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from services import logs
from services.context import Context
from services.http.dispatch import Handling
from services.http.routing import RoutesClash, template
from services.routes import PUBLIC, Straight

Usual = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class StraightWay:
    """One route's."""

    context: Context
    route: Straight

    async def answer(self, request: web.Request, usual: Usual) -> web.StreamResponse:
        """What the route says straight away, else what it says the usual way, as to a HEAD."""
        if request.method == "GET":
            with logs.bound(service=self.context.service.name):
                answer = await self.route(self.context, request)
            if answer is not None:
                return answer
        return await usual(request)


def ways(handlings: Iterable[Handling]) -> Mapping[str, StraightWay]:
    """The short ways by their routes' templates. Raises `RoutesClash` where one has no right to it."""
    found: dict[str, StraightWay] = {}
    for one in handlings:
        route = one.route
        if route.straight is None:
            continue
        if route.method != "GET" or route.access != PUBLIC or route.limit or route.query or "{programme}" in route.path:
            raise RoutesClash(
                f"{route.method} {route.path}: only a GET for everybody, without limit or query, goes straight"
            )
        found[template(route.path)] = StraightWay(one.context, route.straight)
    return found
