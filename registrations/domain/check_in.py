"""At the door: what a scan means. Green lets in, amber asks for a look, red says no and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from registrations.facts import BookingStatus

UNDO_WITHIN = timedelta(minutes=15)
"""A check-in may be taken back this long: a slip of the finger, not a change of history."""

CODE_LENGTH = 8
_MISREAD = str.maketrans({"0": "o", "1": "i", "8": "b"})
"""Digits that a ticket's code (base32: a to z, 2 to 7) does not have, and the letters they were."""


class Verdict(StrEnum):
    ADMITTED = "admitted"
    ALREADY = "already"
    OTHER_EVENT = "other_event"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    UNDONE = "undone"


class Light(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


LIGHTS = {
    Verdict.ADMITTED: Light.GREEN,
    Verdict.ALREADY: Light.AMBER,
    Verdict.OTHER_EVENT: Light.RED,
    Verdict.WAITING: Light.AMBER,
    Verdict.CANCELLED: Light.RED,
    Verdict.UNKNOWN: Light.RED,
    Verdict.UNDONE: Light.AMBER,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the booking that was scanned."""

    booking_id: UUID
    event_id: UUID
    status: BookingStatus


def judge(standing: Standing | None, event_id: UUID) -> Verdict:
    """What a scan at the door of `event_id` means for this booking."""
    if standing is None:
        return Verdict.UNKNOWN
    if standing.event_id != event_id:
        return Verdict.OTHER_EVENT
    match standing.status:
        case BookingStatus.CONFIRMED | BookingStatus.NO_SHOW:
            return Verdict.ADMITTED
        case BookingStatus.ATTENDED:
            return Verdict.ALREADY
        case BookingStatus.CANCELLED:
            return Verdict.CANCELLED
        case BookingStatus.HELD | BookingStatus.WAITING | BookingStatus.OFFERED:
            return Verdict.WAITING


def may_undo(scanned_at: datetime, moment: datetime) -> bool:
    return moment - scanned_at <= UNDO_WITHIN


def code_of(token: str) -> str:
    """The short code on a ticket: the first characters of its token. Staff find a booking by it; it opens nothing."""
    return token[:CODE_LENGTH]


def shown(code: str) -> str:
    """A code as it is printed and read aloud: `K3F7-9Q2M`."""
    return f"{code[:4]}-{code[4:]}".upper()


def typed(text: str) -> str | None:
    """The code that someone typed, or None where it is none: case, dashes, spaces and misread digits aside."""
    code = "".join(one for one in text.lower() if one.isalnum()).translate(_MISREAD)
    return code if len(code) == CODE_LENGTH and code.isascii() else None


def scanned(text: str) -> str | None:
    """The ticket's token in what a scanner read: the address in the QR code, or the token alone."""
    token = text.strip().rstrip("/").rpartition("/")[2].lower()
    return token if len(token) == 26 and token.isalnum() and token.isascii() else None
