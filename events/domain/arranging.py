"""Stands that have no place yet, set up in rows: around those that have one, with room to walk where there is any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from events.domain.plan import STEP, Ground, Hall, Spot


@dataclass(frozen=True, slots=True)
class Room:
    """Room to leave, in metres: along the walls and between neighbours in a row, and between two rows."""

    beside: float
    between: float


ROOMS = (Room(1.0, 2.0), Room(0.5, 1.0), Room(0.0, 0.0))
"""From generous to none: the first with which everybody finds a place is taken."""


def arrange(hall: Hall, taken: Sequence[Spot], waiting: Sequence[Ground]) -> list[Spot | None]:
    """A place for each stand that waits, in their order from the upper left; None for one that fits nowhere.

    Those that are `taken` stay where they are.
    """
    tried = [_in_rows(hall, taken, waiting, room) for room in ROOMS]
    return max(tried, key=lambda found: len(found) - found.count(None))  # of equals the first, the most generous


def _in_rows(hall: Hall, taken: Sequence[Spot], waiting: Sequence[Ground], room: Room) -> list[Spot | None]:
    found: list[Spot | None] = []
    x = y = room.beside
    bottom = y
    """How far down the row reaches that is being filled."""
    hopeless: list[Ground] = []
    """What fits nowhere, so that nothing as large is tried: rows are only ever filled from here on."""
    for ground in waiting:
        if any(one.across <= ground.across and one.down <= ground.down for one in hopeless):
            found.append(None)
            continue
        at, row, reaches = x, y, bottom
        spot = None
        while spot is None and row + ground.down + room.beside <= hall.depth:
            spot = _in_row(hall, taken, ground, at, row, room)
            if spot is None:
                # A row that holds nobody yet begins a step further down, one that does a walk below them.
                row = reaches + room.between if reaches > row else row + STEP
                at, reaches = room.beside, row
        found.append(spot)
        if spot is None:
            hopeless.append(ground)
        else:
            x, y, bottom = spot.right + room.beside, row, max(reaches, spot.bottom)
    return found


def _in_row(hall: Hall, taken: Sequence[Spot], ground: Ground, at: float, row: float, room: Room) -> Spot | None:
    """The first place in a row from `at` on that leaves room to those who stand there already."""
    above, below = row - room.between, row + ground.down + room.between
    x = at
    for other in sorted((one for one in taken if one.y < below and above < one.bottom), key=lambda one: one.x):
        if x + ground.across + room.beside <= other.x:
            break
        x = max(x, other.right + room.beside)
    if x + ground.across + room.beside > hall.width:
        return None
    return Spot(x=x, y=row, width=ground.width, depth=ground.depth, turned=ground.turned)
