"""Tables with thousands of rows, put there by SQL: what a planner must see before it says how it would read them."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from services.clock import MovedClock
from services.database import Database
from services.keys import Keys
from tests.registrations.conftest import PROGRAMME
from tests.registrations.crowds import crowd
from tests.registrations.worlds import World

ROWS = 4_000
OURS, AT = f"uuid '{PROGRAMME}'", "timestamptz '2026-04-13T07:00:00Z'"
MANY = f"generate_series(1, {ROWS}) AS n"


def number(n: str) -> str:
    """SQL for the uuid that is the number `n`."""
    return f"lpad(to_hex({n}), 32, '0')::uuid"


FILL = f"""
SET session_replication_role = replica;
INSERT INTO campaigns.link_directory (slug, programme_id, placement_id, target, changed_at)
SELECT 'slug' || n, {OURS}, {number("n")}, '/events/fair', {AT} FROM generate_series(1000, 1000 + {ROWS}) AS n;
INSERT INTO events.events_directory (slug, event_id, programme_id)
SELECT 'slug-' || n, {number("n")}, {OURS} FROM {MANY};
INSERT INTO events.stands (stand_id, programme_id, event_id, version, number, names, exhibitor, languages, offers,
                           created_at, updated_at)
SELECT {number("n")}, {OURS}, {number("n / 10")}, 1, n::text, '{{}}', 'Havlandet', '{{}}', '{{}}', {AT}, {AT}
FROM {MANY};
INSERT INTO events.slots (slot_id, programme_id, event_id, stand_id, version, status, starts_at, ends_at, desk,
                          first_amount, first_unit, created_at, updated_at)
SELECT {number("n")}, {OURS}, {number("n / 40")}, {number("n")}, 1, 'open', {AT}, {AT} + interval '1 hour', 1, 1,
       'households', {AT}, {AT} FROM {MANY};
INSERT INTO events.places (pool_id, programme_id, event_id, slot_id, version, unit, capacity, used, waiting)
SELECT {number("n")}, {OURS}, {number("n / 40")}, {number("n")}, 1, 'households', 1, 0, 0 FROM {MANY};
INSERT INTO registrations.event_directory (event_id, programme_id, slug)
SELECT {number("n")}, {OURS}, 'slug-' || n FROM {MANY};
INSERT INTO registrations.token_directory (token_hash, programme_id, purpose, booking_id)
SELECT sha256(n::text::bytea), {OURS}, 'ticket', {number("n")} FROM {MANY};
INSERT INTO registrations.pools (id, programme_id, event_id, stand_id, slot_id, unit, capacity, open, starts_at,
                                 ends_at, version)
SELECT {number("n")}, {OURS}, {number("n / 40")}, {number("n / 10")}, {number("1000 + n")}, 'households', 1, true,
       {AT}, {AT} + interval '1 hour', 1 FROM {MANY};
INSERT INTO registrations.slots (id, programme_id, event_id, titles, room, desk)
SELECT {number("1000 + n")}, {OURS}, {number("n / 40")}, '{{}}', '', 1 FROM {MANY};
INSERT INTO registrations.places (booking_id, pool_id, programme_id, wanted, taken)
SELECT id, {number("row_number() OVER ()")}, programme_id, 1, 1 FROM registrations.bookings;
INSERT INTO registrations.outbox (message_id, programme_id, aggregate, version, subject, headers, payload, occurred_at,
                                  published_at)
SELECT {number("n")}, {OURS}, 'a:' || n, 1, 'registrations.booking.confirmed.v1.' || n, '{{}}', '{{}}', {AT},
       CASE WHEN n % 100 > 0 THEN {AT} END FROM {MANY};
INSERT INTO registrations.inbox (consumer, message_id, programme_id)
SELECT 'registrations-events', {number("n")}, {OURS} FROM {MANY};
INSERT INTO registrations.seen (consumer, aggregate, programme_id, version)
SELECT 'registrations-events', 'a:' || n, {OURS}, 1 FROM {MANY};
INSERT INTO notifications.deliveries (id, programme_id, visitor_id, booking_id, kind, channel, cause, status, due_at,
                                      planned_at, settled_at)
SELECT {number("n")}, {OURS}, {number("n")}, {number("n")}, 'confirmed', 'email', 'booking 1',
       CASE WHEN n % 50 = 0 THEN 'planned' ELSE 'sent' END, {AT} + n * interval '1 minute', {AT},
       CASE WHEN n % 50 > 0 THEN {AT} END
FROM {MANY};
SET session_replication_role = origin;
"""


async def fill(admin: asyncpg.Connection, registrations: Database, keys: Keys, clock: MovedClock) -> UUID:
    """Fill them, with statistics; the event of which half of the bookings are."""
    world = World(registrations, keys, clock, PROGRAMME)
    event = await crowd(world, ROWS // 2)
    await crowd(world, ROWS // 2, "other", begin=ROWS)
    await admin.execute(FILL)
    await admin.execute("VACUUM ANALYZE")
    return event.event_id
