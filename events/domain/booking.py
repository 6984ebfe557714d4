"""Whether a visitor can book now, as the public page says it: from the event, the clock and the places last told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events.domain.state import Event, Places
from events.facts import Unit


class Door(StrEnum):
    """What stands on the door of an event or a slot."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    OVER = "over"
    NOT_YET = "not_yet"  # registration opens later
    CLOSED = "closed"  # registration has ended
    SHORTLY = "shortly"  # registrations has not told us of its places yet
    FULL = "full"  # one can still wait in line
    OPEN = "open"


BOOKABLE = frozenset({Door.OPEN, Door.FULL})
"""Doors that lead to the booking page."""


def door(event: Event, places: Places | None, starts_at: datetime, ends_at: datetime, moment: datetime) -> Door:
    """The door of a place at an event: of one slot, or of the event itself with the event's own times.

    Registration ends when the organiser says so, else when the slot (or the event) begins.
    """
    if event.is_cancelled:
        return Door.CANCELLED
    if event.is_draft:
        return Door.DRAFT
    if moment >= ends_at:
        return Door.OVER
    if event.registration_opens_at is not None and moment < event.registration_opens_at:
        return Door.NOT_YET
    if moment >= (event.registration_closes_at or starts_at) or moment >= starts_at:
        return Door.CLOSED
    if places is None:
        return Door.SHORTLY
    return Door.OPEN if places.left else Door.FULL


def together(event: Event, doors: Sequence[Door], moment: datetime) -> Door:
    """The door of a whole event from those of all its places: the most welcoming of them."""
    if event.is_cancelled:
        return Door.CANCELLED
    if event.is_draft:
        return Door.DRAFT
    if moment >= event.ends_at:
        return Door.OVER
    for one in (Door.OPEN, Door.FULL, Door.SHORTLY, Door.NOT_YET):
        if one in doors:
            return one
    return Door.CLOSED


def fewest(places: Iterable[Places]) -> Places | None:
    """Of several pools that a place draws on, the one with the fewest left."""
    return min(places, key=lambda one: one.left, default=None)


@dataclass(frozen=True, slots=True)
class Booked:
    """Who has booked some places and hears of it when they change, as registrations last told.

    Of places that are counted in persons nobody tells us how many bookings they are.
    """

    households: int
    persons: int
    waiting: int
    """Bookings that wait, whatever the unit."""

    def __bool__(self) -> bool:
        return bool(self.households or self.persons or self.waiting)


def booked(places: Iterable[Places]) -> Booked:
    """Who has booked these. Pools that lie across several places, and children, are counted where they are booked."""
    own = [one for one in places if one.scope == "place"]
    return Booked(
        households=sum(one.used for one in own if one.unit == Unit.HOUSEHOLDS),
        persons=sum(one.used for one in own if one.unit == Unit.PERSONS),
        waiting=sum(one.waiting for one in own),
    )
