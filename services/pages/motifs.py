"""What people have built on the coast of a cover: the house with the lit window, always; and a sign of its kind."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.pages.sky import Light, mix

if TYPE_CHECKING:
    from services.pages.covers import Chance

WALLS = ("#a5452f", "#c48433", "#ece5d6", "#4d6b63")
WINDOW = "#ffd479"
KINDS = {"fair": "boat", "programme": "village", "campaign": "lighthouse", "stand": "boathouse", "event": "boathouse"}
MOTIFS = ("boat", "boathouse", "lighthouse", "village")


def house(seen: Light, chance: Chance, x: float, y: float, tall: float) -> Iterator[str]:
    """A house on the crown of an isle; its window shines, and lies on the sea when it is dark."""
    size = chance.between(0.9, 1.15)
    ground = y - tall * 0.86
    yield from _gable(seen, WALLS[chance.whole(0, 2)], x, ground, size)
    if chance.maybe(0.55):
        other = WALLS[chance.whole(0, 3)]
        yield from _gable(
            seen, other, x + chance.between(44, 60) * size, ground + 9, size * 0.72, lit=chance.maybe(0.6)
        )
    if seen.height < 2:
        road = "".join(f"M{x - 5 - row:.0f} {y + 8 + row * 8:.0f}h{10 + row * 2}" for row in range(5))
        yield f'<path d="{road}" stroke="{WINDOW}" stroke-width="2.4" stroke-linecap="round" stroke-opacity=".5"/>'


def _gable(seen: Light, wall: str, x: float, ground: float, size: float, lit: bool = True) -> Iterator[str]:
    dusk = 0.62 if seen.dark else 0.3 if seen.height < 4 else 0.0
    shade = mix(wall, "#0c1c2a", dusk)
    roof = mix(mix("#3a4347", seen.snow, max(0.0, seen.winter * 1.6 - 0.7)), "#0c1c2a", dusk * 0.6)
    wide, eaves, ridge = 17 * size, 19 * size, 34 * size
    if lit and seen.height < 4:
        for radius, share in ((30, 0.12), (17, 0.2)):
            yield f'<circle cx="{x:.0f}" cy="{ground - 9 * size:.0f}" r="{radius * size:.0f}" fill="{WINDOW}" fill-opacity="{share}"/>'
    yield (
        f'<path fill="{shade}" d="M{x - wide:.1f} {ground + 8:.1f}V{ground - eaves:.1f}L{x:.1f} {ground - ridge:.1f}'
        f'L{x + wide:.1f} {ground - eaves:.1f}V{ground + 8:.1f}z"/>'
    )
    yield (
        f'<path fill="none" stroke="{roof}" stroke-width="{4.2 * size:.1f}" stroke-linejoin="round" stroke-linecap="round" '
        f'd="M{x - wide - 3:.1f} {ground - eaves + 3:.1f}L{x:.1f} {ground - ridge:.1f}L{x + wide + 3:.1f} {ground - eaves + 3:.1f}"/>'
    )
    glass = WINDOW if lit else mix("#cfdde0", "#0c1c2a", dusk)
    side = 9 * size
    yield f'<rect x="{x - side / 2:.1f}" y="{ground - 15 * size:.1f}" width="{side:.1f}" height="{side * 1.15:.1f}" fill="{glass}"/>'
    yield (
        f'<path d="M{x:.1f} {ground - 15 * size:.1f}v{side * 1.15:.1f}M{x - side / 2:.1f} {ground - 10 * size:.1f}h{side:.1f}" '
        f'stroke="{shade}" stroke-width="{1.2 * size:.1f}"/>'
    )


def motif(kind: str, seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """The sign of a kind; one unknown to us always gets the same one."""
    name = KINDS.get(kind) or MOTIFS[zlib.crc32(kind.encode()) % len(MOTIFS)]
    yield from {"boat": _boat, "boathouse": _boathouse, "lighthouse": _lighthouse, "village": _village}[name](
        seen, chance, x, y
    )


def _dusk(colour: str, seen: Light) -> str:
    return mix(colour, "#0c1c2a", 0.58 if seen.dark else 0.26 if seen.height < 4 else 0.0)


def _boat(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A fishing boat with its lamp."""
    hull, trim = _dusk("#2f5f7a", seen), _dusk("#efe8da", seen)
    yield f'<path fill="{hull}" d="M{x - 40:.0f} {y - 14:.0f}H{x + 38:.0f}q9-1 13-7q0 18-13 27H{x - 30:.0f}z"/>'
    yield f'<path stroke="{trim}" stroke-width="2.4" d="M{x - 39:.0f} {y - 12:.0f}H{x + 40:.0f}"/>'
    yield f'<path fill="{trim}" d="M{x - 26:.0f} {y - 14:.0f}v-19h24l5 19z"/>'
    yield f'<rect x="{x - 21:.0f}" y="{y - 29:.0f}" width="8" height="7" fill="{WINDOW}"/>'
    yield f'<path stroke="{_dusk("#5b4a3a", seen)}" stroke-width="2" d="M{x + 14:.0f} {y - 14:.0f}v-34M{x + 14:.0f} {y - 46:.0f}l22 28"/>'
    yield f'<circle cx="{x + 14:.0f}" cy="{y - 49:.0f}" r="2.6" fill="{WINDOW}"/>'
    yield f'<path stroke="{seen.glint}" stroke-width="2" stroke-linecap="round" stroke-opacity=".6" d="M{x - 52:.0f} {y + 9:.0f}h34m12 6h52"/>'


