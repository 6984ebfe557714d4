"""A sentence shown once on the next page: in a short-lived cookie of ours, escaped wherever it is shown.

It is not signed: it says only what its reader has just done, and under TLS the `__Host-` prefix keeps others from
setting it. The page that shows it takes it away.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from aiohttp import web

LONGEST = 600
SECONDS = 120
TONES = ("success", "info", "warning", "danger")
_SHOWN = web.RequestKey("flash_shown", bool)


@dataclass(frozen=True, slots=True)
class Flash:
    sentence: str
    tone: str = "success"


def leave(response: web.StreamResponse, sentence: str, secure: bool, tone: str = "success") -> None:
    """Have `sentence` (translated) shown on the next page. `tone` is success, info, warning or danger."""
    value = base64.urlsafe_b64encode(f"{tone}|{sentence[:LONGEST]}".encode()).decode().rstrip("=")
    response.set_cookie(_name(secure), value, max_age=SECONDS, path="/", secure=secure, httponly=True, samesite="Lax")


def take(request: web.Request, secure: bool) -> Flash | None:
    """The sentence left for this page, if any; the answer then takes the cookie away (`settle`)."""
    value = request.cookies.get(_name(secure))
    if value is None:
        return None
    request[_SHOWN] = True
    try:
        text = base64.urlsafe_b64decode(value.encode() + b"=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    tone, _, sentence = text.partition("|")
    return Flash(sentence[:LONGEST], tone) if sentence and tone in TONES else None


def settle(request: web.Request, response: web.StreamResponse, secure: bool) -> None:
    """Take the cookie away where the page has shown it."""
    if request.get(_SHOWN):
        response.del_cookie(_name(secure), path="/", secure=secure, httponly=True, samesite="Lax")


def _name(secure: bool) -> str:
    return "__Host-flash" if secure else "flash"
