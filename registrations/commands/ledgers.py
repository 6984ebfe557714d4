"""Between rows and the ledger: lock the pools, read what the decision needs, write what it came to. Numbered, since the
order is what makes it right:

1. `lock` the pools in the order of their ids. Nothing was read before that a decision rests on: a count in the same
   statement as the lock would read an older snapshot, and oversell.
2. Lock the visitors (`commands/deciding.py`), in the order of their addresses.
3. `read` the bookings, which cannot change any more while we hold their pools.
4. Decide, in memory (`domain/`).
5. `write` bookings, places, pools, and the facts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from events.facts import EventStatus, Unit
from registrations.commands import telling
from registrations.domain.ledger import Ledger
from registrations.domain.records import Booking, EventRules, EventWindow, LinePolicy, Pool
from registrations.facts import BookingStatus, Cause
from registrations.statements import queries
from services.database import Transaction


def packed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one parameter for `jsonb_to_recordset`: a statement writes all of a batch at once."""
    return json.dumps(rows, default=str)


async def lock(
    tx: Transaction,
    *,
    slots: Sequence[UUID] = (),
    events: Sequence[UUID] = (),
    bookings: Sequence[UUID] = (),
    pools: Sequence[UUID] = (),
) -> list[Pool]:
    """Lock the pools of these slots, of these events themselves, of these bookings, and those named."""
    rows = await queries.lock_pools(
        tx.connection, slots=list(slots), events=list(events), bookings=list(bookings), pools=list(pools)
    )
    return [Pool(**{**dict(row), "unit": Unit(row["unit"])}) for row in rows]


async def read(
    tx: Transaction,
    pools: Sequence[Pool],
    *,
    bookings: Sequence[UUID] = (),
    visitors: Sequence[UUID] = (),
    everyone: bool = False,
    freeing: bool = True,
) -> Ledger:
    """The ledger of locked pools. `everyone` reads every live booking in them; `freeing` who waits, since a wish may
    free a place. Holds and offers that have ended are always read."""
    ids = [pool.id for pool in pools]
    found: dict[UUID, Booking] = {}
    if bookings or visitors:
        rows = await queries.bookings_of_wishes(tx.connection, bookings=list(bookings), visitors=list(visitors))
        found.update((row["id"], _booking(row)) for row in rows)
    if everyone:
        rows = await queries.lock_live_bookings(tx.connection, pools=ids)
        found.update((row["id"], _booking(row)) for row in rows)
    rows = await queries.bookings_in_line(tx.connection, pools=ids, freeing=ids if freeing else [], moment=tx.moment)
    for row in rows:
        found.setdefault(row["id"], _booking(row))
    windows: dict[UUID, EventWindow] = {}
    rules: dict[UUID, EventRules] = {}
    events = {pool.event_id for pool in pools} | {booking.event_id for booking in found.values()}
    for row in await queries.windows(tx.connection, events=list(events)):
        windows[row["id"]] = EventWindow(
            published=row["status"] == EventStatus.PUBLISHED,
            cancelled=row["status"] == EventStatus.CANCELLED,
            opens_at=row["opens_at"],
            closes_at=row["closes_at"],
        )
        if row["line"] is not None:
            hours = timedelta(hours=row["offer_hours"])
            rules[row["id"]] = EventRules(LinePolicy(row["line"]), hours, row["largest_household"])
    return Ledger(pools, found.values(), tx.moment, windows, rules)


async def write(tx: Transaction, ledger: Ledger, origins: Sequence[Mapping[str, str]] = ()) -> None:
    """Write what was decided and publish it, set by set: the number of statements does not grow with the batch.
    `origins` says of each change where it comes from, where that is not here."""
    changed = {change.booking.id: change.booking for change in ledger.changes}
    ending_first = sorted(changed.values(), key=lambda one: (one.status is not BookingStatus.CANCELLED, one.created_at))
    if changed:
        await queries.save_bookings(
            tx.connection, programme_id=tx.programme, rows=packed([_row(one) for one in ending_first])
        )
        await _write_places(tx, ledger, list(changed.values()))
    if ledger.line_log:
        entries = packed([asdict(entry) for entry in ledger.line_log])
        await queries.save_line_log(tx.connection, programme_id=tx.programme, moment=tx.moment, rows=entries)
    for place, change in enumerate(ledger.changes):
        fact = telling.of_change(tx.programme, change, tx.moment)
        tx.publish(fact, origin=origins[place] if origins else None)
    if ledger.touched_pools:
        rows = packed([asdict(ledger.pools[pool_id]) for pool_id in sorted(ledger.touched_pools)])
        saved = await queries.save_pools(tx.connection, rows=rows)
        tx.publish(*(telling.of_pool(tx.programme, row, tx.moment) for row in saved))


async def _write_places(tx: Transaction, ledger: Ledger, changed: Sequence[Booking]) -> None:
    moved = {
        change.booking.id for change in ledger.changes if change.previous_slot_id != change.slot_id
    } - ledger.created
    moved &= {change.booking.id for change in ledger.changes if change.previous_slot_id is not None}
    if moved:
        await queries.leave_pools(tx.connection, bookings=list(moved))
    rows = [
        {"booking_id": one.id, "pool_id": pool_id, "wanted": wanted, "taken": wanted if one.is_taking else 0}
        for one in changed
        for pool_id, wanted in one.places.items()
        if pool_id in ledger.pools
    ]
    if rows:
        await queries.save_places(tx.connection, programme_id=tx.programme, rows=packed(rows))


def _booking(row: Mapping[str, Any]) -> Booking:
    return Booking(
        id=row["id"],
        visitor_id=row["visitor_id"],
        event_id=row["event_id"],
        stand_id=row["stand_id"],
        slot_id=row["slot_id"],
        status=BookingStatus(row["status"]),
        cause=Cause(row["cause"]),
        version=row["version"],
        adults=row["adults"],
        children=row["children"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        attempt=row["attempt"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        code=row["code"],
        places={UUID(pool_id): wanted for pool_id, wanted in (row["places"] or {}).items()},
        line=row["line"],
        ends_by=row["ends_by"],
        rotation=row["rotation"],
        via=row["via"],
        heard_of=row["heard_of"],
        target_groups=tuple(row["target_groups"]),
        walk_in=row["walk_in"],
        asked_again_at=row["asked_again_at"],
    )


def _row(booking: Booking) -> dict[str, Any]:
    row = asdict(booking)
    del row["places"]
    return row
