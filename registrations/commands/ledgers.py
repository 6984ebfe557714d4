"""Between rows and the ledger: lock the pools, read what the decision needs, write what it came to. Numbered, since the
order is what makes it right:

1. `lock` the pools in the order of their ids. Nothing was read before that a decision rests on: a count in the same
   statement as the lock would read an older snapshot, and oversell. What was read to know which pools to lock is looked
   at again behind the locks: `Elsewhere` where it is no longer so.
2. Lock the visitors (`commands/deciding.py`), in the order of their addresses.
3. `read` the bookings, which cannot change any more while we hold their pools.
4. Decide, in memory (`domain/`).
5. `write` bookings, places, pools, and the facts. Those in line, whom it read without a lock since they are many, and
   those asked to leave, are locked now if they change, and must be as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from events.facts import EventStatus, Unit
from registrations.commands import telling
from registrations.domain.changes import LineEntry
from registrations.domain.ledger import Ledger
from registrations.domain.once import in_order, spot
from registrations.domain.records import Booking, EventRules, EventWindow, Hold, LinePolicy, Pool
from registrations.facts import Awaits, BookingStatus, Cause, Scope
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id


class Elsewhere(Exception):
    """What we would decide about changed pools between our look and our lock. Nothing was decided: begin anew."""


def packed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one parameter for `jsonb_to_recordset`: a statement writes all of a batch at once."""
    return to_json(rows).decode()


async def lock(
    tx: Transaction,
    *,
    slots: Sequence[UUID] = (),
    events: Sequence[UUID] = (),
    bookings: Sequence[UUID] = (),
    attempts: Sequence[UUID] = (),
    pools: Sequence[UUID] = (),
) -> list[Pool]:
    """Lock the pools of these slots, of these events themselves, of these bookings and holds, and those named; with all
    that lie across them, and where such a one is shared with other places, those too; and with the tables beside."""
    rows = await queries.lock_pools(
        tx.connection,
        slots=list(slots),
        events=list(events),
        bookings=list(bookings),
        attempts=list(attempts),
        pools=list(pools),
    )
    found = [Pool(**{**dict(row), "unit": Unit(row["unit"]), "scope": Scope(row["scope"])}) for row in rows]
    await _check_across(tx, found)
    return found


async def _check_across(tx: Transaction, pools: Sequence[Pool]) -> None:
    ours, stands = {pool.id for pool in pools}, {pool.stand_id for pool in pools} | {None}
    for row in await queries.pools_across(tx.connection, events=list({pool.event_id for pool in pools})):
        if row["id"] not in ours and row["stand_id"] in stands:
            raise Elsewhere(str(row["id"]))


async def read(
    tx: Transaction,
    pools: Sequence[Pool],
    *,
    bookings: Sequence[UUID] = (),
    visitors: Sequence[UUID] = (),
    attempts: Sequence[UUID] = (),
    everyone: bool = False,
    freeing: bool = True,
) -> Ledger:
    """The ledger of locked pools. `everyone` reads every live booking in them; `freeing` who waits, since a wish may
    free a place; else they are read only where a place is free past them. Holds and offers that have ended are always
    read, and who was asked to leave where a capacity is to fall, and the holds of `attempts`."""
    ids = [pool.id for pool in pools]
    found: dict[UUID, Booking] = {}
    if bookings or visitors:
        rows = await queries.bookings_of_wishes(tx.connection, bookings=list(bookings), visitors=list(visitors))
        found.update((row["id"], _booking(row)) for row in rows)
    stood = {one.id: spot(one) for one in found.values()}
    if everyone:
        rows = await queries.lock_live_bookings(tx.connection, pools=ids)
        found.update((row["id"], _booking(row)) for row in rows)
    holds = await queries.holds_to_settle(tx.connection, attempts=list(attempts), pools=ids, moment=tx.moment)
    kept = [_hold(row) for row in holds]
    for hold in kept:
        if not set(ids) >= hold.places.keys():
            raise Elsewhere(str(hold.attempt))
    freed = {pool_id for hold in kept for pool_id in hold.places}
    moving = {_line_of(pool) for pool in pools if freeing or pool.free > 0 or pool.id in freed}
    open_lines = [pool.id for pool in pools if pool.waiting and _line_of(pool) in moving]
    rows = await queries.bookings_in_line(tx.connection, pools=ids, freeing=open_lines, moment=tx.moment)
    falling = [pool.id for pool in pools if pool.goal is not None]
    asked = await queries.asked_for_goals(tx.connection, pools=falling) if falling else []
    seen = {row["id"]: row["version"] for row in (*rows, *asked) if row["id"] not in found}
    for row in (*rows, *asked):
        found.setdefault(row["id"], _booking(row))
    for row in rows:
        found[row["id"]].has_offer = row["offered"] is not None and row["offered"] not in found
    windows: dict[UUID, EventWindow] = {}
    rules: dict[UUID, EventRules] = {}
    events = {pool.event_id for pool in pools} | {booking.event_id for booking in found.values()}
    for row in await queries.windows(tx.connection, events=list(events)):
        windows[row["id"]] = EventWindow(
            published=row["status"] == EventStatus.PUBLISHED,
            cancelled=row["status"] == EventStatus.CANCELLED,
            opens_at=row["opens_at"],
            closes_at=row["closes_at"],
            time_zone=row["time_zone"],
            ready=row["ready"],
        )
        if row["line"] is not None:
            rules[row["id"]] = rules_of(row)
    ledger = Ledger(pools, found.values(), tx.moment, windows, rules, kept)
    ledger.seen, ledger.stood = seen, stood
    return ledger


