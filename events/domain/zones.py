"""Wall clock and UTC: what an organiser writes is local time, what we keep is UTC, and clocks change twice a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

ZONES: Mapping[str, ZoneInfo] = {name: ZoneInfo(name) for name in sorted(available_timezones())}
"""Every zone, read once at the start: a lookup later would read a file in the middle of a request."""

OFFERED = (
    "Europe/Oslo",
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Europe/Brussels",
    "Europe/Copenhagen",
    "Europe/Helsinki",
    "Europe/London",
    "Europe/Paris",
    "Europe/Prague",
    "Europe/Reykjavik",
    "Europe/Riga",
    "Europe/Rome",
    "Europe/Stockholm",
    "Europe/Vienna",
    "Europe/Vilnius",
    "Europe/Warsaw",
    "Europe/Zurich",
    "Europe/Madrid",
    "Europe/Kyiv",
    "UTC",
)
"""What the form offers; the API takes every zone of the tz database."""


class NoSuchTime(ValueError):
    """The wall clock skips this time: clocks go forward over it."""


def to_utc(wall: datetime, zone: str) -> datetime:
    """The moment at which a wall clock in `zone` shows `wall` (naive).

    A time that comes twice, as clocks go back, means the first of the two (PEP 495, fold=0), or the second where `wall`
    has fold=1. One that never comes raises `NoSuchTime`.
    """
    moment = wall.replace(tzinfo=ZONES[zone]).astimezone(UTC)
    if to_wall(moment, zone) != wall.replace(fold=0):
        raise NoSuchTime(f"{wall} does not exist in {zone}")
    return moment


def to_utc_or_later(wall: datetime, zone: str) -> datetime:
    """As `to_utc`, but a time that never comes is moved on by as much as the clock skips."""
    return wall.replace(tzinfo=ZONES[zone]).astimezone(UTC)


def comes_twice(wall: datetime, zone: str) -> bool:
    """Whether the wall clock in `zone` shows `wall` (naive) at two moments, since clocks go back over it."""
    first, second = (wall.replace(tzinfo=ZONES[zone], fold=fold).astimezone(UTC) for fold in (0, 1))
    return first < second


def turns_back(starts_at: datetime, ends_at: datetime, zone: str) -> bool:
    """Whether clocks go back at some time between two moments (to the hour)."""
    hours = int((ends_at - starts_at) / timedelta(hours=1)) + 2
    offsets = [(starts_at + timedelta(hours=number)).astimezone(ZONES[zone]).utcoffset() for number in range(hours)]
    return any(later < earlier for earlier, later in pairwise(offsets) if earlier is not None and later is not None)


def turn_of(moment: datetime, zone: str) -> int | None:
    """0 or 1 where the wall clock shows `moment`'s time twice and it is the first or the second; None where once."""
    local = moment.astimezone(ZONES[zone])
    return local.fold if comes_twice(local.replace(tzinfo=None, fold=0), zone) else None


def to_wall(moment: datetime, zone: str) -> datetime:
    """What a wall clock in `zone` shows at `moment`, naive."""
    return moment.astimezone(ZONES[zone]).replace(tzinfo=None, fold=0)


def local_days(starts_at: datetime, ends_at: datetime, zone: str) -> list[datetime]:
    """Midnights (naive) of the days a stretch of time touches in its zone; one that ends at midnight, no further."""
    first = to_wall(starts_at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = to_wall(ends_at - timedelta(microseconds=1), zone)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
