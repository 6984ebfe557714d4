"""Not sending what the client already has: entity tags and If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2).

Our tags are weak: the same content compressed differently is the same to us.
"""

from __future__ import annotations

import hashlib
import re

from aiohttp import web

_TAG = re.compile(r'(?:W/)?("[^"]*")')
KEPT = ("ETag", "Cache-Control", "Content-Location", "Vary", "Expires", "Set-Cookie")


def of(body: bytes | str) -> str:
    """The weak tag of a content."""
    raw = body.encode() if isinstance(body, str) else body
    return f'W/"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'


def matches(header: str, tag: str) -> bool:
    """Whether If-None-Match holds `tag`, compared weakly."""
    return header.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(header)


def settle(request: web.BaseRequest, response: web.StreamResponse, *, automatic: bool) -> web.StreamResponse:
    """304 without a body where the client has this very content; with `automatic` a tag is made where there is none."""
    if request.method not in {"GET", "HEAD"} or response.status != 200 or not isinstance(response, web.Response):
        return response
    if automatic and "ETag" not in response.headers and isinstance(response.body, (bytes, bytearray)):
        response.headers["ETag"] = of(bytes(response.body))
    tag = response.headers.get("ETag")
    asked = request.headers.get("If-None-Match")
    if tag is None or asked is None or not matches(asked, tag):
        return response
    fresh = web.Response(status=304)
    for name in KEPT:
        for value in response.headers.getall(name, []):
            fresh.headers.add(name, value)
    fresh.cookies.update(response.cookies)
    return fresh
