"""A declared route as an aiohttp handler: everything that happens to a request before and after its own code.

 1. Build the `Call`: address of the client, language, request id.
 2. Refuse a body that says it is too large, before reading it.
 3. Find out who asks; a `stranger` route's caller is nobody we know.
 4. Take a token from the caller's bucket, where the route has a limit.
 5. Send guests to log in, where the route wants somebody.
 6. Refuse a forged form.
 7. Find the programme that the path names, and see whether the caller's roles there reach.
 8. Read query and body into their models.
 9. Claim the idempotency key, or replay its answer.
10. Run the handler; store its answer under the key.

All of it within the route's time limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from services import logs
from services.context import Context
from services.http import addresses, failures, guard, idempotency, reading
from services.http.addresses import network
from services.http.call import CALL, Call, Programme
from services.http.limits import Limits
from services.http.negotiation import language
from services.http.problems import NotFound, Problem, Unavailable
from services.identity.principal import GUEST, Principal
from services.outages import TROUBLE
from services.pages.languages import LANGUAGES
from services.routes import Route

_log = structlog.get_logger(__name__)

Identify = Callable[[Context, web.Request], Awaitable[Principal]]
FindProgramme = Callable[[Context, str], Awaitable[Programme | None]]

REQUEST_ID = web.RequestKey("request_id", str)
DEFAULT_LANGUAGE = "nb"
"""For people whose browser prefers none of ours; programs that say nothing are answered in English."""


@dataclass(slots=True)
class Doors:
    """What all routes of a process share."""

    identify: Identify
    find_programme: FindProgramme
    limits: Limits
    trusted: tuple[addresses.Network, ...] = field(default=())


class Handling:
    """One route of one service."""

    def __init__(self, context: Context, route: Route, doors: Doors) -> None:
        self.context = context
        self.route = route
        self._doors = doors

    async def answer(self, given: web.Request) -> web.StreamResponse:
        request = given
        if given.method not in guard.SAFE and given.client_max_size != self.route.largest_body:
            # A copy is aiohttp's way to give one request a body limit of its own; both carry the call.
            request = given.clone(client_max_size=self.route.largest_body)
        call = Call(request, self.context, self.route, request_id=given.get(REQUEST_ID, ""))
        given[CALL] = request[CALL] = call
        call.client = addresses.client(request, self._doors.trusted)
        call.lang = self._language(request)
        with logs.bound(service=self.context.service.name):
            try:
                async with asyncio.timeout(self.route.timeout) as limit:
                    return await self._answer(call)
            except TimeoutError as error:
                if limit.expired():
                    raise Unavailable(code="too-slow") from error
                raise
            finally:
                request._finish()  # closes uploads: aiohttp does so for its own request, and this may be the copy

    def _language(self, request: web.Request) -> str:
        named = request.match_info.get("lang")
        otherwise = "en" if self.route.is_api else DEFAULT_LANGUAGE
        return named if named in LANGUAGES else language(request.headers.get("Accept-Language", ""), otherwise)

    async def _answer(self, call: Call) -> web.StreamResponse:
        route, request = self.route, call.request
        if any("\x00" in part for part in request.match_info.values()):
            raise NotFound()
        reading.refuse_large(request, route.largest_body)
        call.principal = await self._identified(call)
        if route.limit is not None:
            self._doors.limits.take(f"{route.method} {route.path}", _caller(call), route.limit)
        guard.admit_stranger(call)
        await guard.refuse_forged(call)
        slug = request.match_info.get("programme")
        if slug is not None:
            call.programme_found = await self._doors.find_programme(self.context, slug)
            if call.programme_found is None:
                raise NotFound("programme")
        guard.admit(call)
        if route.query is not None:
            call.query_read = reading.read_query(request, route.query, call.translate, strict=route.is_api)
        if route.body is not None:
            call.body_read = await reading.read_body(request, route.body, call.translate)
        if route.is_api and request.method not in guard.SAFE:
            return await self._once(call)
        return await route.handler(call)

    async def _identified(self, call: Call) -> Principal:
        """Who asks. A public page is shown to everyone as to a guest while the database is away."""
        request = call.request
        if self.route.stranger and request.method not in guard.SAFE:
            return GUEST
        try:
            return await self._doors.identify(self.context, request)
        except TROUBLE:
            if self.route.access.kind != "public" or request.method not in guard.SAFE:
                raise
            _log.warning("nobody could be identified, answering as to a guest", route=self.route.path)
            return GUEST

    async def _once(self, call: Call) -> web.StreamResponse:
        claim = await idempotency.claim(call)
        if not isinstance(claim, idempotency.Claim):
            return claim or await self.route.handler(call)
        call.claim = claim
        try:
            response = await self.route.handler(call)
        except Problem as problem:
            response = failures.answer(call, problem)
        except BaseException:
            # Also when the time is up: the key must not stay claimed for a call that has ended.
            await claim.failed()
            raise
        await claim.answered(response)
        return response


def _caller(call: Call) -> str:
    who = call.principal
    return f"{who.kind}:{who.token_id or who.account_id}" if who.kind != "guest" else network(call.client)
