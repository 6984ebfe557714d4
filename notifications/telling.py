"""Which message follows from which step of a booking. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from notifications.domain import AWAITED, Kind
from registrations.facts import (
    Awaits,
    BookingAskedAgain,
    BookingAskedToMove,
    BookingCancelled,
    BookingChanged,
    BookingConfirmed,
    BookingDrawn,
    BookingFact,
    BookingHandedOver,
    BookingHeld,
    BookingMayStay,
    BookingMoved,
    BookingOffered,
    BookingRenewed,
    BookingStatus,
    BookingWaitlisted,
    Cause,
)

FOLLOWS: dict[type[BookingFact], Kind] = {
    BookingConfirmed: Kind.CONFIRMED,
    BookingWaitlisted: Kind.WAITLISTED,
    BookingOffered: Kind.OFFERED,
    BookingChanged: Kind.CHANGED,
    BookingMoved: Kind.MOVED,
    BookingCancelled: Kind.CANCELLED,
    BookingAskedAgain: Kind.AGAIN,
    BookingAskedToMove: Kind.ASKED_TO_MOVE,
    BookingMayStay: Kind.MAY_STAY,
    BookingDrawn: Kind.NOT_DRAWN,
}


STANDS: dict[BookingStatus, Kind] = {
    BookingStatus.CONFIRMED: Kind.CONFIRMED,
    BookingStatus.WAITING: Kind.WAITLISTED,
    BookingStatus.OFFERED: Kind.OFFERED,
}
"""What tells where a booking stands: a new visitor who took it over, or one whose address was wrong until now."""

ANEW = frozenset({*STANDS.values(), *AWAITED.values()})
"""Of these the newest alone is told, once what was told before opens nothing any more."""


def told(fact: BookingFact, before: Any) -> Iterator[Kind]:
    """What the visitor is told of a step; `before` is how the booking was known until then, if it was."""
    if fact.cause is Cause.ERASURE or _silent_end(fact, before):
        return
    kind = FOLLOWS.get(type(fact))
    if isinstance(fact, BookingHeld):
        kind = AWAITED.get(fact.awaits)
    elif isinstance(fact, BookingHandedOver):
        kind = STANDS.get(fact.status)
    elif isinstance(fact, BookingRenewed):
        kind = AWAITED.get(fact.awaits) or STANDS.get(fact.status)
    elif kind is Kind.CANCELLED and _refused(fact, before):
        kind = Kind.DECLINED
    elif kind is Kind.AGAIN and fact.awaits is Awaits.ADDRESS:
        kind = Kind.ADDRESS
    elif kind is Kind.NOT_DRAWN and fact.awaits is not None:
        kind = None  # no lot gives a place to one who must answer first, or be answered
    elif kind is Kind.MOVED and fact.cause is Cause.EVENT and fact.previous_slot_id in (None, fact.slot_id):
        kind = None  # told from the slot's or event's own fact
    if fact.status is BookingStatus.CONFIRMED and (before is None or not before["welcomed"]):
        # Whatever this fact says: the one that confirmed the booking was lost, or came late and is stale now.
        yield Kind.CONFIRMED
        if kind not in (Kind.ASKED_TO_MOVE, Kind.MAY_STAY):
            return
    if kind is not None:
        yield kind


def _refused(fact: BookingFact, before: Any) -> bool:
    """Whether a booking that waited for the organiser's yes got a no, or no answer."""
    asked = before is not None and before["awaits"] == Awaits.APPROVAL
    return asked and fact.cause in (Cause.STAFF, Cause.EXPIRY)


def _silent_end(fact: BookingFact, before: Any) -> bool:
    """Whether a booking ends of which nobody need hear: whose address was never confirmed, or who stood in line when
    the time was over. Nothing was promised, so nothing is taken back."""
    if before is None or fact.status is not BookingStatus.CANCELLED:
        return False
    waited = before["status"] == BookingStatus.WAITING and fact.cause is Cause.EXPIRY
    return bool(waited or before["awaits"] == Awaits.ADDRESS)
