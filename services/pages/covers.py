"""Covers: a picture for everything that has an id, drawn from its own data, never the same twice and always ours.

    cover(event.id, event.starts_at, "fair")

A coast in flat colours: sky and light by the hour of day and the season (`sky.py`), mountains, skerries with lichen or
snow, weather, and always one lit window. The id decides where everything stands; `kind` what is built there. Presentation
attributes only, no ids and no styles, so the strict CSP holds and a page can show as many as it likes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from markupsafe import Markup

from services.pages.motifs import house, motif
from services.pages.sky import Light, light, mix

WIDTH, HEIGHT, HORIZON = 640, 360, 226
WEATHERS = ("clear", "clear", "clouds", "clouds", "showers", "mist")


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
        return next(self._numbers) < share


@lru_cache(maxsize=512)
def cover(seed: UUID, moment: datetime, kind: str = "event") -> Markup:
    """The picture of `seed` at `moment` (aware), as SVG that fills its box. Decoration: hidden from screen readers."""
    chance = Chance(seed.bytes + kind.encode())
    seen = light(moment)
    weather = WEATHERS[chance.whole(0, len(WEATHERS) - 1)]
    parts = [
        *_sky(seen, chance),
        *_heaven(seen, chance, weather),
        *_mountains(seen, chance),
        *_sea(seen, chance),
        *_islands(seen, chance, kind),
        *_weather(seen, chance, weather),
    ]
    return Markup(  # noqa: S704 — numbers and our own colours
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cover" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="xMidYMid slice" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _sky(seen: Light, chance: Chance) -> Iterator[str]:
    """Bands of light, each with a slow edge, darkest above."""
    yield f'<path fill="{seen.sky[0]}" d="M0 0H{WIDTH}V{HORIZON + 4}H0z"/>'
    for step, colour in enumerate(seen.sky[1:], 1):
        top = HORIZON * (0.08 + 0.16 * step) + chance.between(-8, 8)
        lift = chance.between(-16, 16)
        yield (
            f'<path fill="{colour}" d="M0 {top:.0f}C{WIDTH * 0.3:.0f} {top - lift:.0f} {WIDTH * 0.7:.0f} '
            f'{top + lift:.0f} {WIDTH} {top - lift / 3:.0f}V{HORIZON + 4}H0z"/>'
        )


def _sun(seen: Light) -> tuple[float, float]:
    """Where the sun stands in the picture: by its way along the sky, and its height."""
    return WIDTH * (0.5 + 0.36 * math.sin(math.radians(seen.way))), HORIZON - 6 - 4.4 * min(seen.height, 36)


def _heaven(seen: Light, chance: Chance, weather: str) -> Iterator[str]:
    """Sun with its halos, or moon and stars, and northern light on clear winter nights."""
    if seen.height > -2:
        x, y = _sun(seen)
        for radius, share in ((96, 0.14), (62, 0.2), (38, 0.3)):
            yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius}" fill="{seen.glow}" fill-opacity="{share}"/>'
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="21" fill="{mix(seen.glow, "#ffffff", 0.35)}"/>'
        return
    if seen.height < -7:
        stars = "".join(
            f"M{chance.between(0, WIDTH):.0f} {chance.between(4, HORIZON * 0.7):.0f}h0"
            for _ in range(chance.whole(26, 44))
        )
        yield f'<path d="{stars}" stroke="#dce9ee" stroke-width="1.6" stroke-linecap="round" stroke-opacity=".75"/>'
    if seen.height < -7 and weather in {"clear", "mist"}:
        yield from _northern_light(chance)
    x, y, size = chance.between(90, 550), chance.between(34, 96), chance.between(11, 15)
    yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{size * 2.6:.0f}" fill="#dbe6e6" fill-opacity=".08"/>'
    shade = seen.sky[1] if y > HORIZON * 0.24 else seen.sky[0]
    phase = chance.between(4, 13)
    yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{size:.0f}" fill="#eef0e2"/>'
    yield f'<circle cx="{x + phase:.0f}" cy="{y - 3:.0f}" r="{size:.0f}" fill="{shade}"/>'


def _northern_light(chance: Chance) -> Iterator[str]:
    for colour, share in (("#7fc9a4", 0.2), ("#9fdcae", 0.22), ("#a8c6d8", 0.14)):
        base, height = chance.between(60, 130), chance.between(50, 92)
        lean, wave = chance.between(-60, 60), chance.between(18, 44)
        yield (
            f'<path fill="{colour}" fill-opacity="{share}" d="M-20 {base:.0f}C150 {base - wave:.0f} 250 {base + wave:.0f} '
            f"390 {base:.0f}S590 {base - wave:.0f} 670 {base - 10:.0f}L{660 + lean:.0f} {base - height:.0f}"
            f'C520 {base - height - wave:.0f} 380 {base - height + wave:.0f} 250 {base - height:.0f}S40 {base - height - 8:.0f} -20 {base - height + 14:.0f}z"/>'
        )


def _mountains(seen: Light, chance: Chance) -> Iterator[str]:
    """Two ranges that rise straight out of the sea, with snow as the season has it."""
    for depth, tall in ((0.62, 84.0), (0.3, 56.0)):
        colour = mix(seen.far, seen.sky[-1], depth)
        points = [(-30.0, HORIZON + 2.0)]
        caps = []
        x = chance.between(-20, 60) if depth > 0.5 else chance.between(-40, 220)
        end = WIDTH + 30 if depth > 0.5 else x + chance.between(240, 420)
        while x < end:
            high, wide = tall * chance.between(0.45, 1.0), chance.between(42, 84)
            lean = chance.between(0.38, 0.62)
            left, peak, right = x, (x + wide * lean, HORIZON - high), x + wide
            floor = HORIZON - high * chance.between(0.05, 0.3)
            points += [(left, points[-1][1] if len(points) > 1 else HORIZON + 2.0), peak, (right, floor)]
            caps.append((peak, left, right, floor))
            x = right
        line = "".join(f"L{px:.0f} {py:.0f}" for px, py in points)
        yield f'<path fill="{colour}" d="M{points[0][0]:.0f} {HORIZON + 3}{line}V{HORIZON + 3}z"/>'
        share = 0.12 + 0.55 * seen.winter
        snow = "".join(_cap(peak, left, right, floor, share) for peak, left, right, floor in caps)
        yield f'<path fill="{mix(colour, seen.snow, 0.35 + 0.5 * seen.winter)}" d="{snow}"/>'


def _cap(peak: tuple[float, float], left: float, right: float, floor: float, share: float) -> str:
    """Snow on a summit: down both flanks by `share`, with a ragged edge."""
    x, y = peak
    down_left = (x + (left - x) * share, y + (floor - y) * share)
    down_right = (x + (right - x) * share, y + (floor - y) * share)
    width = down_right[0] - down_left[0]
    teeth = "".join(
        f"L{down_right[0] - width * at:.0f} {down_right[1] + (down_left[1] - down_right[1]) * at + drop:.0f}"
        for at, drop in ((0.2, 5), (0.4, -4), (0.6, 6), (0.8, -3))
    )
    return f"M{x:.0f} {y:.0f}L{down_right[0]:.0f} {down_right[1]:.0f}{teeth}L{down_left[0]:.0f} {down_left[1]:.0f}z"


def _sea(seen: Light, chance: Chance) -> Iterator[str]:
    """The sea in three depths, and the light's road on it."""
    yield f'<path fill="{mix(seen.sea, seen.sky[-1], 0.34)}" d="M0 {HORIZON}H{WIDTH}V{HEIGHT}H0z"/>'
    for share, top in ((0.16, HORIZON + 26), (0.0, HORIZON + 66)):
        wave = chance.between(4, 9)
        yield (
            f'<path fill="{mix(seen.sea, seen.sky[-1], share)}" d="M0 {top}q{WIDTH / 8:.0f} {-wave:.0f} {WIDTH / 4:.0f} 0'
            f't{WIDTH / 4:.0f} 0 {WIDTH / 4:.0f} 0 {WIDTH / 4:.0f} 0V{HEIGHT}H0z"/>'
        )
    middle = _sun(seen)[0] if seen.height > -6 else chance.between(120, 520)
    strokes = ""
    for row in range(11):
        y = HORIZON + 5 + row * 11.5
        reach = 18 + row * 9
        for _ in range(2):
            x, width = middle + chance.between(-reach, reach), chance.between(14, 30 + row * 3)
            strokes += f"M{x - width / 2:.0f} {y + chance.between(-3, 3):.0f}h{width:.0f}"
        x = chance.between(0, WIDTH)
        strokes += f"M{x:.0f} {y:.0f}h{chance.between(8, 26):.0f}"
    opacity = 0.75 if seen.height > -2 else 0.4
    yield f'<path d="{strokes}" stroke="{seen.glint}" stroke-width="2.2" stroke-linecap="round" stroke-opacity="{opacity}"/>'


