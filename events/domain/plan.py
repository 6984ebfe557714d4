"""Where the stands of an event stand in its hall: metres from the hall's upper left corner, to half a metre.

Two stands may touch, so that they share a wall; no two take the same floor, and none stands outside the hall.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from events.domain.refusal import Refusal
from services.pages.languages import msgid

STEP = 0.5
"""Metres: everything on a plan is a multiple of this."""
SMALLEST_HALL, LARGEST_HALL = 2.0, 200.0
SMALLEST_STAND, LARGEST_STAND = 0.5, 50.0
MOST_STANDS = 500


@dataclass(frozen=True, slots=True)
class Hall:
    """The floor that stands are placed on, in metres."""

    width: float = 20.0
    depth: float = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The floor that a stand takes, in metres."""

    width: float = 3.0
    depth: float = 2.0
    turned: bool = False
    """By a quarter: its width then lies along the hall's depth."""

    @property
    def across(self) -> float:
        """How far it reaches to the right."""
        return self.depth if self.turned else self.width

    @property
    def down(self) -> float:
        """How far it reaches downwards."""
        return self.width if self.turned else self.depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot(Ground):
    """Where a stand stands: `x` from the left and `y` from the top, of its own upper left corner as it lies."""

    x: float
    y: float

    @property
    def right(self) -> float:
        return self.x + self.across

    @property
    def bottom(self) -> float:
        return self.y + self.down

    def overlaps(self, other: Spot) -> bool:
        """Whether both take some of the same floor; they may touch."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def is_inside(self, hall: Hall) -> bool:
        return self.x >= 0 and self.y >= 0 and self.right <= hall.width and self.bottom <= hall.depth


K = TypeVar("K")


def first_overlap(spots: Iterable[tuple[K, Spot]]) -> tuple[K, K] | None:
    """The first two, from the left, that take some of the same floor; None where all stand apart."""
    ordered = sorted(spots, key=lambda pair: (pair[1].x, pair[1].y))
    for number, (key, spot) in enumerate(ordered):
        for other_key, other in ordered[number + 1 :]:
            if other.x >= spot.right:
                break  # and so do all that come after it
            if spot.overlaps(other):
                return key, other_key
    return None


@dataclass(frozen=True, slots=True)
class Placed:
    """A stand on a plan, called as a refusal is to call it; `field` is where its place was written."""

    name: str
    field: str
    spot: Spot


def refuse_misplaced(hall: Hall, stands: Sequence[Placed]) -> None:
    """Raise `Refusal` naming the stand that is not within the hall, or the two that stand in each other's place."""
    for one in stands:
        if not one.spot.is_inside(hall):
            raise Refusal(
                "outside-hall",
                msgid("{stand} does not stand within the hall, which is {width} × {depth} m."),
                field=one.field,
                stand=one.name,
                width=f"{hall.width:g}",
                depth=f"{hall.depth:g}",
            )
    found = first_overlap([(one, one.spot) for one in stands])
    if found is not None:
        one, other = found
        raise Refusal(
            "overlap",
            msgid("{stand} and {other} stand in each other's place. Move one of them."),
            field=other.field,
            stand=one.name,
            other=other.name,
        )
