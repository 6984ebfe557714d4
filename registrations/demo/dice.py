"""Chance that is the same every time: drawn from the day and what is drawn for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

T = TypeVar("T")


def dice(day: date, *what: str) -> random.Random:
    return random.Random(f"{day.isoformat()} {' '.join(what)}")  # noqa: S311 - the demo's dice, not a secret


def about(rolls: random.Random, mean: float) -> int:
    """A whole number around `mean`: its whole part, and one more as often as its fraction says."""
    return int(mean) + (rolls.random() < mean % 1)


def one_of(rolls: random.Random, weighted: Sequence[tuple[T, float]]) -> T:
    """One of these, as often as its weight says."""
    return rolls.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]