def _islands(seen: Light, chance: Chance, kind: str) -> Iterator[str]:
    """Skerries far and near; on the largest stands the house with the lit window."""
    for _ in range(chance.whole(1, 3)):
        x, width = chance.between(20, 620), chance.between(46, 120)
        tone = mix(seen.near, seen.far, 0.55)
        yield _isle(x, HORIZON + chance.between(5, 16), width, width * chance.between(0.1, 0.2), tone)
    side = -1 if chance.maybe(0.5) else 1
    x = WIDTH / 2 + side * chance.between(70, 170)
    y, width, tall = HORIZON + chance.between(48, 66), chance.between(230, 320), chance.between(42, 62)
    yield _mirror(x, y, width, tall, seen)
    yield _isle(x, y, width, tall, seen.near)
    yield from _growth(seen, chance, x, y, width, tall)
    yield from house(seen, chance, x + chance.between(-0.12, 0.12) * width, y, tall)
    yield from motif(kind, seen, chance, WIDTH / 2 - side * chance.between(90, 190), HORIZON + 74)
    low = WIDTH / 2 - side * chance.between(160, 260)
    yield _isle(low, HEIGHT + 8, chance.between(260, 400), chance.between(26, 48), mix(seen.near, "#06121b", 0.3))


def _isle(x: float, y: float, width: float, tall: float, colour: str) -> str:
    """A rock as the ice left it: steep on one side, long on the other."""
    left, right = x - width * 0.52, x + width * 0.48
    return (
        f'<path fill="{colour}" d="M{left:.0f} {y:.0f}C{left + width * 0.08:.0f} {y - tall * 0.7:.0f} '
        f"{x - width * 0.22:.0f} {y - tall:.0f} {x:.0f} {y - tall:.0f}S{right - width * 0.12:.0f} {y - tall * 0.35:.0f} "
        f'{right:.0f} {y:.0f}z"/>'
    )


