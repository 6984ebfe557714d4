"""Drawing in SVG by numbers: shapes with presentation attributes, paths by steps, chance from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

Point = tuple[float, float]


class Chance:
    """Numbers that follow from a seed alone: the same on every machine and in every year."""

    def __init__(self, seed: bytes) -> None:
        self._numbers = self._draw(seed)

    @staticmethod
    def _draw(seed: bytes) -> Iterator[float]:
        count = 0
        while True:
            digest = hashlib.sha256(seed + count.to_bytes(4, "big")).digest()
            for at in range(0, 32, 4):
                yield int.from_bytes(digest[at : at + 4], "big") / 2**32
            count += 1

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * next(self._numbers)

    def whole(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return low + int(next(self._numbers) * (high - low + 1))

    def maybe(self, share: float) -> bool:
        """True in `share` of all cases."""
        return next(self._numbers) < share


def step(letter: str, *points: Point) -> str:
    """One step of a path: `step("C", a, b, c)`. Small letters count from where the pen is."""
    return letter + " ".join(f"{_short(x)} {_short(y)}" for x, y in points)


def path(d: str, **attributes: str | float) -> str:
    return f'<path d="{d}"{_written(attributes)}/>'


def line(d: str, colour: str, width: float, **attributes: str | float) -> str:
    """A stroke with round ends, not filled."""
    ends: dict[str, str | float] = {"stroke_linecap": "round", "stroke_linejoin": "round", "fill": "none"}
    return path(d, stroke=colour, stroke_width=width, **{**ends, **attributes})


def circle(x: float, y: float, radius: float, **attributes: str | float) -> str:
    return f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{_short(radius)}"{_written(attributes)}/>'


def box(x: float, y: float, width: float, height: float, round_by: float = 0, **attributes: str | float) -> str:
    corners: dict[str, str | float] = {"rx": round_by} if round_by else {}
    sides = f'x="{_short(x)}" y="{_short(y)}" width="{_short(width)}" height="{_short(height)}"'
    return f"<rect {sides}{_written({**corners, **attributes})}/>"


def _written(attributes: dict[str, str | float]) -> str:
    """`fill_opacity=.5` as ` fill-opacity="0.5"`."""
    parts = (
        f' {name.replace("_", "-")}="{value if isinstance(value, str) else _short(value)}"'
        for name, value in attributes.items()
    )
    return "".join(parts)


def _short(number: float) -> str:
    """As few digits as the eye misses none of: whole from 20 on, two behind the point for what is smaller than one."""
    if abs(number) >= 20:
        return f"{number:.0f}"
    return f"{number:.{2 if abs(number) < 1 else 1}f}".rstrip("0").rstrip(".")
