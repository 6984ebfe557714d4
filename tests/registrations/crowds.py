"""Crowds: an event with as many bookings as a test wants, put there by SQL, since a door would take minutes."""

from __future__ import annotations

from uuid import UUID

from events.facts import EventPublished
from tests.registrations.worlds import World

CROWD = """
-- n people, a tenth of whom wait and a hundredth of whom cancelled; names from a few, each with a number of its own.
WITH people AS (
    SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
           (ARRAY['Anna', 'Bram', 'Eline', 'Ingrid', 'Jan', 'Lars', 'Maud', 'Nils', 'Pieter', 'Tor', 'Wim'])[1 + n % 11]
           || ' ' || (ARRAY['Berg', 'Dahl', 'Haug', 'Jansen', 'Lie', 'Moen', 'Visser'])[1 + n % 7] || ' ' AS names,
           chr(97 + n % 26) || chr(97 + (n / 26) % 26) || chr(97 + (n / 676) % 26) || n AS own,
           CASE WHEN n % 100 = 0 THEN 'cancelled' WHEN n % 10 = 1 THEN 'waiting' ELSE 'confirmed' END AS status
    FROM generate_series($6::integer, $6 + $1 - 1) AS n
), visitors AS (
    INSERT INTO people.visitors (id, programme_id, name, email, email_key, language, version, created_at)
    SELECT id, $2, names || own, own || '@example.org', own || '@example.org', 'nl', 1, $4
    FROM people RETURNING id
)
INSERT INTO bookings (id, programme_id, visitor_id, event_id, status, cause, version, rotation, code, adults, children,
                      starts_at, ends_at, line, attempt, target_groups, walk_in, created_at, changed_at)
SELECT p.id, $2, p.id, $3, p.status, 'visitor', 1, 0, lpad(translate(to_hex(p.n), '0189', 'ghij'), 8, 'k'), 2, p.n % 3,
       $4, $5, CASE WHEN p.status = 'waiting' THEN p.n END, p.id, '{}', false, $4, $4
FROM people p JOIN visitors v ON v.id = p.id
"""
HOUSEHOLDS = """
INSERT INTO people.households (booking_id, programme_id, visitor_id, name, sort_key, adults, children_0_2, children_3_5,
                               children_6_12, children_13_17)
SELECT b.id, b.programme_id, b.visitor_id, v.name, lower(v.name), 2, b.children, 0, 0, 0
FROM bookings b JOIN people.visitors v ON v.id = b.visitor_id WHERE b.event_id = $1
"""


async def crowd(world: World, many: int, slug: str = "fair", *, begin: int = 1) -> EventPublished:
    """An event to which `many` households have said that they come; `begin` is the number of the first."""
    event = world.event(slug)
    await world.programme()
    await world.hear(event)
    async with world.database.transaction(world.programme_id) as tx:
        values = (many, world.programme_id, event.event_id, event.starts_at, event.ends_at, begin)
        await tx.connection.execute(CROWD, *values, timeout=120)
        await tx.connection.execute(HOUSEHOLDS, event.event_id, timeout=120)
    return event


def nth(number: int) -> UUID:
    """The booking of the n-th of a crowd, and their visitor's id."""
    return UUID(f"00000000-0000-7000-8000-{number:012x}")
