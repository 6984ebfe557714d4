"""A month as a calendar page: weeks from Monday to Sunday, with what happens on each day of its own zone."""

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


def weeks(first: date, things: Iterable[T], days_of: Callable[[T], Iterable[date]]) -> list[list[Day[T]]]:
    """The weeks that hold the month beginning at `first`; a thing stands on each of its days."""
    by_day: dict[date, list[T]] = {}
    for thing in things:
        for day in days_of(thing):
            by_day.setdefault(day, []).append(thing)
    start = first - timedelta(days=first.weekday())
    end = month_after(first)
    found = []
    while start < end:
        week = [start + timedelta(days=number) for number in range(7)]
        found.append([Day(day, first <= day < end, tuple(by_day.get(day, ()))) for day in week])
        start += timedelta(days=7)
    return found
