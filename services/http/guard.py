"""Who may call a route, and whether an unsafe call was really meant by whoever's browser sent it.

Answers to someone who may not, the same for every route:

1. A guest: a page sends them to log in and back; anything else answers 401. Whether the programme exists is not told.
2. Somebody without any role in the programme: 404, as for a programme that does not exist. Drafts leak nothing.
3. Somebody with a role there, but not one of the route's: 403. A token whose scopes do not reach: 403.

Against forged forms (unsafe methods only): a browser that says the form came from elsewhere is refused. Beyond that a
signed-in person's form carries the session's token, a guest's must say by Origin or Sec-Fetch-Site that it is ours. API
tokens are exempt, since no browser sends them by itself; a `stranger` route is, since it serves machines, as a guest.
"""

from __future__ import annotations

import hmac
from typing import NoReturn
from urllib.parse import quote, urlsplit

from aiohttp import web

from services.http.call import Call
from services.http.problems import Forbidden, NotFound, Problem, Unauthorized
from services.pages.languages import msgid
from services.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf"
HEADER = "X-CSRF-Token"


class LoginFirst(Exception):
    """Answered by sending the reader to `location`."""

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


def forged() -> Problem:
    sentence = msgid("The form was too old, or came from another place. Load its page again and send it once more.")
    return Problem(403, "forged", msgid("We did not accept this form"), sentence)


# Access ---------------------------------------------------------------------------------------------------------------


def admit_stranger(call: Call) -> None:
    """The first question, before any programme is looked up: does the route want somebody we know? Raises
    `Unauthorized`, `LoginFirst` or `Forbidden`."""
    if call.route.access.kind != "public" and call.principal.kind == "guest":
        _ask_to_log_in(call)
    if call.route.is_api and not call.principal.may_use(
        call.context.service.name, unsafe=call.request.method not in SAFE
    ):
        raise Forbidden(msgid("This API token's scopes do not reach this far."))
    if not call.route.is_api and call.principal.kind == "token" and call.route.access.kind != "public":
        raise Forbidden(msgid("API tokens are for the API; pages are for people."))


def admit(call: Call) -> None:
    """The second, when the programme is known. Raises `NotFound` or `Forbidden`."""
    access = call.route.access
    match access.kind:
        case "public" | "signed_in":
            return
        case "operator":
            if not call.principal.operator:
                raise Forbidden(msgid("Only those who run this installation may do this."))
        case "roles":
            held = call.principal.roles_in(call.programme.id)
            if not held:
                raise NotFound("programme")
            if not held & access.roles:
                raise Forbidden()
        case other:
            raise LookupError(f"an access of kind {other!r}")


def _ask_to_log_in(call: Call) -> NoReturn:
    request = call.request
    if call.route.is_api or not (request.method in SAFE or _is_form(request)):
        raise Unauthorized()
    raise LoginFirst(f"/{call.lang}/login?next={quote(_way_back(call), safe='/')}")


def _is_form(request: web.BaseRequest) -> bool:
    return request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}


def _way_back(call: Call) -> str:
    """Where to go after logging in: this page; after a form, the page that it stood on. Always a path of ours."""
    request = call.request
    if request.method in SAFE and not call.is_fragment:
        return safe_path(request.rel_url.raw_path_qs) or f"/{call.lang}"
    came_from = urlsplit(str(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""))
    if came_from.netloc and came_from.netloc != request.host:
        return f"/{call.lang}"
    return safe_path(came_from.path + (f"?{came_from.query}" if came_from.query else "")) or f"/{call.lang}"


def safe_path(text: str) -> str:
    """`text` where it is a path on this site, else nothing: what a `next` may be. Browsers take `//` for a host."""
    well_formed = (
        text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    )
    return text if well_formed and len(text) <= 2000 else ""


# Forged forms ---------------------------------------------------------------------------------------------------------


async def refuse_forged(call: Call) -> None:
    """Raises a 403 for an unsafe call that its sender may not have meant. Reads the form where it must."""
    request, principal = call.request, call.principal
    if request.method in SAFE or principal.kind == "token" or call.route.stranger:
        return
    ours = from_our_pages(request, call.context.settings)
    if ours is False and (principal.kind == "account" or not call.route.is_api):
        raise forged()
    if principal.kind == "account":
        if call.route.is_api and ours:
            return
        if not _same(await _token(call), principal.csrf):
            raise forged()
    elif not call.route.is_api and ours is None:
        raise forged()


def from_our_pages(request: web.BaseRequest, settings: Settings) -> bool | None:
    """What the browser says of where the request came from; None where it says nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    return origin == settings.url or (urlsplit(origin).netloc == request.host and request.host != "")


async def _token(call: Call) -> str:
    header = call.request.headers.get(HEADER)
    if header is not None or not _is_form(call.request):
        return header or ""
    value = (await call.posted()).get(FIELD, "")
    return value if isinstance(value, str) else ""


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(errors="replace"), expected.encode())
