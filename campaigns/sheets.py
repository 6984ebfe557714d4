"""The sheets that a placement is printed on: how large each is, how large its code, and from how far that is read.

A code is read from about ten times its width, and its modules have to be as wide as a printer and a phone can tell
apart: `SMALLEST`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from campaigns.inputs import Format
from services.pages.languages import msgid

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004, 9.1)."""
SMALLEST = 0.5
"""Millimetres of one module: six dots of an office printer with 300 to the inch."""
BLEED = 3
"""Millimetres of picture beyond the edge, which are cut away with it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One format. Lengths are millimetres of the trimmed sheet; `code` is the side of the code with its quiet zone."""

    kind: Literal["poster", "sign", "labels"]
    name: str
    """English, to be translated."""
    hint: str
    width: float
    height: float
    code: float
    label: tuple[float, float] | None = None
    """Of labels: the width and height of each."""

    def page(self, *, shop: bool) -> tuple[float, float]:
        """Width and height of what is laid out. A print shop multiplies labels by itself: it gets one."""
        return self.label if shop and self.label else (self.width, self.height)

    def module(self, modules: int) -> float:
        """Millimetres of each module of a code with so many on a side."""
        return self.code / (modules + 2 * QUIET)

    def distance(self, modules: int) -> int:
        """Centimetres from which such a code is read: ten times the width of what is black, rounded down to fives."""
        return int(self.module(modules) * modules / 5) * 5


SHEETS: Mapping[Format, Sheet] = {
    "poster-a4": Sheet("poster", msgid("Poster, A4"), msgid("For a notice board or a shop door."), 210, 297, 80),
    "poster-a3": Sheet("poster", msgid("Poster, A3"), msgid("For a wall, a window or a stand."), 297, 420, 115),
    "flyer-a5": Sheet("poster", msgid("Flyer, A5"), msgid("To hand out, or to lay into a brochure."), 148, 210, 56),
    "sign-a4": Sheet(
        "sign",
        msgid("Table sign, A4"),
        msgid("Folded once, it stands on a table and is read from both sides."),
        210,
        297,
        72,
    ),
    "labels-a4": Sheet(
        "labels",
        msgid("Labels, A4"),
        msgid("24 of 70 × 37 mm, for brochures and goods; sheets of them are sold ready cut."),
        210,
        297,
        29,
        (70, 37),
    ),
}
