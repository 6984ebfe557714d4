"""Whom a message of the organiser goes to, and who is left out and why. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registrations.facts import Awaits, BookingStatus


class LeftOut(StrEnum):
    """Why somebody who was chosen is not written to."""

    GONE = "gone"  # erased, or not heard of yet
    CANCELLED = "cancelled"
    ADDRESS = "address"  # nobody has said yet that it is theirs
    NO_CONTACT = "no-contact"
    TWICE = "twice"  # they get it for another of their bookings


@dataclass(frozen=True, slots=True)
class Chosen:
    """One chosen booking, by its row; `left_out` None: it is written to."""

    row: Any
    left_out: LeftOut | None


def judged(rows: Iterable[Any]) -> list[Chosen]:
    """Each of these, in order: one mail per visitor, for the first of their bookings that may have one."""
    written: set[Any] = set()
    found: list[Chosen] = []
    for row in rows:
        why = _why_not(row)
        if why is None and row["visitor_id"] in written:
            why = LeftOut.TWICE
        if why is None:
            written.add(row["visitor_id"])
        found.append(Chosen(row, why))
    return found


def _why_not(row: Any) -> LeftOut | None:
    if row["visitor_id"] is None:
        return LeftOut.GONE
    if row["status"] == BookingStatus.CANCELLED:
        return LeftOut.CANCELLED
    if row["awaits"] == Awaits.ADDRESS:
        return LeftOut.ADDRESS
    return None if row["reachable"] else LeftOut.NO_CONTACT
