"""Clashes between municipalities: two events at the same time that ask the same people to be in two places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Happening:
    """What a clash is judged by. No municipality: it is held for all of them. No target groups: it is for everyone."""

    event_id: UUID
    starts_at: datetime
    ends_at: datetime
    municipality_id: UUID | None = None
    target_groups: frozenset[UUID] = frozenset()


def clash(one: Happening, other: Happening) -> bool:
    """Whether they overlap in time, are not both one municipality's own affair, and are for some of the same people."""
    same_time = one.starts_at < other.ends_at and other.starts_at < one.ends_at
    same_house = one.municipality_id is not None and one.municipality_id == other.municipality_id
    same_people = not one.target_groups or not other.target_groups or bool(one.target_groups & other.target_groups)
    return same_time and not same_house and same_people


def clashes(happenings: Iterable[Happening]) -> dict[UUID, tuple[UUID, ...]]:
    """For each event that clashes, those it clashes with, in order of time. Symmetric; none clashes with itself."""
    found: dict[UUID, list[Happening]] = {}
    under_way: list[Happening] = []
    for one in sorted(happenings, key=lambda happening: (happening.starts_at, happening.event_id)):
        under_way = [earlier for earlier in under_way if earlier.ends_at > one.starts_at]
        for earlier in under_way:
            if clash(earlier, one):
                found.setdefault(earlier.event_id, []).append(one)
                found.setdefault(one.event_id, []).append(earlier)
        under_way.append(one)
    return {
        event_id: tuple(
            other.event_id for other in sorted(others, key=lambda happening: (happening.starts_at, happening.event_id))
        )
        for event_id, others in found.items()
    }
