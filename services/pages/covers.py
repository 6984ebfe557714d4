"""Covers: a picture for everything that has an id, drawn from its own data, never the same twice and always ours.

    cover(event.id, event.starts_at, "fair")

A coast in flat colours: light by the hour of the day and the season (`sky.py`), mountains, skerries with lichen or
snow, weather, and always one lit window. The id decides where everything stands, `kind` what is built there.
Presentation attributes only, no ids and no styles: the strict CSP holds, and a page can show as many as it likes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from markupsafe import Markup

from services.pages.drawing import Chance, Point, box, circle, line, path, step
from services.pages.motifs import house, motif
from services.pages.sky import Light, light, mix

WIDTH, HEIGHT, HORIZON = 640, 360, 214
WEATHERS = ("clear", "clear", "clouds", "clouds", "showers", "mist")


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
    yield box(0, 0, WIDTH, HORIZON + 4, fill=seen.sky[0])
    for number, colour in enumerate(seen.sky[1:], 1):
        top, lift = HORIZON * (0.08 + 0.16 * number) + chance.between(-8, 8), chance.between(-16, 16)
        edge = step("C", (WIDTH * 0.3, top - lift), (WIDTH * 0.7, top + lift), (WIDTH, top - lift / 3))
        yield path(f"{step('M', (0, top))}{edge}V{HORIZON + 4}H0z", fill=colour)


def _sun(seen: Light) -> Point:
    """Where the sun stands in the picture: by its way along the sky, and its height."""
    return WIDTH * (0.5 + 0.36 * math.sin(math.radians(seen.way))), HORIZON - 6 - 3.9 * min(seen.height, 36)


def _heaven(seen: Light, chance: Chance, weather: str) -> Iterator[str]:
    """Sun with its halos; or moon, stars, and northern lights on clear nights."""
    if seen.height > -2:
        x, y = _sun(seen)
        for radius, share in ((96, 0.14), (62, 0.2), (38, 0.3)):
            yield circle(x, y, radius, fill=seen.glow, fill_opacity=share)
        yield circle(x, y, 21, fill=mix(seen.glow, "#ffffff", 0.35))
        return
    if seen.height < -7:
        places = ((chance.between(0, WIDTH), chance.between(4, HORIZON * 0.7)) for _ in range(chance.whole(20, 30)))
        yield line("".join(f"{step('M', place)}h0" for place in places), "#dce9ee", 1.6, stroke_opacity=0.7)
        if weather in {"clear", "mist"}:
            yield from _northern_lights(chance)
    x, y, size = chance.between(90, 550), chance.between(48, 100), chance.between(10, 14)
    yield circle(x, y, size * 2.5, fill="#dbe6e6", fill_opacity=0.07)
    sickle = chance.between(1.15, 1.9)
    back = f"A{size * sickle:.1f} {size * sickle:.1f} 0 0 1 {x:.1f} {y - size:.1f}"
    yield path(f"{step('M', (x, y - size))}A{size:.1f} {size:.1f} 0 0 0 {x:.1f} {y + size:.1f}{back}z", fill="#eef0e2")


def _northern_lights(chance: Chance) -> Iterator[str]:
    """Curtains: each a soft hem with rays that stand up from it."""
    for colour in ("#7fc9a4", "#b6dca0"):
        y, sway = chance.between(66, 120), chance.between(16, 36)
        hem = step("c", (150, -sway * 2), (220, sway * 1.8), (370, 0)) + step("s", (200, -sway), (360, sway * 0.6))
        for width, share in ((4, 0.3), (18, 0.14), (40, 0.1), (72, 0.07), (112, 0.05)):
            yield line(step("M", (-40, y - width * 0.46)) + hem, colour, width, stroke_opacity=share)


def _mountains(seen: Light, chance: Chance) -> Iterator[str]:
    """Two ranges that rise straight out of the sea, with snow as the season has it."""
    for far in (True, False):
        tall = 80.0 if far else 54.0
        colour = mix(seen.far, seen.sky[-1], 0.62 if far else 0.3)
        x = chance.between(-40, 10) if far else chance.between(-60, 240)
        end = WIDTH + 20 if far else x + chance.between(200, 400)
        ridge, snow, floor = step("M", (x, HORIZON + 3)), "", 0.0
        while x < end:
            high, wide, lean = tall * chance.between(0.42, 1.0), chance.between(44, 88), chance.between(0.38, 0.62)
            right, last = x + wide, x + wide >= end
            next_floor = 0.0 if last else high * chance.between(0.08, 0.34)
            top = (x + wide * lean, HORIZON - high)
            ridge += step("L", top, (right, HORIZON - next_floor + (3 if last else 0)))
            share = (0.12 + 0.38 * seen.winter) * (1 if seen.height > -6 else 0.8)
            snow += _cap(top, (x, HORIZON - floor), (right, HORIZON - next_floor), share)
            x, floor = right, next_floor
        yield path(f"{ridge}V{HORIZON + 3}z", fill=colour)
        yield path(snow, fill=mix(colour, seen.snow, 0.3 + 0.45 * seen.winter))


def _cap(top: Point, left: Point, right: Point, share: float) -> str:
    """Snow on a summit: down both flanks by `share`, with a ragged edge."""
    (x, y), (lx, ly), (rx, ry) = top, left, right
    low_left, low_right = (x + (lx - x) * share, y + (ly - y) * share), (x + (rx - x) * share, y + (ry - y) * share)
    width, fall = low_left[0] - low_right[0], low_left[1] - low_right[1]
    teeth = [
        (low_right[0] + width * at, low_right[1] + fall * at + drop)
        for at, drop in ((0.2, 5), (0.4, -4), (0.6, 6), (0.8, -3))
    ]
    return step("M", top) + step("L", low_right, *teeth, low_left) + "z"


def _sea(seen: Light, chance: Chance) -> Iterator[str]:
    """The sea in three depths, and the light's road on it."""
    yield box(0, HORIZON, WIDTH, HEIGHT - HORIZON, fill=mix(seen.sea, seen.sky[-1], 0.34))
    quarter = WIDTH / 4
    for share, top in ((0.16, HORIZON + 26), (0.0, HORIZON + 66)):
        swell = f"q{quarter / 2:.0f} {-chance.between(4, 9):.0f} {quarter:.0f} 0" + f"t{quarter:.0f} 0" * 3
        yield path(f"M0 {top}{swell}V{HEIGHT}H0z", fill=mix(seen.sea, seen.sky[-1], share))
    middle = _sun(seen)[0] if seen.height > -6 else chance.between(120, 520)
    road = ""
    for row in range(10):
        y, reach = HORIZON + 5 + row * 13, 18 + row * 10
        for _ in range(2):
            x, width = middle + chance.between(-reach, reach), chance.between(14, 30 + row * 3)
            road += f"{step('M', (x - width / 2, y + chance.between(-3, 3)))}h{width:.0f}"
        road += f"{step('M', (chance.between(0, WIDTH), y))}h{chance.between(8, 26):.0f}"
    yield line(road, seen.glint, 2.2, stroke_opacity=0.75 if seen.height > -2 else 0.4)