def _mirror(x: float, y: float, width: float, tall: float, seen: Light) -> str:
    return (
        f'<path fill="{seen.near}" fill-opacity=".28" d="M{x - width * 0.5:.0f} {y:.0f}C{x - width * 0.3:.0f} '
        f'{y + tall * 0.5:.0f} {x + width * 0.2:.0f} {y + tall * 0.42:.0f} {x + width * 0.46:.0f} {y:.0f}z"/>'
    )


def _growth(seen: Light, chance: Chance, x: float, y: float, width: float, tall: float) -> Iterator[str]:
    """Lichen and grass on the rock, snow in winter."""
    colour = mix(seen.lichen, seen.snow, max(0.0, seen.winter * 1.7 - 0.75))
    crown = (
        f"M{x - width * 0.3:.0f} {y - tall * 0.78:.0f}C{x - width * 0.2:.0f} {y - tall * 1.02:.0f} {x - width * 0.08:.0f} "
        f"{y - tall:.0f} {x:.0f} {y - tall:.0f}S{x + width * 0.2:.0f} {y - tall * 0.82:.0f} {x + width * 0.3:.0f} "
        f"{y - tall * 0.5:.0f}C{x + width * 0.16:.0f} {y - tall * 0.66:.0f} {x + width * 0.06:.0f} {y - tall * 0.58:.0f} "
        f"{x - width * 0.06:.0f} {y - tall * 0.7:.0f}S{x - width * 0.2:.0f} {y - tall * 0.62:.0f} {x - width * 0.3:.0f} "
        f"{y - tall * 0.78:.0f}z"
    )
    yield f'<path fill="{colour}" d="{crown}"/>'
    spots = ""
    for _ in range(chance.whole(5, 9)):
        at, down = chance.between(-0.3, 0.34), chance.between(0.2, 0.52)
        size = chance.between(5, 13)
        spots += f"M{x + at * width:.0f} {y - tall * down * (1 - abs(at)):.0f}q{size / 2:.0f} {-size * 0.4:.0f} {size:.0f} 0z"
    yield f'<path fill="{colour}" fill-opacity=".7" d="{spots}"/>'


