"""Decisions of lines as staff read them: movement by movement, who was looked at, what came of it and why.

What is shown is told again from its record (`domain/replay.py`); where a decision does not follow from it, that is
said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from registrations.domain.replay import Entry, retell

TURNS = 10
LOOKS = 40
"""So many looks are shown of a movement: a long line is passed over by the hundred. Who got something always is."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one in line; `row` is its entry with a name and the unit of its pool."""

    row: Any
    follows: bool
    """Whether it follows from its record."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of a line: its looks in order, those shown, and how many more there were."""

    at: datetime
    looks: Sequence[Look]
    more: int


def movements(rows: Sequence[Any]) -> list[Movement]:
    """The movements in these rows, which are in the order of their queries."""
    seeds = {row["event_id"]: row["seed"] for row in rows if row["seed"] is not None}
    wrong = {told.entry.id for told in retell((_entry(row) for row in rows), seeds) if told.wrong}
    found: list[Movement] = []
    for _, turn in groupby(rows, key=lambda row: (row["decided"], row["turn"])):
        looks = [Look(row, row["id"] not in wrong) for row in turn]
        found.append(Movement(looks[0].row["at"], looks, looks[0].row["looks"] - len(looks)))
    return found


def _entry(row: Any) -> Entry:
    return Entry(
        id=row["id"],
        decided=row["decided"],
        turn=row["turn"],
        booking_id=row["booking_id"],
        event_id=row["event_id"],
        pool_id=row["pool_id"],
        decision=row["decision"],
        line=row["line"],
        needed=row["needed"],
        free=row["free"],
        needs={UUID(pool_id): amount for pool_id, amount in row["needs"].items()},
        frees={UUID(pool_id): amount for pool_id, amount in row["frees"].items()},
        reason=row["reason"],
        why=row["why"],
    )
