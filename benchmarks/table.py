"""The table: each figure beside its baseline, what it is held to and what is aimed at; the same as JSON.

A figure with a baseline is held to by its ratio, one without by its value. `least` is a floor, or a ceiling where less
is better.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ground import Ground
from benchmarks.rounds import Rounds


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One line of the table."""

    name: str
    what: str
    unit: str
    measure: Callable[[Ground], Awaitable[Rounds]]
    at_least: float | None = None
    """None: shown and not held to; what it must fulfil is asserted while it runs."""
    aim: float | None = None
    baseline: str = ""
    less_is_better: bool = False

    def holds(self, found: float, bound: float | None) -> bool:
        """Whether a figure keeps to a bound."""
        return bound is None or (found <= bound if self.less_is_better else found >= bound)


@dataclass(frozen=True, slots=True)
class Line:
    """A benchmark and what came of it; `failed` where it could not be measured or what it did was wrong."""

    benchmark: Benchmark
    rounds: Rounds | None
    failed: str = ""

    @property
    def judged(self) -> float:
        """What is held against the bounds."""
        assert self.rounds is not None
        return self.rounds.value if self.rounds.ratio is None else self.rounds.ratio

    @property
    def holds(self) -> bool:
        return self.rounds is not None and self.benchmark.holds(self.judged, self.benchmark.at_least)

    @property
    def verdict(self) -> str:
        if not self.holds:
            return "falls short"
        aims = self.benchmark.aim is not None and self.benchmark.holds(self.judged, self.benchmark.aim)
        return "reaches the aim" if aims else "holds"

    def as_json(self) -> dict[str, Any]:
        rounds = self.rounds
        return {
            "what": self.benchmark.what,
            "value": rounds and rounds.value,
            "unit": self.benchmark.unit,
            "baseline": rounds and rounds.baseline,
            "ratio": rounds and rounds.ratio,
            "spread": _ends(rounds.ratios or rounds.values) if rounds else None,
            "at_least": self.benchmark.at_least,
            "aim": self.benchmark.aim,
            "holds": self.holds,
            "note": self.failed or (rounds.note if rounds else ""),
        }


def show(lines: Sequence[Line], console: Console) -> None:
    """Print the table."""
    table = Table(box=None, pad_edge=False)
    for heading in ("figure", "measured", "baseline", "ratio", "at least", "aim", ""):
        table.add_column(heading, justify="left" if heading in {"figure", ""} else "right")
    for line in lines:
        one, rounds = line.benchmark, line.rounds
        if rounds is None:
            table.add_row(one.what, "–", "–", "–", number(one.at_least), number(one.aim), f"[red]{line.failed}[/red]")
            continue
        value = f"{number(rounds.value)} {one.unit}" + ("" if rounds.baselines else spread(rounds.values))
        ratio = "–" if rounds.ratio is None else f"{number(rounds.ratio)}{spread(rounds.ratios)}"
        baseline = "–" if rounds.baseline is None else f"{number(rounds.baseline)} {one.unit}"
        words = line.verdict if line.holds else f"[red]{line.verdict}[/red]"
        bounds = [number(one.at_least), number(one.aim)]
        table.add_row(one.what, value, baseline, ratio, *bounds, words)
        if rounds.note or one.baseline:
            said = "; ".join(part for part in (one.baseline and f"against {one.baseline}", rounds.note) if part)
            table.add_row(f"  [dim]{said}[/dim]")
    console.print(table)


def write(lines: Sequence[Line], path: Path) -> None:
    """`{name: {value, unit, baseline, ratio, at_least, aim, holds}}`; what other runs measured stays beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    found = {**before, **{line.benchmark.name: line.as_json() for line in lines}}
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def number(value: float | None) -> str:
    """Three figures that tell."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    return f" ({number(min(values))} to {number(max(values))})" if len(values) > 1 else ""


def _ends(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)]
