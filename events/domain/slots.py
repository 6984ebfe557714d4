"""Slots by rule and moved along: stretches of real time laid out by a wall clock, right across daylight saving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import TypeVar

from events.domain.refusal import Refusal
from events.domain.zones import NoSuchTime, to_utc, to_utc_or_later, to_wall
from services.pages.languages import msgid

MOST_SLOTS = 500
"""What one rule may make: two days of a fair at twenty tables, and a slip of the finger is not ten thousand rows."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time at a table of a stand: from `starts_at` until just before `ends_at`, UTC."""

    starts_at: datetime
    ends_at: datetime
    desk: int = 1

    def overlaps(self, other: Stretch) -> bool:
        """Whether both take the same table at some moment; one may begin as the other ends."""
        return self.desk == other.desk and self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class SlotRule:
    """Each day from `first_day` to `last_day`, from `opens` until `closes` by the wall clock: slots of `length`, with a
    `pause` after each, at `desks` tables side by side. Closing at 00:00 is closing at the day's end."""

    first_day: date
    last_day: date
    opens: time
    closes: time
    length: timedelta
    pause: timedelta = timedelta(0)
    desks: int = 1


def slots_by_rule(rule: SlotRule, zone: str) -> list[Stretch]:
    """The slots a rule makes, in order of time, then table.

    A slot lasts its length in real time, also on the night when clocks change: such a day's window is an hour longer or
    shorter and holds so many slots more or fewer. Raises `Refusal` naming the field: for a window that ends before it
    begins, a time that does not exist that day, no slot at all, or more than `MOST_SLOTS`.
    """
    if rule.last_day < rule.first_day:
        raise Refusal("ends-before-it-begins", msgid("The last day is before the first."), field="last_day")
    if rule.closes <= rule.opens and rule.closes != time(0):
        raise Refusal("ends-before-it-begins", msgid("This is not after the time it opens."), field="closes")
    made: list[Stretch] = []
    for number in range((rule.last_day - rule.first_day).days + 1):
        day = rule.first_day + timedelta(days=number)
        opens = _at(day, rule.opens, zone, "opens")
        closes = (
            _at(day + timedelta(days=1), rule.closes, zone, "closes")
            if rule.closes == time(0)
            else _at(day, rule.closes, zone, "closes")
        )
        start = opens
        while start + rule.length <= closes:
            made += [Stretch(start, start + rule.length, desk) for desk in range(1, rule.desks + 1)]
            if len(made) > MOST_SLOTS:
                raise Refusal(
                    "too-many-slots",
                    msgid("This would make more than {most} slots. Choose fewer days or longer slots."),
                    field="length",
                    most=MOST_SLOTS,
                )
            start += rule.length + rule.pause
    if not made:
        raise Refusal("no-slots", msgid("Not one slot of this length fits between these times."), field="length")
    return made


def _at(day: date, wall: time, zone: str, field: str) -> datetime:
    try:
        return to_utc(datetime.combine(day, wall), zone)
    except NoSuchTime:
        raise Refusal(
            "no-such-time",
            msgid("This time does not exist on {day}: clocks go forward over it."),
            field=field,
            day=day,
        ) from None


def first_clash(wanted: Iterable[Stretch], taken: Iterable[Stretch]) -> tuple[Stretch, Stretch] | None:
    """The first pair of a wanted stretch and another, wanted or taken, that overlap; None where all fit."""
    taken_first = sorted(
        [(one, False) for one in taken] + [(one, True) for one in wanted],
        key=lambda pair: (pair[0].desk, pair[0].starts_at),
    )
    for _, at_desk in groupby(taken_first, key=lambda pair: pair[0].desk):
        last: tuple[Stretch, bool] | None = None
        for one, is_wanted in at_desk:
            if last and (is_wanted or last[1]) and one.overlaps(last[0]):
                return (one, last[0]) if is_wanted else (last[0], one)
            if last is None or one.ends_at > last[0].ends_at:
                last = (one, is_wanted)
    return None


T = TypeVar("T", bound=Stretch)


def outside(stretches: Iterable[T], starts_at: datetime, ends_at: datetime) -> list[T]:
    """Those that begin before or end after what they belong to."""
    return [one for one in stretches if one.starts_at < starts_at or one.ends_at > ends_at]


def moved_along(stretches: Sequence[T], *, zone: str, start: datetime, to_zone: str, to_start: datetime) -> list[T]:
    """The same stretches after what they belong to has moved from `start` to `to_start`: same order as given.

    Each day's first stretch keeps its distance on the wall clock from the start, and the others of that day their
    distance in real time from the first, so that a day's plan stays whole when a change of clocks lies between.
    """
    shift = to_wall(to_start, to_zone) - to_wall(start, zone)
    anchors: dict[date, datetime] = {}
    for one in sorted(stretches, key=lambda one: one.starts_at):
        anchors.setdefault(to_wall(one.starts_at, zone).date(), one.starts_at)
    moved = []
    for one in stretches:
        anchor = anchors[to_wall(one.starts_at, zone).date()]
        begins = to_utc_or_later(to_wall(anchor, zone) + shift, to_zone) + (one.starts_at - anchor)
        moved.append(replace(one, starts_at=begins, ends_at=begins + (one.ends_at - one.starts_at)))
    return moved