def _line_of(pool: Pool) -> object:
    """What those who wait for a pool have in common: the tables of a stand at one time are one line."""
    if pool.scope is not Scope.PLACE or pool.stand_id is None:
        return pool.id
    return pool.event_id, pool.stand_id, pool.starts_at, pool.ends_at


def rules_of(row: Mapping[str, Any]) -> EventRules:
    """The rules in a row of `event_rules`; the usual ones where there is none."""
    if row["line"] is None:
        return EventRules()
    return EventRules(
        line=LinePolicy(row["line"]),
        offer_for=timedelta(hours=row["offer_hours"]),
        largest_household=row["largest_household"],
        largest_group=row["largest_group"],
        confirm_address=row["confirm_address"],
        approval=row["approval"],
        change_until=_hours(row["change_until_hours"]),
        cancel_until=_hours(row["cancel_until_hours"]),
        draw_at=row["draw_at"],
        drawn_at=row["drawn_at"],
    )


def _hours(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(hours=count)


async def write(tx: Transaction, ledger: Ledger, origins: Sequence[Mapping[str, str]] = ()) -> None:
    """Write what was decided and publish it, set by set: the number of statements does not grow with the batch.
    `origins` says of each change where it comes from, where that is not here."""
    ledger.come_down()
    await _write_holds(tx, ledger)
    changed = {change.booking.id: change.booking for change in ledger.changes}
    changed |= {booking_id: ledger.bookings[booking_id] for booking_id in ledger.touched_bookings}
    if changed:
        await _lock_seen(tx, ledger, changed.keys())
        saved = packed([_row(one) for one in in_order(list(changed.values()), ledger.stood)])
        await queries.save_bookings(tx.connection, programme_id=tx.programme, rows=saved)
        await _write_places(tx, ledger, list(changed.values()))
    if ledger.log.entries:
        entries = packed([_entry(entry) for entry in ledger.log.entries])
        decided = new_id(tx.moment)
        await queries.save_line_log(
            tx.connection, programme_id=tx.programme, decided=decided, moment=tx.moment, rows=entries
        )
    for place, change in enumerate(ledger.changes):
        fact = telling.of_change(tx.programme, change, tx.moment)
        # Who may stay after all has nobody in particular to thank for it: it is said of the decision as a whole.
        tx.publish(fact, origin=origins[place] if place < len(origins) else None)
    if ledger.touched_pools:
        rows = packed([_flat(ledger.pools[pool_id]) for pool_id in sorted(ledger.touched_pools)])
        told = await queries.save_pools(tx.connection, rows=rows)
        tx.publish(*(telling.of_pool(tx.programme, row, tx.moment) for row in told))


async def _lock_seen(tx: Transaction, ledger: Ledger, changed: Set[UUID]) -> None:
    """Raises `Elsewhere` where one that was read without a lock has had another step since: its version is taken."""
    unsure = sorted(changed & ledger.seen.keys())
    if unsure:
        rows = await queries.lock_versions(tx.connection, bookings=unsure)
        for row in rows:
            if row["version"] != ledger.seen[row["id"]]:
                raise Elsewhere(str(row["id"]))


async def _write_holds(tx: Transaction, ledger: Ledger) -> None:
    if ledger.touched_holds:
        # Only what we read: another process's hold of the same form must stop us, since we do not give its places back.
        await queries.drop_holds(tx.connection, attempts=list(ledger.touched_holds & ledger.held_before))
        kept = [ledger.holds[attempt] for attempt in sorted(ledger.touched_holds & ledger.holds.keys())]
        rows = [{**_flat(one), "places": _keyed(one.places)} for one in kept]
        if rows:
            await queries.save_holds(tx.connection, programme_id=tx.programme, rows=packed(rows))


def _keyed(by_pool: Mapping[UUID, int]) -> dict[str, int]:
    return {str(pool_id): amount for pool_id, amount in by_pool.items()}


def _flat(one: Pool | Hold | LineEntry) -> dict[str, Any]:
    """Its fields as they are; `asdict` would copy them deep."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


def _entry(entry: LineEntry) -> dict[str, Any]:
    return {**_flat(entry), "needs": _keyed(entry.needs), "frees": _keyed(entry.frees)}


async def _write_places(tx: Transaction, ledger: Ledger, changed: Sequence[Booking]) -> None:
    if ledger.replaced:
        await queries.leave_pools(tx.connection, bookings=list(ledger.replaced))
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
        is_group=row["is_group"],
        asked_again_at=row["asked_again_at"],
        awaits=Awaits(row["awaits"]) if row["awaits"] else None,
        asked_to_move_at=row["asked_to_move_at"],
        declined=row["declined"],
    )


def _hold(row: Mapping[str, Any]) -> Hold:
    return Hold(
        attempt=row["attempt"],
        event_id=row["event_id"],
        stand_id=row["stand_id"],
        slot_id=row["slot_id"],
        adults=row["adults"],
        children=row["children"],
        ends_by=row["ends_by"],
        places={UUID(pool_id): taken for pool_id, taken in (row["places"] or {}).items()},
    )


KEPT = tuple(one.name for one in fields(Booking) if one.name not in {"places", "has_offer"})
"""What of a booking is in its row; `asdict` would copy it deep, which took half of a decision."""


def _row(booking: Booking) -> dict[str, Any]:
    return {name: getattr(booking, name) for name in KEPT}
