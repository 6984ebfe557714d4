"""The small files that every site is asked for, and the place where browsers complain about our content policy."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from email.utils import parseaddr

import structlog
from aiohttp import web

from services import metrics
from services.http import headers, static
from services.http.call import Call
from services.pages.languages import LANGUAGES
from services.routes import PUBLIC, Limit, Route

_log = structlog.get_logger(__name__)

ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /*/console
Disallow: /*/login
Disallow: /l/
Disallow: /my/
"""
_DIRECTIVE = re.compile(r"[a-z][a-z-]{2,40}")


async def robots(call: Call) -> web.StreamResponse:
    """What search engines have no business with."""
    return web.Response(text=ROBOTS, headers={"Cache-Control": "public, max-age=86400"})


async def security(call: Call) -> web.StreamResponse:
    """Whom to tell of a weakness (RFC 9116). It must end within a year; each answer begins it anew."""
    settings = call.context.settings
    expires = call.context.clock.now() + timedelta(days=180)
    lines = (
        f"Contact: mailto:{parseaddr(settings.sender)[1]}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {settings.url}/.well-known/security.txt",
    )
    return web.Response(text="\n".join(lines) + "\n", headers={"Cache-Control": "public, max-age=86400"})


async def favicon(call: Call) -> web.StreamResponse:
    """For browsers that ask without having read a page."""
    headers = {"Location": static.address("chassis", "mark.svg"), "Cache-Control": "public, max-age=86400"}
    return web.Response(status=302, headers=headers)


async def complaint(call: Call) -> web.StreamResponse:
    """A browser was kept from doing something: counted by directive. Addresses in the report are not kept."""
    for directive in _directives(await call.request.read()):
        metrics.REPORTS.labels(directive).inc()
        _log.warning("content policy violated", directive=directive)
    return web.Response(status=204)


def _directives(body: bytes) -> Sequence[str]:
    """The violated directives of a report in either form (`report-uri`, Reporting API); no report holds none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    reports = found if isinstance(found, list) else [found]
    bodies = [one.get("csp-report") or one.get("body") for one in reports[:20] if isinstance(one, dict)]
    said = [one.get("effective-directive") or one.get("effectiveDirective") for one in bodies if isinstance(one, dict)]
    return [one for one in said if isinstance(one, str) and _DIRECTIVE.fullmatch(one) and one in _KNOWN]


_KNOWN = frozenset(
    f"{name}-src{more}"
    for name in (
        "default",
        "script",
        "style",
        "img",
        "font",
        "connect",
        "media",
        "object",
        "frame",
        "child",
        "worker",
        "manifest",
    )
    for more in ("", "-elem", "-attr")
) | {"base-uri", "form-action", "frame-ancestors", "report-uri", "sandbox"}
"""Only these become labels: a stranger must not fill the memory with invented ones."""

ROUTES = (
    Route("GET", "/robots.txt", robots, PUBLIC),
    Route("GET", "/favicon.ico", favicon, PUBLIC),
    Route("GET", "/.well-known/security.txt", security, PUBLIC),
    Route("GET", "/security.txt", security, PUBLIC),
    Route("POST", headers.REPORTS, complaint, PUBLIC, stranger=True, largest_body=16 * 1024, limit=Limit(60, 60)),
)
