"""The light over the northern coast: where the sun stands at a moment, and the colours of sky, sea and land in it.

The sun's height is real (Cooper's declination, 1969; seen from outer Troms): a cover for a December noon has a blue
hour, one for a June midnight a low sun.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime

LATITUDE, LONGITUDE = math.radians(69.2), 17.5

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Light:
    """What a moment looks like. Colours are #rrggbb; `height` and `way` are the sun's, in degrees (way: 0 is noon)."""

    height: float
    way: float
    winter: float
    """0 in high summer, 1 in midwinter."""
    sky: tuple[str, ...]
    """From the zenith down to the horizon."""
    sea: str
    glint: str
    far: str
    near: str
    lichen: str
    snow: str
    glow: str

    @property
    def dark(self) -> bool:
        return self.height < -4


_STEPS = (-18.0, -7.0, -1.0, 5.0, 16.0, 40.0)
"""Heights of the sun between which colours are mixed: night, blue hour, the sun at the horizon, low, morning, high."""
_ZENITH = ("#132a40", "#274a6b", "#5580a0", "#6fa3bd", "#7db4cd", "#74b0d0")
_MIDDLE = ("#1c3f58", "#5b7f9f", "#a7a7b0", "#b9cbc8", "#b3d4dd", "#a8d3e0")
_HORIZON = ("#316480", "#d09a86", "#f0b47f", "#f6d9a4", "#e6ecdf", "#dbebeb")
_SEA = ("#112c40", "#2b4b66", "#4f7288", "#5f93a3", "#4f93a9", "#3f8aa6")
_GLINT = ("#37617c", "#c79a8c", "#f3c493", "#f8e2b4", "#dfeeea", "#e2f1f2")
_FAR = ("#1b3850", "#3c5873", "#67798b", "#7f97a3", "#86a6b3", "#85aab9")
_NEAR = ("#0e2030", "#1d3145", "#2f4250", "#3f5550", "#4c6557", "#54705c")
_GLOW = ("#7fb6a5", "#e7b493", "#ffd08a", "#ffe3a6", "#fff2cf", "#fffbe9")
_SUMMER_LICHEN, _AUTUMN_LICHEN, _NIGHT_LICHEN = "#a9b26a", "#c08b45", "#3c5a55"
_SNOW_DAY, _SNOW_NIGHT = "#f4f6f4", "#5d7b92"


def light(moment: datetime) -> Light:
    """The light over outer Troms at `moment`."""
    there = moment.astimezone(UTC)
    number = there.timetuple().tm_yday + there.hour / 24
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + number) / 365.25)
    way = 15 * (there.hour + there.minute / 60 + LONGITUDE / 15 - 12)
    way = (way + 180) % 360 - 180
    sine = math.sin(LATITUDE) * math.sin(declination)
    sine += math.cos(LATITUDE) * math.cos(declination) * math.cos(math.radians(way))
    height = math.degrees(math.asin(sine))
    winter = (1 + math.cos(2 * math.pi * (number - 20) / 365.25)) / 2
    zenith, middle, horizon = (_at(row, height) for row in (_ZENITH, _MIDDLE, _HORIZON))
    day = max(0.0, min(1.0, (height + 9) / 12))
    autumn = max(0.0, math.cos(2 * math.pi * (number - 270) / 365.25)) ** 3
    lichen = mix(mix(_SUMMER_LICHEN, _AUTUMN_LICHEN, autumn), _NIGHT_LICHEN, 1 - day)
    return Light(
        height=height,
        way=way,
        winter=winter,
        sky=tuple(_blend((zenith, middle, horizon), step / 5) for step in range(6)),
        sea=_at(_SEA, height),
        glint=_at(_GLINT, height),
        far=_at(_FAR, height),
        near=_at(_NEAR, height),
        lichen=lichen,
        snow=mix(_SNOW_DAY, _SNOW_NIGHT, 1 - day),
        glow=_at(_GLOW, height),
    )


def mix(one: str, other: str, share: float) -> str:
    """`share` of `other` in `one`, mixed in OKLab (Ottosson, 2020), where halfway looks halfway."""
    first, second = _lab(one), _lab(other)
    return _hex(tuple(a + (b - a) * share for a, b in zip(first, second, strict=True)))  # type: ignore[arg-type]


def _at(row: tuple[str, ...], height: float) -> str:
    place = bisect_right(_STEPS, height)
    if place in {0, len(_STEPS)}:
        return row[0 if place == 0 else -1]
    low, high = _STEPS[place - 1], _STEPS[place]
    return mix(row[place - 1], row[place], (height - low) / (high - low))


def _blend(three: tuple[str, str, str], share: float) -> str:
    top, middle, low = three
    return mix(top, middle, share * 2) if share < 0.5 else mix(middle, low, share * 2 - 1)


def _lab(text: str) -> Colour:
    red, green, blue = (_linear(int(text[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lab: Colour) -> str:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    parts = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _shown(part)):02x}" for part in parts)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _shown(part: float) -> float:
    part = max(0.0, min(1.0, part))
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
