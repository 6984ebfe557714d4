"""Tells who writes to visitors which bookings were chosen: ids alone, some hundreds in a fact."""

from __future__ import annotations

from uuid import UUID

from registrations.domain.retention import SELECTION_KEPT
from registrations.facts import SelectionMade
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id

CHUNK = 500
"""Ids in one fact: 20 kB."""


async def tell(tx: Transaction, selection_id: UUID) -> None:
    """Say what was chosen, once; said again, or gone meanwhile, nothing is told."""
    row = await queries.tell_selection(tx.connection, id=selection_id, moment=tx.moment)
    if row is None:
        return
    bookings: list[UUID] = row["bookings"]
    chunks = [bookings[start : start + CHUNK] for start in range(0, len(bookings), CHUNK)] or [[]]
    for number, some in enumerate(chunks, 1):
        tx.publish(
            SelectionMade(
                programme_id=tx.programme,
                version=1,
                at=tx.moment,
                part_id=new_id(tx.moment),
                selection_id=selection_id,
                event_id=row["event_id"],
                bookings=tuple(some),
                part=number,
                parts=len(chunks),
                ends_at=row["created_at"] + SELECTION_KEPT,
            )
        )