def _islands(seen: Light, chance: Chance, kind: str) -> Iterator[str]:
    """Skerries far and near; on the largest stands the house with the lit window."""
    for _ in range(chance.whole(1, 3)):
        x, width = chance.between(20, 620), chance.between(46, 120)
        yield _isle(
            x, HORIZON + chance.between(4, 14), width, width * chance.between(0.1, 0.2), mix(seen.near, seen.far, 0.55)
        )
    side = -1 if chance.maybe(0.5) else 1
    x, y = WIDTH / 2 + side * chance.between(70, 170), HORIZON + chance.between(44, 62)
    width, tall = chance.between(230, 320), chance.between(42, 62)
    yield path(
        step("M", (x - width * 0.5, y))
        + step("C", (x - width * 0.3, y + tall * 0.5), (x + width * 0.2, y + tall * 0.42), (x + width * 0.46, y)),
        fill=seen.near,
        fill_opacity=0.28,
    )
    yield _isle(x, y, width, tall, seen.near)
    yield from _growth(seen, chance, (x, y), width, tall)
    yield from house(seen, chance, x + chance.between(-0.12, 0.12) * width, y, tall)
    yield from motif(kind, seen, chance, WIDTH / 2 - side * chance.between(90, 190), HORIZON + 58)
    shore = WIDTH / 2 - side * chance.between(160, 260)
    yield _isle(shore, HEIGHT + 8, chance.between(260, 400), chance.between(26, 48), mix(seen.near, "#06121b", 0.3))


