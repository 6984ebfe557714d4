"""What people have built on the coast of a cover: the house with the lit window, always; and a sign of its kind."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from services.pages.drawing import Chance, box, circle, line, path
from services.pages.sky import Light, mix

RED, OCHRE, WHITE, GREEN = "#a5452f", "#c48433", "#ece5d6", "#4d6b63"
WALLS = (RED, OCHRE, WHITE, GREEN)
WINDOW, WOOD, SLATE, NIGHT = "#ffd479", "#54443a", "#3a4347", "#0c1c2a"
KINDS = {"fair": "boat", "programme": "village", "campaign": "lighthouse", "stand": "boathouse", "event": "boathouse"}


def house(seen: Light, chance: Chance, x: float, y: float, tall: float) -> Iterator[str]:
    """A house on the crown of an isle, with its foot at `y`; its window shines, and lies on the sea when it is dark."""
    size, ground = chance.between(0.9, 1.15), y - tall * 0.86
    yield from _gable(seen, WALLS[chance.whole(0, 2)], x, ground, size)
    if chance.maybe(0.55):
        beside = x + chance.between(44, 60) * size
        yield from _gable(seen, WALLS[chance.whole(0, 3)], beside, ground + 9, size * 0.72, lit=chance.maybe(0.6))
    if seen.height < 2:
        road = "".join(f"M{x - 5 - row:.0f} {y + 8 + row * 8:.0f}h{10 + row * 2}" for row in range(5))
        yield line(road, WINDOW, 2.4, stroke_opacity=0.5)


def motif(kind: str, seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """The sign of a kind; one unknown to us always gets the same one."""
    signs = {"boat": _boat, "boathouse": _boathouse, "lighthouse": _lighthouse, "village": _village}
    name = KINDS.get(kind) or sorted(signs)[zlib.crc32(kind.encode()) % len(signs)]
    yield from signs[name](seen, chance, x, y)


def _dusk(colour: str, seen: Light) -> str:
    """A colour as it looks in this light."""
    return mix(colour, NIGHT, 0.6 if seen.dark else 0.28 if seen.height < 4 else 0.0)


def _roof(seen: Light) -> str:
    return mix(_dusk(SLATE, seen), seen.snow, max(0.0, min(0.9, seen.winter * 1.5 - 0.7)))


def _gable(seen: Light, wall: str, x: float, ground: float, size: float, lit: bool = True) -> Iterator[str]:
    shade, wide, eaves, ridge, pane = _dusk(wall, seen), 17 * size, 19 * size, 34 * size, 9 * size
    if lit and seen.height < 4:
        for radius, share in ((30, 0.1), (17, 0.18)):
            yield circle(x, ground - 9 * size, radius * size, fill=WINDOW, fill_opacity=share)
    slope = f"L{x:.1f} {ground - ridge:.1f}L{x + wide:.1f} {ground - eaves:.1f}"
    yield path(f"M{x - wide:.1f} {ground + 8:.1f}V{ground - eaves:.1f}{slope}V{ground + 8:.1f}z", fill=shade)
    out, low = wide + 3, ground - eaves + 3
    yield line(
        f"M{x - out:.1f} {low:.1f}L{x:.1f} {ground - ridge:.1f}L{x + out:.1f} {low:.1f}", _roof(seen), 4.2 * size
    )
    top = ground - 15 * size
    yield box(x - pane / 2, top, pane, pane * 1.15, fill=WINDOW if lit else _dusk("#cfdde0", seen))
    bars = f"M{x:.1f} {top:.1f}v{pane * 1.15:.1f}M{x - pane / 2:.1f} {top + pane * 0.55:.1f}h{pane:.1f}"
    yield line(bars, shade, 1.2 * size)


def _boat(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A fishing boat with its lamp."""
    trim = _dusk(WHITE, seen)
    yield path(f"M{x - 40:.0f} {y - 14:.0f}h78q9-1 13-7 0 18-13 27h-68z", fill=_dusk("#2f5f7a", seen))
    yield line(f"M{x - 39:.0f} {y - 12:.0f}h79", trim, 2.4)
    yield path(f"M{x - 26:.0f} {y - 14:.0f}v-19h24l5 19z", fill=trim)
    yield box(x - 21, y - 29, 8, 7, fill=WINDOW)
    yield line(f"M{x + 14:.0f} {y - 14:.0f}v-34m0 2l22 28", _dusk(WOOD, seen), 2)
    yield circle(x + 14, y - 49, 2.6, fill=WINDOW)
    yield line(f"M{x - 52:.0f} {y + 9:.0f}h34m12 6h52", seen.glint, 2, stroke_opacity=0.6)


def _boathouse(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A boathouse on stilts, with its jetty."""
    wall, wood = _dusk(RED, seen), _dusk(WOOD, seen)
    yield line(f"M{x - 22:.0f} {y - 6:.0f}v18m22-18v18m22-18v18m30-18v14", wood, 3)
    yield line(f"M{x - 30:.0f} {y - 6:.0f}h92", wood, 4)
    yield path(f"M{x - 26:.0f} {y - 8:.0f}v-24l26-20 26 20v24z", fill=wall)
    yield line(f"M{x - 30:.0f} {y - 29:.0f}l30-23 30 23", _roof(seen), 4.4)
    yield box(x - 10, y - 29, 20, 21, fill=_dusk(WHITE, seen))
    yield line(f"M{x:.0f} {y - 29:.0f}v21", wall, 1.6)
    yield box(x - 4, y - 41, 8, 7, fill=WINDOW)


def _lighthouse(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A lighthouse on its rock; it turns its beam when the sun is low."""
    red = _dusk(RED, seen)
    if seen.height < 5:
        beams = f"M{x:.0f} {y - 73:.0f}l-230-26v46zM{x:.0f} {y - 73:.0f}l230-18v46z"
        yield path(beams, fill=WINDOW, fill_opacity=0.13)
    yield path(f"M{x - 54:.0f} {y + 6:.0f}q12-24 42-24t66 24z", fill=seen.near)
    yield path(f"M{x - 13:.0f} {y - 12:.0f}l4-54h18l4 54z", fill=_dusk(WHITE, seen))
    yield path(f"M{x - 11.4:.1f} {y - 34:.0f}l1.3-17h20.2l1.3 17z", fill=red)
    yield box(x - 8, y - 79, 16, 13, fill=WINDOW)
    yield path(f"M{x - 11:.0f} {y - 79:.0f}l11-12 11 12z", fill=red)


def _village(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A few houses on a shore of their own."""
    yield path(f"M{x - 120:.0f} {y + 4:.0f}q40-22 112-22t128 22z", fill=mix(seen.near, seen.far, 0.2))
    for number, offset in enumerate((-66, -22, 24, 66)):
        if number == 1 or chance.maybe(0.8):
            wall, ground = WALLS[(number + chance.whole(0, 3)) % len(WALLS)], y - 15 + abs(offset) / 12
            yield from _gable(seen, wall, x + offset, ground, chance.between(0.5, 0.68), chance.maybe(0.7))
