"""When what is told: which message follows from which state, and that nobody is reminded at night. No I/O."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from events.facts import EventStatus, SlotStatus
from registrations.facts import Awaits, BookingStatus, Cause

WAKES = time(8)
SLEEPS = time(20)
"""Reminders go out between these hours where the event is; confirmations and cancellations at once, since they answer
or warn."""

REMIND_BEFORE = timedelta(hours=24)
LEAST_NOTICE = timedelta(hours=3)
"""Closer to the start than this, a reminder tells nobody anything."""

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
GIVE_UP = timedelta(days=3)
PATIENCE = timedelta(minutes=1)


class Kind(StrEnum):
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CHANGED = "changed"
    MOVED = "moved"
    EVENT_CHANGED = "event_changed"
    CANCELLED = "cancelled"
    AGAIN = "again"
    REMINDER = "reminder"
    INTEREST = "interest"
    ADDRESS = "address"
    ASKED = "asked"
    DECLINED = "declined"
    HAND_OVER = "hand_over"  # to who is asked to take a booking
    HANDED_OVER = "handed_over"  # to who gave it
    ASKED_TO_MOVE = "asked_to_move"
    MAY_STAY = "may_stay"
    NOT_DRAWN = "not_drawn"  # lots gave a place in line, and no place
    MESSAGE = "message"  # what an organiser wrote to those who were chosen


LIVE = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED})

# What must be so when a message about a booking goes out; otherwise it is overtaken. AGAIN leads to the booking
# whatever its state.
TRUE_WHILE: dict[Kind, frozenset[BookingStatus]] = {
    Kind.CONFIRMED: frozenset({BookingStatus.CONFIRMED, BookingStatus.ATTENDED}),
    Kind.WAITLISTED: frozenset({BookingStatus.WAITING}),
    Kind.OFFERED: frozenset({BookingStatus.OFFERED}),
    Kind.CHANGED: LIVE,
    Kind.MOVED: LIVE,
    Kind.EVENT_CHANGED: LIVE,
    Kind.CANCELLED: frozenset({BookingStatus.CANCELLED}),
    Kind.AGAIN: frozenset(BookingStatus),
    Kind.REMINDER: frozenset({BookingStatus.CONFIRMED}),
    Kind.ADDRESS: frozenset({BookingStatus.HELD, BookingStatus.WAITING}),
    Kind.ASKED: frozenset({BookingStatus.HELD, BookingStatus.WAITING}),
    Kind.DECLINED: frozenset({BookingStatus.CANCELLED}),
    Kind.HAND_OVER: frozenset({BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED}),
    Kind.HANDED_OVER: frozenset(BookingStatus),
    Kind.ASKED_TO_MOVE: frozenset({BookingStatus.CONFIRMED}),
    Kind.MAY_STAY: frozenset({BookingStatus.CONFIRMED}),
    Kind.NOT_DRAWN: frozenset({BookingStatus.WAITING}),
    Kind.MESSAGE: frozenset(BookingStatus) - {BookingStatus.CANCELLED},
}

AWAITED: dict[str | None, Kind] = {Awaits.ADDRESS: Kind.ADDRESS, Awaits.APPROVAL: Kind.ASKED}
"""What a visitor is told of a booking, held or in line, by what it waits for."""

TO_ANOTHER = frozenset({Kind.HAND_OVER, Kind.HANDED_OVER})
"""Messages about a booking to one whose booking it is not: without its ticket, without the link that opens it."""

CARRIES_ENTRY = frozenset(
    {Kind.CONFIRMED, Kind.CHANGED, Kind.MOVED, Kind.EVENT_CHANGED, Kind.CANCELLED, Kind.AGAIN, Kind.HANDED_OVER}
)
"""Messages with a calendar entry; a reminder repeats none."""


def still_true(kind: Kind, status: BookingStatus) -> bool:
    """Whether a planned message still says what is so."""
    return status in TRUE_WHILE[kind]


def still_theirs(kind: Kind, recipient: UUID, story: Any) -> bool:
    """Whether a planned message still goes to the right one: a booking that was handed over is told of to who has it,
    and a booking waits for one thing at a time."""
    if kind in AWAITED.values() and AWAITED.get(story["awaits"]) is not kind:
        return False
    has_it: bool = recipient == story["visitor_id"]
    return has_it is not (kind in TO_ANOTHER)


def reason_unheard(kind: Kind, story: Any, waited: timedelta) -> bool:
    """Whether a cancellation comes from the event, and what became of that is not heard yet: a minute's patience, since
    its two reasons are told differently."""
    return (
        kind is Kind.CANCELLED
        and story["cause"] == Cause.EVENT
        and story["event_status"] != EventStatus.CANCELLED
        and story["slot_status"] != SlotStatus.CLOSED
        and waited < PATIENCE
    )


def awake(moment: datetime, zone: str) -> datetime:
    """`moment`, or where it falls into the night the evening before it: earlier warns better than later. UTC in, UTC
    out."""
    there = ZoneInfo(zone)
    local = moment.astimezone(there)
    if local.time() < WAKES:
        local = datetime.combine(local.date() - timedelta(days=1), SLEEPS, there) - timedelta(hours=1)
    elif local.time() >= SLEEPS:
        local = datetime.combine(local.date(), SLEEPS, there) - timedelta(hours=1)
    return local.astimezone(moment.tzinfo)


def remind_at(starts_at: datetime, zone: str, now: datetime) -> datetime | None:
    """When to remind of something that starts at `starts_at`: a day before, by day. Booked late: at the next waking
    hour. None where that would be within three hours of the start."""
    due = awake(starts_at - REMIND_BEFORE, zone)
    if due < now:
        due = next_waking(now, zone)
    return due if due <= starts_at - LEAST_NOTICE else None


def next_waking(moment: datetime, zone: str) -> datetime:
    """`moment` where people are awake, else when they next will be. UTC in, UTC out."""
    there = ZoneInfo(zone)
    local = moment.astimezone(there)
    if local.time() < WAKES:
        return datetime.combine(local.date(), WAKES, there).astimezone(moment.tzinfo)
    if local.time() >= SLEEPS:
        return datetime.combine(local.date() + timedelta(days=1), WAKES, there).astimezone(moment.tzinfo)
    return moment


def given_up(tried_since: datetime, now: datetime) -> bool:
    """Whether a delivery first tried at `tried_since` has waited long enough: for a server, or for its story."""
    return now - tried_since > GIVE_UP


def retry_at(attempts: int, tried_since: datetime, now: datetime) -> datetime | None:
    """When to try again after `attempts` vain tries; None where three days have passed since the first."""
    return None if given_up(tried_since, now) else now + RETRIES[min(attempts, len(RETRIES)) - 1]
