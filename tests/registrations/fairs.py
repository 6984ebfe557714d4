"""A fair that a random test may do anything to, and what must hold of it whatever was done.

The rules of what must hold are said once more here, from the rows alone, and share no code with what decides: sums by
hand, one place at a time. A pure machine and one on the database ask the same of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from events.facts import Unit
from registrations.domain.records import Booking, EventRules, Hold, Pool
from registrations.facts import Awaits, Scope

TAKES = ("held", "confirmed", "offered", "attended", "no_show")
COUNTS = ("held", "confirmed", "offered", "attended", "waiting")


@dataclass
class Rows:
    """Everything there is at one moment."""

    moment: datetime
    pools: list[Pool]
    bookings: list[Booking]
    holds: list[Hold]
    rules: Mapping[UUID, EventRules]
    cancelled: frozenset[UUID] = frozenset()
    """Events that were called off."""


def wants(pool: Pool, one: Booking | Hold) -> int:
    """What a household must have of a pool, from the pool's own columns and theirs."""
    if pool.event_id != one.event_id:
        return 0
    if pool.scope is Scope.PLACE and pool.slot_id != one.slot_id:
        return 0
    if pool.scope is Scope.STAND and pool.stand_id != one.stand_id:
        return 0
    return {Unit.HOUSEHOLDS: 1, Unit.PERSONS: one.adults + one.children, Unit.CHILDREN: one.children}[pool.unit]


def check(rows: Rows) -> None:
    """Raise AssertionError with what is wrong."""
    for rule in (_whole, _counted, _nobody_forgotten, _one_offer, _once_at_a_time, _ends, _holds, _asked):
        rule(rows)


def _whole(rows: Rows) -> None:
    """A household has or wants of each pool what it needs: all of it or nothing."""
    for one in (*rows.bookings, *rows.holds):
        if isinstance(one, Hold) or (one.status in COUNTS and not one.walk_in):
            needed = {pool.id: wants(pool, one) for pool in rows.pools if wants(pool, one)}
            assert one.places == needed, f"{one} has {one.places} and needs {needed}"


def _counted(rows: Rows) -> None:
    for pool in rows.pools:
        taking = [one for one in rows.bookings if one.status in TAKES] + list[Booking | Hold](rows.holds)
        used = sum(one.places.get(pool.id, 0) for one in taking)
        waiting = sum(one.status == "waiting" and pool.id in one.places for one in rows.bookings)
        assert (pool.used, pool.waiting) == (used, waiting), f"{pool} and its rows say {used}, {waiting}"
        assert pool.used <= pool.capacity, f"oversold: {pool}"
        assert pool.goal is None or pool.goal < pool.used == pool.capacity, f"{pool} does not fall to its goal"


def eligible(rows: Rows, one: Booking) -> bool:
    """Whether one in line may be given a place: nothing awaited, nothing offered, and the place still to be had."""
    own = next((pool for pool in rows.pools if pool.scope is Scope.PLACE and wants(pool, one)), None)
    rules = rows.rules.get(one.event_id, EventRules())
    return (
        own is not None
        and own.open
        and rows.moment < own.starts_at
        and one.awaits is None
        and (rules.draw_at is None or rules.drawn_at is not None)
        and one.event_id not in rows.cancelled
        and not any(other.visitor_id == one.visitor_id and other.status == "offered" for other in rows.bookings)
    )


def _nobody_forgotten(rows: Rows) -> None:
    left = {
        pool.id: pool.capacity - pool.used if pool.goal is None else 0 for pool in rows.pools
    }  # a capacity on its way down has nothing to give
    for one in rows.bookings:
        if one.status == "waiting" and eligible(rows, one):
            for table in tables_of(rows, one):
                there = replace(one, slot_id=table.slot_id)
                needed = {pool.id: wants(pool, there) for pool in rows.pools}
                assert any(wanted > left[pool] for pool, wanted in needed.items()), (
                    f"{one} waits and would fit at {table} in {left}"
                )


def tables_of(rows: Rows, one: Booking) -> list[Pool]:
    """Where one who waits would sit: at the slot they chose, or at another table of that stand at that time."""
    return [
        pool
        for pool in rows.pools
        if pool.scope is Scope.PLACE
        and pool.open
        and (wants(pool, one) or (one.stand_id is not None and at_one_time(pool, one)))
    ]


def at_one_time(pool: Pool, one: Booking | Pool) -> bool:
    """Whether a slot is at the stand and the time of another."""
    there = (pool.event_id, pool.stand_id, pool.starts_at, pool.ends_at)
    return pool.scope is Scope.PLACE and there == (one.event_id, one.stand_id, one.starts_at, one.ends_at)


def _one_offer(rows: Rows) -> None:
    offered = [one.visitor_id for one in rows.bookings if one.status == "offered"]
    assert len(offered) == len(set(offered)), "somebody has two offers"


def _once_at_a_time(rows: Rows) -> None:
    """Nobody is twice at a stand or in a session, nor in two slots at one time."""
    counted = [one for one in rows.bookings if one.status in COUNTS and not one.walk_in]
    for a, b in ((a, b) for a in counted for b in counted if a.id < b.id and a.visitor_id == b.visitor_id):
        assert (a.event_id, a.stand_id or a.slot_id) != (b.event_id, b.stand_id or b.slot_id), f"twice there: {a} {b}"
        if a.slot_id and b.slot_id:
            assert a.ends_at <= b.starts_at or b.ends_at <= a.starts_at, f"in two slots at once: {a} {b}"


def _ends(rows: Rows) -> None:
    """What is kept for an answer has an end, not past its start; what awaits nothing has none; and none is overdue."""
    for one in rows.bookings:
        assert (one.ends_by is not None) == (one.status in ("held", "offered")), one
        if one.ends_by is not None:
            assert rows.moment < one.ends_by <= one.starts_at, f"kept too long: {one}"
        if one.status != "waiting":
            assert (one.awaits is not None) == (one.status == "held"), one
        assert one.awaits in (None, Awaits.ADDRESS, Awaits.APPROVAL)
        assert one.status != "waiting" or one.line, "everyone in line has a number"


def _holds(rows: Rows) -> None:
    for one in rows.holds:
        assert rows.moment < one.ends_by, f"a form keeps {one} too long"


def _asked(rows: Rows) -> None:
    """Nobody stays asked to leave whom no goal needs to."""
    falling = {pool.id for pool in rows.pools if pool.goal is not None}
    for one in rows.bookings:
        if one.asked_to_move_at is not None and one.status in ("held", "confirmed", "offered"):
            assert falling & one.places.keys(), f"{one} is asked to leave for no goal"


def versions_rise(told: Iterable[tuple[UUID, int]], before: dict[UUID, int]) -> None:
    """Facts of bookings in order: each has the version after the one before. Brings `before` up to date."""
    for booking_id, version in told:
        assert version == before.get(booking_id, 0) + 1, "one fact for each version, in order"
        before[booking_id] = version
