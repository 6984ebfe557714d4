"""What every answer says to the browser, so that a mistake in a page does less harm (OWASP ASVS 5.0, section 3.4).

Set when the answer is prepared, so streamed ones have them too. A handler's own value stands: the mailbox frames mails
under a policy of its own.

Referrer-Policy is `same-origin` where one would expect `no-referrer`: other sites learn nothing from either, but under
`no-referrer` browsers send `Origin: null` with our own forms (Fetch, section 3.2), and the guard against forged forms
could not tell them from foreign ones wherever Sec-Fetch-Site is missing, as on plain http in a village hall.
"""

from __future__ import annotations

from aiohttp import web
from multidict import istr

from services.routes import Route

REPORTS = "/csp-reports"
_NOTHING = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
_PAGE = {
    **_NOTHING,
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "report-uri": REPORTS,
}
_OFFLINE = {
    **_PAGE,
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "media-src": "'self'",
}
_FEATURES = (
    "camera",
    "microphone",
    "geolocation",
    "payment",
    "usb",
    "serial",
    "midi",
    "display-capture",
    "browsing-topics",
)


def _policy(sources: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def _permissions(*allowed: str) -> str:
    return ", ".join(f"{name}=({'self' if name in allowed else ''})" for name in _FEATURES)


OTHER_POLICY = _policy(_NOTHING)
PAGE_POLICY = _policy(_PAGE)
OFFLINE_POLICY = _policy(_OFFLINE)
PERMISSIONS = _permissions()
OFFLINE_PERMISSIONS = _permissions("camera")

# Names that know their lower case: to find it out takes longer than to add a header.
_CSP, _PERMITTED, _KEPT, _SERVER = map(
    istr, ("Content-Security-Policy", "Permissions-Policy", "Cache-Control", "Server")
)
_ALWAYS = (
    (istr("X-Content-Type-Options"), "nosniff"),
    (istr("Referrer-Policy"), "same-origin"),
    (istr("Cross-Origin-Opener-Policy"), "same-origin"),
    (istr("Cross-Origin-Resource-Policy"), "same-origin"),
)
_HSTS = istr("Strict-Transport-Security")


def protect(response: web.StreamResponse, route: Route | None, *, secure: bool, private: bool) -> None:
    """Add what `response` does not say itself. `private`: it is for one person or program and is not to be kept."""
    headers = response.headers
    if response.status != 304:
        _limit(response, route)
    for name, value in _ALWAYS:
        headers.setdefault(name, value)
    if secure:
        headers.setdefault(_HSTS, "max-age=31536000; includeSubDomains")
    if _KEPT not in headers:
        # Nothing shared may keep an answer unless its handler says so: most depend on the cookie or the language.
        kept_by_none = private or response.status >= 400 or bool(response.cookies)
        headers[_KEPT] = "no-store" if kept_by_none else "private, no-cache"
    headers.pop(_SERVER, None)


def _limit(response: web.StreamResponse, route: Route | None) -> None:
    """What the answer's content may do. A 304 has none and says nothing of it: browsers put its headers in the place of
    those they keep (RFC 9111, section 3.2), and a page would be shown under the policy of an answer without one."""
    headers = response.headers
    page = response.content_type == "text/html"
    offline = page and route is not None and route.offline
    policy = (OFFLINE_POLICY if offline else PAGE_POLICY) if page else OTHER_POLICY
    headers.setdefault(_CSP, policy)
    headers.setdefault(_PERMITTED, OFFLINE_PERMISSIONS if offline else PERMISSIONS)
