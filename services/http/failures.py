"""From whatever went wrong to an answer: what a handler raised becomes a `Problem`, a problem becomes JSON or a page.

What is not ours to explain is answered 500 with the request's number alone; the log has the rest.
"""

from __future__ import annotations

import asyncpg
import structlog
from aiohttp import web
from markupsafe import escape
from pydantic_core import to_json

from services import openapi
from services.batcher import Overloaded
from services.http.call import Call
from services.http.negotiation import wants_page
from services.http.problems import MEDIA_TYPE, BadRequest, NotFound, Problem, TooLarge, Unavailable, Unexpected
from services.messages import BusError
from services.outages import is_away, is_passing
from services.pages.languages import msgid
from services.pages.templating import render

_log = structlog.get_logger(__name__)


def as_problem(error: BaseException, request_id: str) -> Problem:
    """The problem that an exception is. Logs what is our fault."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, web.HTTPException):
        return _from_aiohttp(error)
    if isinstance(error, Overloaded):
        return Unavailable(error.retry_after, code="overloaded")
    if isinstance(error, (BusError, asyncpg.QueryCanceledError)) or is_away(error):
        _log.warning("something is away", error=type(error).__name__)
        return Unavailable(5)
    if is_passing(error):
        # Two calls crossed; the same one again will pass.
        _log.info("two calls crossed", error=type(error).__name__)
        return Unavailable(1)
    if isinstance(error, asyncpg.DataError):
        # It passed our models and PostgreSQL still cannot hold it: the caller's value, and a model of ours to tighten.
        _log.warning("a value passed validation that the database refuses", exc_info=error)
        return BadRequest("unusable-value", msgid("One of the values cannot be stored."), status=422)
    _log.error("unexpected error", exc_info=error)
    return Unexpected(request_id)


def _from_aiohttp(error: web.HTTPException) -> Problem:
    match error:
        case web.HTTPNotFound():
            return NotFound()
        case web.HTTPRequestEntityTooLarge():
            return TooLarge(int(getattr(error, "max_size", 0) or 0))
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            sentence = msgid("This address answers {allowed} only.")
            return Problem(
                405, "method", msgid("This cannot be done here"), sentence, headers={"Allow": allowed}, allowed=allowed
            )
    return BadRequest(f"http-{error.status}", msgid("The request is not one that we understand."), status=error.status)


def answer(call: Call, problem: Problem) -> web.Response:
    """The problem as RFC 9457 JSON below /api/ and to programs, as a page to people."""
    request = call.request
    as_page = not request.path.startswith("/api/") and wants_page(request.headers.get("Accept", ""))
    response = _as_page(call, problem) if as_page else _as_json(call, problem)
    response.headers.update({**problem.headers, "Content-Language": call.lang})
    return response


def _as_json(call: Call, problem: Problem) -> web.Response:
    types = call.context.settings.url + openapi.PAGE
    body = problem.body(call.translate, types=types, request_id=call.request_id)
    return web.Response(body=to_json(body), status=problem.status, content_type=MEDIA_TYPE)


def _as_page(call: Call, problem: Problem) -> web.Response:
    title, detail = problem.said(call.translate)
    number = call.request_id if problem.status >= 500 else ""
    values = {
        "status": problem.status,
        "title": title,
        "detail": detail,
        "fields": problem.fields,
        "request_id": number,
    }
    try:
        text = render("chassis/problem.html", call, **values)
    except Exception as error:  # whatever broke the page may break this one too
        _log.error("the page that explains a problem cannot be shown", exc_info=error)
        text = (
            f'<!DOCTYPE html><html lang="{escape(call.lang)}"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
            f"<h1>{escape(title)}</h1><p>{escape(detail)}</p>"
        )
    return web.Response(text=text, status=problem.status, content_type="text/html")
