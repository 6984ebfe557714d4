"""Sessions: on the server, revocable, limited. The cookie holds 130 bits of chance; only its hash is stored.

A session ends 12 hours after it was last used, 7 days after it began, when its person logs out or revokes it,
when its account's password or second factor changes elsewhere, and when the same browser logs in anew. Every
request looks it up, so a session that has ended is over at once on all replicas, whatever becomes of the bus.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp.web import StreamResponse

from services.database import Transaction
from services.identity import functions
from services.ids import new_id
from services.keys import TOKEN_LENGTH, Keys, token_hash

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
REMEMBERED = timedelta(days=90)
"""How long a browser is known as one that was let in before."""
PLAIN_COOKIE = "session"
TLS_COOKIE = "__Host-session"

BROWSERS = {
    "edge": r"Edg(e|A|iOS)?/",
    "opera": r"OPR/",
    "samsung": r"SamsungBrowser/",
    "firefox": r"Firefox/|FxiOS/",
    "chrome": r"Chrome/|CriOS/|Chromium/",
    "safari": r"Safari/",
}
SYSTEMS = {
    "android": r"Android",
    "ios": r"iPhone|iPad|iPod",
    "windows": r"Windows",
    "chromeos": r"CrOS",
    "macos": r"Mac OS X|Macintosh",
    "linux": r"Linux|X11",
}
"""In the order in which they are looked for: most browsers also name those before them."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open session as its owner sees it."""

    id: UUID
    agent: str
    created_at: datetime
    seen_at: datetime


def cookie_name(secure: bool) -> str:
    """The `__Host-` prefix makes browsers refuse the cookie from other hosts and over plain HTTP; it needs TLS
    itself."""
    return TLS_COOKIE if secure else PLAIN_COOKIE


def new_token() -> str:
    """26 base32 characters, 130 bits of chance."""
    return base64.b32encode(secrets.token_bytes(20)).decode()[:TOKEN_LENGTH].lower()


def csrf(keys: Keys, session_id: UUID, rotation: int) -> str:
    """The session's token against forged forms: derived, so it is stored nowhere and changes with the session's own."""
    return keys.token("csrf", session_id, rotation)


def agent_class(user_agent: str) -> str:
    """`firefox-linux`: enough to recognise one's own session by, too little to recognise a person."""
    browser, system = (
        next((name for name, pattern in classes.items() if re.search(pattern, user_agent)), "other")
        for classes in (BROWSERS, SYSTEMS)
    )
    return f"{browser}-{system}"


async def begin(tx: Transaction, account_id: UUID, user_agent: str, *, replaces: UUID | None = None) -> str:
    """Open a session and return its token; the session that the same browser had before ends."""
    if replaces is not None:
        await functions.value(tx.connection, "replace_session", replaces, tx.moment)
    token = new_token()
    await functions.value(
        tx.connection,
        "open_session",
        new_id(tx.moment),
        account_id,
        token_hash(token),
        agent_class(user_agent),
        tx.moment,
    )
    return token


async def rotate(tx: Transaction, session_id: UUID) -> str:
    """Give a session another token, after its account's credentials changed; the old one is worthless at once."""
    token = new_token()
    await functions.value(tx.connection, "rotate_session", session_id, token_hash(token))
    return token


async def end(tx: Transaction, account_id: UUID, session_id: UUID, reason: str) -> bool:
    """End one session; False where this account has no such open session. `reason`: logout or revoked."""
    return bool(await functions.value(tx.connection, "end_session", account_id, session_id, reason, tx.moment))


async def end_others(tx: Transaction, account_id: UUID, kept: UUID | None, reason: str) -> int:
    """End all sessions of an account but `kept`; returns how many ended. `reason`: revoked or credentials."""
    return int(await functions.value(tx.connection, "end_sessions", account_id, kept, reason, tx.moment))


async def listed(tx: Transaction, account_id: UUID) -> list[Session]:
    """The account's open sessions, the one used last first."""
    found = await functions.rows(tx.connection, "list_sessions", account_id, tx.moment, IDLE, ABSOLUTE)
    return [Session(**row) for row in found]


def set_cookie(response: StreamResponse, token: str, *, secure: bool) -> None:
    """Lax and not Strict: a link in a mail to a console page must find its reader logged in. Forms carry a token
    besides."""
    response.set_cookie(
        cookie_name(secure),
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        secure=secure,
        samesite="Lax",
    )


def drop_cookie(response: StreamResponse, *, secure: bool) -> None:
    response.del_cookie(cookie_name(secure), path="/", httponly=True, secure=secure, samesite="Lax")


def device_cookie_name(secure: bool) -> str:
    return "__Host-device" if secure else "device"


def set_device_cookie(response: StreamResponse, note: str, *, secure: bool) -> None:
    """What this browser shows at its next login, so that a stranger's guesses do not keep it out (`throttling`)."""
    response.set_cookie(
        device_cookie_name(secure),
        note,
        max_age=int(REMEMBERED.total_seconds()),
        path="/",
        httponly=True,
        secure=secure,
        samesite="Lax",
    )
