"""Places open, move and close as the events service tells; how many there are is ours from then on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.facts import EventFact, EventStatus, FirstCapacity, SlotFact, SlotStatus, Unit
from registrations.commands import ledgers, telling
from registrations.domain import line, organising
from registrations.domain.ledger import Ledger
from registrations.domain.records import Pool, needed
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause, Scope
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id


async def follow_event(tx: Transaction, fact: EventFact) -> None:
    """Bring the places of an event to what the fact says, from its state alone: an earlier one may not have come."""
    if fact.status is EventStatus.CANCELLED:
        pools = await queries.pools_of_event(tx.connection, event_id=fact.event_id)
        if pools:
            ledger = await _all_of(tx, [row["id"] for row in pools])
            organising.close(ledger, *ledger.pools.values())
            await ledgers.write(tx, ledger)
    elif fact.status is EventStatus.PUBLISHED:
        await _reopen_across(tx, fact.event_id)
        await _follow(tx, fact, None, None, fact.first_capacity, is_open=fact.first_capacity is not None)


async def _reopen_across(tx: Transaction, event_id: UUID) -> None:
    """What is counted over a stand or the event as a whole is open as long as the event takes place: a cancellation
    closed it, and no slot's fact would open it again."""
    closed = await queries.closed_across(tx.connection, event_id=event_id)
    if closed:
        ledger = await _all_of(tx, [row["id"] for row in closed])
        for row in closed:
            ledger.pools[row["id"]].open = True
            ledger.touched_pools.add(row["id"])
        await ledgers.write(tx, ledger)


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
    pool = next((one for one in found if one.scope is Scope.PLACE and one.slot_id == slot_id), None)
    if pool is None:
        return
    # Before the rules are read: whoever waits for lots is told of the new time with when those are drawn now.
    await queries.retime_pool(tx.connection, id=pool.id, starts_at=fact.starts_at, ends_at=fact.ends_at)
    ledger = await ledgers.read(tx, found, everyone=True)
    if is_open and not pool.open:
        pool.open = True
        ledger.touched_pools.add(pool.id)
    ledger.release_ended()
    organising.retime(ledger, pool, fact.starts_at, fact.ends_at)
    if not is_open:
        organising.close(ledger, pool)
    await ledgers.write(tx, ledger)
    moved = [change.booking.id for change in ledger.changes if change.cause is Cause.EVENT and change.what == "moved"]
    if moved:
        await queries.mark_clashes(tx.connection, bookings=moved)


async def set_capacity(tx: Transaction, pool_id: UUID, capacity: int, *, asking: bool = False) -> None:
    """Another capacity, by the organiser; who waits moves up. Below what is taken it raises `Refused`; or, `asking`,
    whoever booked last is asked to choose something else, and capacity falls as they do."""
    ledger, pool = await _one_of(tx, pool_id, everyone=asking)
    ledger.release_ended()
    organising.set_capacity(ledger, pool, capacity, asking=asking)
    await ledgers.write(tx, ledger)


async def affected(tx: Transaction, pool_id: UUID, capacity: int) -> list[UUID]:
    """The bookings that would have to leave for this capacity: whoever booked last. Nothing is changed."""
    ledger, pool = await _one_of(tx, pool_id, everyone=True)
    return [booking.id for booking in organising.affected(ledger, pool, pool.used - capacity)]


async def _one_of(tx: Transaction, pool_id: UUID, *, everyone: bool) -> tuple[Ledger, Pool]:
    pools = await ledgers.lock(tx, pools=[pool_id])
    asked = [row["id"] for row in await queries.asked_to_move(tx.connection, pool_id=pool_id)]
    ledger = await ledgers.read(tx, pools, bookings=asked, everyone=everyone)
    if pool_id not in ledger.pools:
        raise Refused(Reason.UNKNOWN_PLACE)
    return ledger, ledger.pools[pool_id]


async def lay_across(tx: Transaction, event_id: UUID, stand_id: UUID | None, unit: Unit, capacity: int) -> None:
    """Count places over an event (or one stand of it) as a whole too: its tables, all its persons, its children.

    What is booked there already draws on it at once. Raises `Refused` where that is more than `capacity`, and where it
    is counted already.
    """
    rows = await queries.pools_of_event(tx.connection, event_id=event_id)
    under = [row["id"] for row in rows if stand_id is None or row["stand_id"] == stand_id]
    await ledgers.lock(tx, pools=under)
    opened = await queries.open_pool_across(
        tx.connection,
        id=new_id(tx.moment),
        event_id=event_id,
        stand_id=stand_id,
        scope=Scope.EVENT if stand_id is None else Scope.STAND,
        unit=unit,
        capacity=capacity,
    )
    if opened is None:
        raise Refused(Reason.COUNTED_ALREADY)
    await _draw_on(tx, opened, event_id, stand_id)


async def _draw_on(tx: Transaction, opened: Mapping[str, Any], event_id: UUID, stand_id: UUID | None) -> None:
    bookings, holds = list[dict[str, Any]](), list[dict[str, Any]]()
    used = waiting = 0
    for row in await queries.places_under(tx.connection, event_id=event_id, stand_id=stand_id):
        wanted = needed(Unit(opened["unit"]), row["adults"], row["children"])
        takes = wanted if row["status"] != BookingStatus.WAITING else 0
        if not wanted:
            continue
        used, waiting = used + takes, waiting + (not takes)
        if row["attempt"]:
            holds.append({"attempt": row["attempt"], "taken": wanted})
        else:
            bookings.append({"booking_id": row["booking_id"], "wanted": wanted, "taken": takes})
    if used > opened["capacity"]:
        raise Refused(Reason.BELOW_USED, used=used, capacity=opened["capacity"])
    saved = await queries.fill_pool_across(tx.connection, id=opened["id"], used=used, waiting=waiting)
    values = {"programme_id": tx.programme, "pool_id": opened["id"]}
    await queries.draw_on(tx.connection, **values, rows=ledgers.packed(bookings))
    await queries.hold_on(tx.connection, **values, rows=ledgers.packed(holds))
    tx.publish(telling.of_pool(tx.programme, saved, tx.moment))


async def draw_lots(tx: Transaction, event_id: UUID, seed: bytes) -> None:
    """Order the line of an event by lot, once, and give out its places in that order. `seed`: 32 bytes of chance."""
    pools = [row["id"] for row in await queries.pools_of_event(tx.connection, event_id=event_id)]
    ledger = await _all_of(tx, pools)
    rules = await queries.lock_rules(tx.connection, event_id=event_id)
    if rules is None or rules["draw_at"] is None or rules["drawn_at"] is not None:
        return
    ledger.release_ended()
    line.draw(ledger, event_id, seed)
    await queries.save_drawn(tx.connection, event_id=event_id, seed=seed, moment=tx.moment)
    await ledgers.write(tx, ledger)


async def _all_of(tx: Transaction, pools: Sequence[UUID]) -> Ledger:
    return await ledgers.read(tx, await ledgers.lock(tx, pools=pools), everyone=True)
