"""Around every request: its number, its log line, its span and figures, and an answer whatever happens inside.

1. Take the caller's X-Request-ID where it is well formed, else make one; bind it to the log.
2. Continue the caller's trace; count the request as running.
3. Let the route answer. Where no route fits, try the address with a language in front or without a slash behind.
4. Turn what was raised into a problem. A streamed answer that has begun can only be broken off.
5. Tag, compress; note time and status by the route's template, never by the path, which may hold a token.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from time import perf_counter
from typing import NamedTuple

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from multidict import istr
from prometheus_client import Histogram
from yarl import URL

from services import logs, metrics, tracing
from services.context import Context
from services.health import HEALTH
from services.http import compression, etags, failures
from services.http.call import CALL, Call
from services.http.dispatch import DEFAULT_LANGUAGE, REQUEST_ID
from services.http.guard import LoginFirst
from services.http.headers import protect
from services.http.negotiation import language
from services.http.problems import NotFound
from services.http.progress import PROGRESS
from services.http.straight import StraightWay
from services.pages.languages import LANGUAGES
from services.routes import PUBLIC, Route

_log = structlog.get_logger(__name__)
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
SECURE = web.AppKey("secure", bool)
QUIET = frozenset({"/livez", "/readyz", "/metrics", "/static/{hash}/{package}/{path}"})
"""Asked for all the time; worth a line only where they fail."""
_NUMBER = istr("X-Request-ID")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _nowhere(call: Call) -> web.StreamResponse:
    raise NotFound()


NOWHERE = Route("GET", "", _nowhere, PUBLIC)
"""The route of a request that fits none."""


def request_id(request: web.BaseRequest) -> str:
    """The caller's number for this request, if it is one that may stand in a log, else a new one."""
    given = request.headers.get(_NUMBER)
    if given is not None and _WELL_FORMED.fullmatch(given):
        return given
    return f"{random.getrandbits(96):024x}"


def make(home: Context, straight: Mapping[str, StraightWay]) -> Middleware:
    """The middleware of a process; `home` is where a request belongs that fits no route, `straight` has the short ways
    by their routes' templates."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        number = request[REQUEST_ID] = request_id(request)
        template, began = _template(request), perf_counter()
        way = straight.get(template)
        progress = request.app[PROGRESS]
        progress.begin()
        try:
            with (
                logs.bound(request_id=number),
                tracing.server_span(_method(request), template, request.headers.get("traceparent")) as span,
            ):
                response = await _answered(request, handler, home, way)
                response = await _settled(request, response)
                tracing.answered(span, response.status)
                _note(request, template, response.status, perf_counter() - began, way.context if way else home)
        finally:
            progress.end()
        return response

    return around


async def _answered(
    request: web.Request, handler: Handler, home: Context, way: StraightWay | None
) -> web.StreamResponse:
    try:
        return await (way.answer(request, handler) if way else handler(request))
    except LoginFirst as first:
        if request.headers.get("HX-Request") == "true":
            return web.Response(status=401, headers={"HX-Redirect": first.location})
        return web.Response(status=303, headers={"Location": first.location})
    except Exception as error:
        if request.writer.output_size > 0:
            _log.error("a streamed answer broke off", exc_info=error)
            raise
        if isinstance(error, web.HTTPException) and error.status < 400:
            return web.Response(status=error.status, body=error.body, headers=error.headers)
        if request.match_info.http_exception is error:
            found = await _without_a_route(request, error)
            if found is not None:
                return found
        call = request.get(CALL) or _call_from_nowhere(request, home)
        return failures.answer(call, failures.as_problem(error, request[REQUEST_ID]))


async def _settled(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if response.prepared:
        return response
    response = etags.settle(request, response, automatic=request.path.startswith("/api/"))
    await compression.compress(request, response, secret=_is_private(request))
    return response


# Where no route fits --------------------------------------------------------------------------------------------------


async def _without_a_route(request: web.Request, error: Exception) -> web.StreamResponse | None:
    """What OPTIONS asks for, or where the page is that was probably meant."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
        return web.Response(status=204, headers={"Allow": allowed}) if request.method == "OPTIONS" else None
    if request.method not in {"GET", "HEAD"}:
        return None
    path = request.rel_url.raw_path
    bare = path.rstrip("/")
    ours = language(request.headers.get("Accept-Language", ""), DEFAULT_LANGUAGE)
    with_language = path.split("/")[1] in LANGUAGES
    for candidate in [bare] if with_language else [bare, f"/{ours}{bare}"]:
        if candidate != path and await _leads_somewhere(request, candidate):
            query = request.rel_url.raw_query_string
            headers = {"Location": candidate + (f"?{query}" if query else ""), "Vary": "Accept-Language"}
            return web.Response(status=302, headers=headers)
    return None


async def _leads_somewhere(request: web.Request, path: str) -> bool:
    # Two slashes at the front would send the browser to another host.
    if not path.startswith("/") or path.startswith("//"):
        return False
    found = await request.app.router.resolve(request.clone(rel_url=URL(path, encoded=True)))
    return found.http_exception is None


def _call_from_nowhere(request: web.Request, home: Context) -> Call:
    first = request.path.split("/")[1] if "/" in request.path else ""
    lang = language(request.headers.get("Accept-Language", ""), "en" if first == "api" else DEFAULT_LANGUAGE)
    return Call(request, home, NOWHERE, lang=first if first in LANGUAGES else lang, request_id=request[REQUEST_ID])


# What is noted --------------------------------------------------------------------------------------------------------


def _note(request: web.Request, template: str, status: int, seconds: float, home: Context) -> None:
    call = request.get(CALL)
    service = (call.context if call else home).service.name
    kind = _kind(service, _method(request), template, status)
    kind.histogram.observe(seconds)
    if kind.line is not None:
        kind.line.write(ms=round(seconds * 1000, 1))


class _Kind(NamedTuple):
    """What all requests of one kind have in common."""

    histogram: Histogram
    line: logs.Line | None


@cache
def _kind(service: str, method: str, template: str, status: int) -> _Kind:
    """There are as many as routes and statuses."""
    histogram = metrics.REQUESTS.labels(service, method, template, str(status))
    if template in QUIET and status < 400:
        return _Kind(histogram, None)
    level = "error" if status >= 500 else "info"
    values = {"method": method, "route": template, "status": status, "service": service}
    return _Kind(histogram, logs.Line(__name__, level, "request", **values))


def _template(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


def _method(request: web.Request) -> str:
    return request.method if request.method in _METHODS else "other"


def _is_private(request: web.BaseRequest) -> bool:
    call = request.get(CALL)
    return call is not None and call.principal.kind != "guest"


async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer, streamed ones too; connected to the app's `on_response_prepare`."""
    app = request.app
    headers = response.headers
    call = request.get(CALL)
    private = call is not None and call.principal.kind != "guest"
    protect(response, call.route if call else None, secure=app[SECURE], private=private)
    if call is not None and response.content_type == "text/html":
        headers.setdefault("Content-Language", call.lang)
    number = request.get(REQUEST_ID)
    if number is not None:
        headers[_NUMBER] = number
    if app[HEALTH].stopping:
        # Whoever keeps connections open shall send the next request elsewhere; aiohttp says so only before this hook.
        response.force_close()
        headers["Connection"] = "close"
