"""The short cookie behind "my booking": a link from a mail is exchanged for it, so that the address stays clean.

It names one booking for an hour, signed by us, and is worthless once that booking's links were renewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel

from services.http.call import Call

LASTS = timedelta(hours=1)
_PURPOSE = "my-booking"
MARK = "made_for"
"""The field of forms, and the parameter of links, that says which booking a page was made for."""


@dataclass(frozen=True, slots=True)
class Remembered:
    programme_id: UUID
    booking_id: UUID
    rotation: int
    awaits: str | None = None
    """What the booking needs before it counts, as the link was opened; not kept in the cookie."""
    called_off: bool = False
    """The organiser ended it, as the link was opened; not kept in the cookie either."""


class Marked(BaseModel):
    """What every form of "my booking" has in common."""

    made_for: str = ""


def mark(call: Call, who: Remembered) -> str:
    """What a page that shows this booking sends along: opens nothing, and fits no other booking, nor this one in other
    hands."""
    return call.context.keys.token("my-booking-page", who.booking_id, who.rotation)


def remember(call: Call, response: StreamResponse, who: Remembered) -> None:
    """Set the cookie; Strict, since nobody comes from another site to a page without a token."""
    until = call.context.clock.now() + LASTS
    text = f"{who.programme_id}.{who.booking_id}.{who.rotation}.{int(until.timestamp())}"
    secure = call.context.settings.secure
    response.set_cookie(
        _name(secure),
        call.context.keys.sign(_PURPOSE, text),
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Strict",
    )


def recall(call: Call) -> Remembered | None:
    """Who the cookie names; None where there is none, it is forged, or its hour is over."""
    value = call.request.cookies.get(_name(call.context.settings.secure))
    text = call.context.keys.unsign(_PURPOSE, value) if value else None
    if text is None:
        return None
    programme_id, booking_id, rotation, until = text.split(".")
    if datetime.fromtimestamp(int(until), UTC) <= call.context.clock.now():
        return None
    return Remembered(UUID(programme_id), UUID(booking_id), int(rotation))


def forget(call: Call, response: StreamResponse) -> None:
    secure = call.context.settings.secure
    response.del_cookie(_name(secure), path="/", secure=secure, httponly=True, samesite="Strict")


def _name(secure: bool) -> str:
    return "__Host-booking" if secure else "booking"
