"""What must hold of events at any moment, counted across all programmes: 0 is well."""

from __future__ import annotations

from events.records import queries
from services.database import Transaction
from services.service import Check


async def calendar(tx: Transaction) -> int:
    return int(await queries.calendar_out_of_step(tx.connection))


async def addresses(tx: Transaction) -> int:
    return int(await queries.addresses_out_of_step(tx.connection))


async def slots(tx: Transaction) -> int:
    return int(await queries.slots_astray(tx.connection))


CHECKS = (
    Check("calendar", "The public calendar shows every published event as it is now, and nothing else.", calendar),
    Check("addresses", "Every event is found under its own address.", addresses),
    Check("slots", "Every open slot lies within its event, at a stand that is there.", slots),
)
