"""Who stands at a stand when, and where somebody is missing: as many hosts as there are tables with a slot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from events.domain.slots import Stretch

SETTING_UP = timedelta(hours=12)
"""How long before an event begins, and after it ends, somebody may be at work there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Stretch):
    """Somebody at a stand, by account; the desk says nothing."""

    shift_id: UUID
    programme_id: UUID
    event_id: UUID
    stand_id: UUID
    version: int
    account_id: UUID


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which a stand receives visitors at more tables than it has hosts: `missing` more."""

    starts_at: datetime
    ends_at: datetime
    missing: int


def gaps(slots: Iterable[Stretch], shifts: Iterable[Stretch]) -> list[Gap]:
    """Where the open slots of a stand lack hosts, in order of time. Gaps that touch and miss as many are one."""
    changes: Counter[datetime] = Counter()
    for some, sign in ((slots, 1), (shifts, -1)):
        for one in some:
            changes[one.starts_at] += sign
            changes[one.ends_at] -= sign
    missing = 0
    found: list[Gap] = []
    for begins, ends in pairwise(sorted(changes)):
        missing += changes[begins]
        if missing <= 0:
            continue
        last = found[-1] if found else None
        if last and (last.ends_at, last.missing) == (begins, missing):
            found[-1] = Gap(last.starts_at, ends, missing)
        else:
            found.append(Gap(begins, ends, missing))
    return found


def is_short(slot: Stretch, lacking: Iterable[Gap]) -> bool:
    """Whether hosts are missing at some time during a slot."""
    return any(slot.starts_at < gap.ends_at and gap.starts_at < slot.ends_at for gap in lacking)
