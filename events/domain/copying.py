"""What an event's times come to at another date: all by the wall clock's distance from its start, right across daylight
saving."""

from __future__ import annotations

from datetime import datetime

from events.domain.state import Event
from events.domain.zones import to_utc_or_later, to_wall


def end_of_copy(old: Event, starts_at: datetime) -> datetime:
    """When a copy that begins at `starts_at` (UTC) ends, so that an event from ten to four stays one from ten to
    four."""
    ends_at = _as_far(old, old.ends_at, starts_at)
    return ends_at if ends_at > starts_at else starts_at + (old.ends_at - old.starts_at)


def registration_of_copy(old: Event, starts_at: datetime, ends_at: datetime) -> tuple[datetime | None, datetime | None]:
    """When registration opens and closes (UTC) for a copy from `starts_at` to `ends_at`: as many days before it as for
    the first one, at the same time of day. None where the first one says nothing.

    It closes after it opens, and with the event at the latest, also where clocks skip what lay between.
    """
    opens_at, closes_at = (
        moment and _as_far(old, moment, starts_at) for moment in (old.registration_opens_at, old.registration_closes_at)
    )
    if closes_at is None or opens_at is None:
        return opens_at, closes_at and min(closes_at, ends_at)
    assert old.registration_opens_at is not None and old.registration_closes_at is not None
    lasts = old.registration_closes_at - old.registration_opens_at
    closes_at = min(closes_at if closes_at > opens_at else opens_at + lasts, ends_at)
    return opens_at if opens_at < closes_at else closes_at - lasts, closes_at


def _as_far(old: Event, moment: datetime, starts_at: datetime) -> datetime:
    """`moment` (UTC) as far from a start at `starts_at` as it is from the old one, on the event's wall clock."""
    zone = old.time_zone
    distance = to_wall(moment, zone) - to_wall(old.starts_at, zone)
    return to_utc_or_later(to_wall(starts_at, zone) + distance, zone)
