"""What stands in the books once everybody was answered: in the rows, and in what the others were told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from registrations.upkeep import CHECKS
from tests.registrations.worlds import World

ROWS = """
-- The bookings of an event by status; what is held without a name is one too.
SELECT status, count(*) AS many FROM bookings WHERE event_id = $1 GROUP BY 1
UNION ALL SELECT 'kept', count(*) FROM holds WHERE event_id = $1 HAVING count(*) > 0
"""
TOLD = """
-- The same by the last fact about each booking.
SELECT status, count(*) AS many FROM (
    SELECT DISTINCT ON (aggregate) payload ->> 'status' AS status FROM outbox
    WHERE aggregate LIKE 'booking:%' AND payload ->> 'event_id' = $1::text ORDER BY aggregate, version DESC
) last GROUP BY 1
"""
POOLS = """
-- What each pool says is taken, what is taken by its rows, and what the others were told: last, and at worst how many
-- more than there were.
SELECT p.used, p.capacity, t.used AS told, t.over AS told_over,
       (SELECT coalesce(sum(taken), 0) FROM places WHERE pool_id = p.id)
       + (SELECT coalesce(sum(taken), 0) FROM hold_places WHERE pool_id = p.id) AS taken
FROM pools p CROSS JOIN LATERAL (
    SELECT (payload ->> 'used')::integer AS used,
           max((payload ->> 'used')::integer - (payload ->> 'capacity')::integer) OVER () AS over
    FROM outbox WHERE aggregate = 'pool:' || p.id ORDER BY version DESC LIMIT 1
) t WHERE p.event_id = $1 ORDER BY p.starts_at
"""
TOLD_TWICE = "SELECT count(*) - count(DISTINCT (aggregate, version)) FROM outbox WHERE aggregate LIKE 'booking:%'"
HERE_TWICE = """
-- Visitors who are twice in one place.
SELECT count(*) FROM (
    SELECT FROM bookings WHERE status = 'confirmed' GROUP BY visitor_id, event_id, slot_id HAVING count(*) > 1
) twice
"""
MADE_TWICE = "SELECT count(*) - count(DISTINCT (programme_id, attempt)) FROM bookings"


@dataclass(frozen=True, slots=True)
class Pool:
    used: int
    capacity: int
    told: int
    told_over: int
    taken: int


@dataclass(frozen=True, slots=True)
class Books:
    rows: Counter[str]
    told: Counter[str]
    pools: list[Pool]


async def books_of(world: World, event_id: UUID) -> Books:
    return Books(
        Counter({row["status"]: row["many"] for row in await world.rows(ROWS, event_id)}),
        Counter({row["status"]: row["many"] for row in await world.rows(TOLD, str(event_id))}),
        [Pool(**row) for row in await world.rows(POOLS, event_id)],
    )


async def wrong(world: World) -> Counter[str]:
    """How often each live invariant is broken, a version of a booking told twice, a visitor given two, or a form
    made two."""
    async with world.database.system() as tx:
        found = {check.name: await check.count(tx) for check in CHECKS}
        found["told twice"] = await tx.connection.fetchval(TOLD_TWICE)
        found["here twice"] = await tx.connection.fetchval(HERE_TWICE)
        found["made twice"] = await tx.connection.fetchval(MADE_TWICE)
    return +Counter(found)