def _isle(x: float, y: float, width: float, tall: float, colour: str) -> str:
    """A rock as the ice left it: steep on one side, long on the other."""
    left, right = x - width * 0.52, x + width * 0.48
    up = step("C", (left + width * 0.08, y - tall * 0.7), (x - width * 0.22, y - tall), (x, y - tall))
    return path(
        f"{step('M', (left, y))}{up}{step('S', (right - width * 0.12, y - tall * 0.35), (right, y))}z", fill=colour
    )


def _growth(seen: Light, chance: Chance, foot: Point, width: float, tall: float) -> Iterator[str]:
    """Lichen and grass on the rock, snow in winter."""

    def at(across: float, up: float) -> Point:
        return foot[0] + across * width, foot[1] - up * tall

    colour = mix(seen.lichen, seen.snow, max(0.0, min(1.0, seen.winter * 1.7 - 0.75)))
    crown = (
        step("M", at(-0.3, 0.78))
        + step("C", at(-0.2, 1.02), at(-0.08, 1), at(0, 1))
        + step("S", at(0.2, 0.82), at(0.3, 0.5))
        + step("C", at(0.16, 0.66), at(0.06, 0.58), at(-0.06, 0.7))
        + step("S", at(-0.2, 0.62), at(-0.3, 0.78))
    )
    yield path(f"{crown}z", fill=colour)
    spots = ""
    for _ in range(chance.whole(5, 9)):
        across, size = chance.between(-0.3, 0.34), chance.between(5, 13)
        place = at(across, chance.between(0.2, 0.52) * (1 - abs(across)))
        spots += step("M", place) + step("q", (size / 2, -size * 0.4), (size, 0)) + "z"
    yield path(spots, fill=colour, fill_opacity=0.7)


def _weather(seen: Light, chance: Chance, weather: str) -> Iterator[str]:
    pale = mix(seen.sky[-1], "#ffffff", 0.45)
    if weather in {"clouds", "showers"}:
        colour = pale if weather == "clouds" else mix(pale, seen.far, 0.4)
        for _ in range(chance.whole(2, 4)):
            yield _cloud(chance, colour, 0.62 if seen.height > -6 else 0.18)
    if weather == "mist":
        for _ in range(3):
            x, y = chance.between(-60, 360), HORIZON + chance.between(-26, 14)
            yield box(x, y, chance.between(240, 460), chance.between(7, 14), 7, fill=pale, fill_opacity=0.3)
    if weather == "showers" and seen.winter > 0.55:
        flakes = (f"{step('M', (chance.between(0, WIDTH), chance.between(0, HEIGHT)))}h0" for _ in range(32))
        yield line("".join(flakes), seen.snow, 4, stroke_opacity=0.8)
    elif weather == "showers":
        x = chance.between(60, 400)
        drops = (f"{step('M', (x + chance.between(0, 190), chance.between(70, 180)))}l-6 22" for _ in range(18))
        yield line("".join(drops), pale, 1.6, stroke_opacity=0.55)
    if seen.height > 0 and weather != "showers":
        yield _gulls(seen, chance)


def _cloud(chance: Chance, colour: str, share: float) -> str:
    x, y, width = chance.between(-40, 520), chance.between(40, 130), chance.between(90, 190)
    layers = ((0.0, 0, 1.0, 13), (0.18, -9, 0.5, 10), (-0.14, 12, 0.8, 7))
    drawn = "".join(box(x + width * left, y + top, width * wide, high, high / 2) for left, top, wide, high in layers)
    return f'<g fill="{colour}" opacity="{share}">{drawn}</g>'


def _gulls(seen: Light, chance: Chance) -> str:
    birds = ""
    x, y = chance.between(120, 480), chance.between(70, 140)
    for _ in range(chance.whole(2, 4)):
        size = chance.between(7, 12)
        birds += step("M", (x, y)) + step("q", (size / 2, -size * 0.6), (size, 0)) * 2
        x, y = x + chance.between(18, 40), y + chance.between(-16, 16)
    return line(birds, seen.near, 1.8, stroke_opacity=0.7)