def _boathouse(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A boathouse on stilts, with its jetty."""
    wall, dark = _dusk("#a5452f", seen), _dusk("#4a3a30", seen)
    yield f'<path stroke="{dark}" stroke-width="3" d="M{x - 22:.0f} {y - 6:.0f}v20M{x:.0f} {y - 6:.0f}v20M{x + 22:.0f} {y - 6:.0f}v20M{x + 52:.0f} {y - 6:.0f}v16"/>'
    yield f'<path stroke="{dark}" stroke-width="4" d="M{x - 30:.0f} {y - 6:.0f}H{x + 62:.0f}"/>'
    yield f'<path fill="{wall}" d="M{x - 26:.0f} {y - 8:.0f}v-24L{x:.0f} {y - 52:.0f}l26 20v24z"/>'
    roof = mix(_dusk("#3a4347", seen), seen.snow, max(0.0, seen.winter * 1.4 - 0.6))
    yield f'<path fill="none" stroke="{roof}" stroke-width="4.4" stroke-linejoin="round" stroke-linecap="round" d="M{x - 30:.0f} {y - 29:.0f}L{x:.0f} {y - 52:.0f}l30 23"/>'
    yield f'<rect x="{x - 10:.0f}" y="{y - 29:.0f}" width="20" height="21" fill="{_dusk("#efe8da", seen)}"/>'
    yield f'<path stroke="{wall}" stroke-width="1.6" d="M{x:.0f} {y - 29:.0f}v21"/>'
    yield f'<rect x="{x - 4:.0f}" y="{y - 41:.0f}" width="8" height="7" fill="{WINDOW}"/>'


def _lighthouse(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A lighthouse on its rock; it turns its beam when the sun is low."""
    white, red = _dusk("#f1ece0", seen), _dusk("#a5452f", seen)
    if seen.height < 5:
        yield f'<path fill="{WINDOW}" fill-opacity=".16" d="M{x:.0f} {y - 73:.0f}L{x - 210:.0f} {y - 104:.0f}v44zM{x:.0f} {y - 73:.0f}L{x + 210:.0f} {y - 94:.0f}v44z"/>'
    yield f'<path fill="{seen.near}" d="M{x - 54:.0f} {y + 6:.0f}q12-24 42-24t66 24z"/>'
    yield f'<path fill="{white}" d="M{x - 13:.0f} {y - 12:.0f}l4-54h18l4 54z"/>'
    yield f'<path fill="{red}" d="M{x - 11.4:.1f} {y - 34:.0f}l1.3-17h20.2l1.3 17z"/>'
    yield f'<rect x="{x - 8:.0f}" y="{y - 79:.0f}" width="16" height="13" fill="{WINDOW}"/>'
    yield f'<path fill="{red}" d="M{x - 11:.0f} {y - 79:.0f}L{x:.0f} {y - 91:.0f}l11 12z"/>'


def _village(seen: Light, chance: Chance, x: float, y: float) -> Iterator[str]:
    """A few houses on a shore of their own."""
    yield f'<path fill="{mix(seen.near, seen.far, 0.2)}" d="M{x - 120:.0f} {y + 4:.0f}q40-22 112-22t128 22z"/>'
    for step, offset in enumerate((-66, -22, 24, 66)):
        if step == 1 or chance.maybe(0.8):
            colour = WALLS[(step + chance.whole(0, 3)) % len(WALLS)]
            yield from _gable(
                seen, colour, x + offset, y - 15 + abs(offset) / 12, chance.between(0.5, 0.68), chance.maybe(0.7)
            )
