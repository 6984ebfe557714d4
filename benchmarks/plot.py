"""A plot with logarithmic axes as SVG: lines over sizes, each with its name at its end.

Path("growth.svg").write_text(drawn("How costs grow", "bookings", "ms", sizes, {"one booking": (1.2, 1.3, 1.2)}))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 260, 50, 50
COLOURS = ("#0b5d7a", "#b3541e", "#3f7d3a", "#7a3b8f", "#8a6d00", "#a3123f", "#4a4a4a", "#00695c")
APART = 17
"""Pixels between two names."""


def drawn(title: str, across: str, up: str, sizes: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """The picture. `sizes` and all values are above 0; each line has a value per size."""
    values = [value for line in lines.values() for value in line]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    first, last = log10(sizes[0]), log10(sizes[-1])

    def x(size: float) -> float:
        return LEFT + (log10(size) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>',
            f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} {escape(up)}</text>',
        ]
    for size in sizes:
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - 26}" text-anchor="middle">{size:,}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>'
    )
    for (name, line), colour, place in zip(
        lines.items(), COLOURS, _apart([y(line[-1]) for line in lines.values()]), strict=False
    ):
        points = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in zip(sizes, line, strict=True))
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{WIDTH - RIGHT + 10}" y="{place + 4:.1f}" fill="{colour}">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def _apart(places: Sequence[float]) -> list[float]:
    """The places in their order, moved down where names would lie on each other."""
    found = [0.0] * len(places)
    before = float("-inf")
    for index in sorted(range(len(places)), key=lambda one: places[one]):
        before = found[index] = max(places[index], before + APART)
    return found