def _weather(seen: Light, chance: Chance, weather: str) -> Iterator[str]:
    pale = mix(seen.sky[-1], "#ffffff", 0.45)
    if weather in {"clouds", "showers"}:
        for _ in range(chance.whole(2, 4)):
            yield _cloud(chance, pale if weather == "clouds" else mix(pale, seen.far, 0.4))
    if weather == "mist":
        for _ in range(3):
            y, width = HORIZON + chance.between(-26, 14), chance.between(240, 460)
            yield (
                f'<rect x="{chance.between(-60, 360):.0f}" y="{y:.0f}" width="{width:.0f}" height="{chance.between(7, 14):.0f}" '
                f'rx="7" fill="{pale}" fill-opacity=".34"/>'
            )
    if weather == "showers" and seen.winter > 0.55:
        flakes = "".join(f"M{chance.between(0, WIDTH):.0f} {chance.between(0, HEIGHT):.0f}h0" for _ in range(46))
        yield f'<path d="{flakes}" stroke="{seen.snow}" stroke-width="4" stroke-linecap="round" stroke-opacity=".8"/>'
    elif weather == "showers":
        x = chance.between(60, 400)
        rain = "".join(
            f"M{x + chance.between(0, 190):.0f} {chance.between(70, HORIZON - 30):.0f}l-6 22" for _ in range(24)
        )
        yield f'<path d="{rain}" stroke="{pale}" stroke-width="1.6" stroke-linecap="round" stroke-opacity=".55"/>'
    if seen.height > 0 and weather != "showers":
        yield _gulls(seen, chance)


def _cloud(chance: Chance, colour: str) -> str:
    x, y, width = chance.between(-40, 520), chance.between(30, 130), chance.between(90, 190)
    return (
        f'<g fill="{colour}" fill-opacity=".62"><rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="13" rx="6.5"/>'
        f'<rect x="{x + width * 0.18:.0f}" y="{y - 9:.0f}" width="{width * 0.5:.0f}" height="18" rx="9"/>'
        f'<rect x="{x - width * 0.14:.0f}" y="{y + 9:.0f}" width="{width * 0.8:.0f}" height="8" rx="4"/></g>'
    )


def _gulls(seen: Light, chance: Chance) -> str:
    birds = ""
    x, y = chance.between(120, 480), chance.between(70, 150)
    for _ in range(chance.whole(2, 4)):
        size = chance.between(7, 12)
        birds += f"M{x:.0f} {y:.0f}q{size / 2:.0f} {-size * 0.6:.0f} {size:.0f} 0q{size / 2:.0f} {-size * 0.6:.0f} {size:.0f} 0"
        x, y = x + chance.between(18, 40), y + chance.between(-16, 16)
    return f'<path d="{birds}" fill="none" stroke="{seen.near}" stroke-width="1.8" stroke-linecap="round" stroke-opacity=".7"/>'
