"""A month or a week as a calendar page: days from Monday to Sunday, with what happens on each of its own zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Day(Generic[T]):
    on: date
    inside: bool
    """Whether it belongs to the month shown, not to the one before or after."""
    things: tuple[T, ...]


def first_of(day: date) -> date:
    return day.replace(day=1)


def month_after(first: date, months: int = 1) -> date:
    """The first of the month so many months later, or earlier where negative; kept within the years dates can have."""
    number = min(max(first.year * 12 + first.month - 1 + months, 12), 9999 * 12 + 11)
    return date(number // 12, number % 12 + 1, 1)


def monday_of(day: date) -> date:
    """The Monday of its week, kept within the years that dates can have on both sides."""
    kept = min(max(day, date(2, 1, 1)), date(9998, 12, 31))
    return kept - timedelta(days=kept.weekday())


def weeks(first: date, things: Iterable[T], days_of: Callable[[T], Iterable[date]]) -> list[list[Day[T]]]:
    """The weeks that hold the month beginning at `first`; a thing stands on each of its days."""
    start = first - timedelta(days=first.weekday())
    end = month_after(first)
    whole = days_from(start, -(-(end - start).days // 7) * 7, things, days_of)
    marked = [Day(one.on, first <= one.on < end, one.things) for one in whole]
    return [marked[number : number + 7] for number in range(0, len(marked), 7)]


def days_from(first: date, many: int, things: Iterable[T], days_of: Callable[[T], Iterable[date]]) -> list[Day[T]]:
    """So many days from `first` on; a thing stands on each of its days."""
    by_day: dict[date, list[T]] = {}
    for thing in things:
        for day in days_of(thing):
            by_day.setdefault(day, []).append(thing)
    days = [first + timedelta(days=number) for number in range(many)]
    return [Day(day, True, tuple(by_day.get(day, ()))) for day in days]
