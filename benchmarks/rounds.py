"""Rounds of a measurement, its own and its baseline's by turns, so that both meet the same weather."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

Measurement = Callable[[], Awaitable[float]]
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Rounds:
    """Round by round what was measured, and the baseline beside it where there is one."""

    values: Sequence[float]
    baselines: Sequence[float] = ()
    note: str = ""
    """What the table says besides."""

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def baseline(self) -> float | None:
        return median(self.baselines) if self.baselines else None

    @property
    def ratios(self) -> list[float]:
        """Of each round alone: what disturbed a round disturbed both its halves."""
        if not self.baselines:
            return []
        return [value / baseline for value, baseline in zip(self.values, self.baselines, strict=True)]

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.baselines else None


async def by_turns(measured: Measurement, baseline: Measurement, rounds: int = ROUNDS) -> Rounds:
    """Both once to warm up, then by turns."""
    await baseline()
    await measured()
    values, baselines = [], []
    for _ in range(rounds):
        baselines.append(await baseline())
        values.append(await measured())
    return Rounds(values, baselines)


async def alone(measured: Measurement, rounds: int = ROUNDS) -> Rounds:
    """Once to warm up, then round after round; for what is held to a figure of its own."""
    await measured()
    return Rounds([await measured() for _ in range(rounds)])
