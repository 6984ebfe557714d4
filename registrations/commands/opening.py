"""Places open, move and close as the events service tells; how many there are is ours from then on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from events.facts import EventFact, EventStatus, FirstCapacity, SlotFact, SlotStatus
from registrations.commands import ledgers, telling
from registrations.domain.ledger import Ledger
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Cause
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id


async def follow_event(tx: Transaction, fact: EventFact) -> None:
    """Bring the places of an event to what the fact says, from its state alone: an earlier one may not have come."""
    if fact.status is EventStatus.CANCELLED:
        pools = await queries.pools_of_event(tx.connection, event_id=fact.event_id)
        if pools:
            ledger = await _all_of(tx, [row["id"] for row in pools])
            for pool in ledger.pools.values():
                ledger.close(pool)
            await ledgers.write(tx, ledger)
    elif fact.status is EventStatus.PUBLISHED:
        await _follow(tx, fact, None, None, fact.first_capacity, is_open=fact.first_capacity is not None)


async def follow_slot(tx: Transaction, fact: SlotFact) -> None:
    """Bring the places of a slot to what the fact says."""
    await _follow(tx, fact, fact.stand_id, fact.slot_id, fact.first_capacity, is_open=fact.status is SlotStatus.OPEN)


async def _follow(
    tx: Transaction,
    fact: EventFact | SlotFact,
    stand_id: UUID | None,
    slot_id: UUID | None,
    first: FirstCapacity | None,
    *,
    is_open: bool,
) -> None:
    if first is not None:
        opened = await queries.open_pool(
            tx.connection,
            id=new_id(tx.moment),
            programme_id=tx.programme,
            event_id=fact.event_id,
            stand_id=stand_id,
            slot_id=slot_id,
            unit=first.unit,
            capacity=first.amount,
            open=is_open,
            starts_at=fact.starts_at,
            ends_at=fact.ends_at,
        )
        if opened is not None:
            tx.publish(telling.of_pool(tx.programme, opened, tx.moment))
            return
    found = await ledgers.lock(tx, slots=[slot_id] if slot_id else [], events=[] if slot_id else [fact.event_id])
    if not found:
        return
    ledger = await ledgers.read(tx, found, everyone=True)
    pool = found[0]
    if is_open and not pool.open:
        pool.open = True
        ledger.touched_pools.add(pool.id)
    ledger.release_ended()
    ledger.retime(pool, fact.starts_at, fact.ends_at)
    if not is_open:
        ledger.close(pool)
    await ledgers.write(tx, ledger)
    moved = [change.booking.id for change in ledger.changes if change.cause is Cause.EVENT and change.what == "moved"]
    if moved:
        await queries.mark_clashes(tx.connection, bookings=moved)


async def set_capacity(tx: Transaction, pool_id: UUID, capacity: int) -> None:
    """Another capacity, by the organiser; who waits moves up. Raises `Refused` below what is taken."""
    found = await ledgers.lock(tx, pools=[pool_id])
    if not found:
        raise Refused(Reason.UNKNOWN_PLACE)
    ledger = await ledgers.read(tx, found)
    ledger.release_ended()
    ledger.set_capacity(found[0], capacity)
    await ledgers.write(tx, ledger)


async def set_rules(tx: Transaction, event_id: UUID, rules: EventRules) -> None:
    """How an event gives out its places from now on. Offers that are out keep the time they were given."""
    await queries.save_rules(
        tx.connection,
        event_id=event_id,
        programme_id=tx.programme,
        line=rules.line,
        offer_hours=int(rules.offer_for.total_seconds() // 3600),
        largest_household=rules.largest_household,
    )


async def _all_of(tx: Transaction, pools: Sequence[UUID]) -> Ledger:
    return await ledgers.read(tx, await ledgers.lock(tx, pools=pools), everyone=True)
