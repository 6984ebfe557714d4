-- name: lock_pools
-- Locks every pool that these wishes touch, in the order of their ids, so that no two deciders wait for each other in a ring.
SELECT p.id, p.event_id, p.stand_id, p.slot_id, p.unit, p.capacity, p.used, p.waiting, p.last_line, p.open, p.starts_at, p.ends_at,
       p.version
FROM pools p
WHERE p.id IN (
    SELECT id FROM pools WHERE slot_id = ANY (:slots::uuid[])
    UNION SELECT id FROM pools WHERE slot_id IS NULL AND event_id = ANY (:events::uuid[])
    UNION SELECT pool_id FROM places WHERE booking_id = ANY (:bookings::uuid[])
    UNION SELECT unnest(:pools::uuid[])
)
ORDER BY p.id
FOR UPDATE;

-- name: bookings_of_wishes
-- The bookings wished about and all counted ones of the visitors who wish, locked in order: a check-in waits for us, or we for it.
SELECT b.*, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places
FROM bookings b
WHERE b.id IN (
    SELECT unnest(:bookings::uuid[])
    UNION
    SELECT id FROM bookings
    WHERE visitor_id = ANY (:visitors::uuid[]) AND status IN ('held', 'confirmed', 'waiting', 'offered', 'attended')
)
ORDER BY b.id
FOR UPDATE OF b;

-- name: bookings_in_line
-- Holds and offers that have ended in these pools, and who waits for those from which something may become free.
WITH ended AS (
    SELECT b.id, w.pool_id FROM bookings b JOIN places w ON w.booking_id = b.id
    WHERE b.ends_by <= :moment::timestamptz AND w.pool_id = ANY (:pools::uuid[])
), freed AS (
    SELECT pool_id FROM ended UNION SELECT unnest(:freeing::uuid[])
), wanted AS (
    SELECT id FROM ended
    UNION
    SELECT b.id FROM bookings b JOIN places w ON w.booking_id = b.id
    WHERE b.status = 'waiting' AND w.pool_id IN (SELECT pool_id FROM freed)
)
SELECT b.*, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places
FROM bookings b WHERE b.id IN (SELECT id FROM wanted);

-- name: lock_live_bookings
-- Every live booking of a pool: when the organiser moves or closes it, they all follow.
SELECT b.*, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places
FROM bookings b
WHERE b.id IN (SELECT booking_id FROM places WHERE pool_id = ANY (:pools::uuid[]))
  AND b.status IN ('held', 'confirmed', 'waiting', 'offered')
ORDER BY b.id
FOR UPDATE OF b;

-- name: windows
-- When these events may be booked and how they give out their places.
SELECT e.id, e.status, e.opens_at, e.closes_at, r.line, r.offer_hours, r.largest_household
FROM events e LEFT JOIN event_rules r ON r.event_id = e.id
WHERE e.id = ANY (:events::uuid[]);

-- name: save_bookings!
-- Writes bookings as they are after the decision, new and changed alike. Those that end come first, so that a visitor who
-- leaves one place and takes another in the same batch is never in two.
INSERT INTO bookings (id, programme_id, visitor_id, event_id, stand_id, slot_id, status, cause, version, rotation, code, adults,
                      children, starts_at, ends_at, line, ends_by, attempt, via, heard_of, target_groups, walk_in,
                      asked_again_at, created_at, changed_at)
SELECT r.id, :programme_id::uuid, r.visitor_id, r.event_id, r.stand_id, r.slot_id, r.status, r.cause, r.version, r.rotation, r.code,
       r.adults, r.children, r.starts_at, r.ends_at, r.line, r.ends_by, r.attempt, r.via, r.heard_of, r.target_groups, r.walk_in,
       r.asked_again_at, r.created_at, r.changed_at
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    id uuid, visitor_id uuid, event_id uuid, stand_id uuid, slot_id uuid, status text, cause text, version integer, rotation integer,
    code text, adults integer, children integer, starts_at timestamptz, ends_at timestamptz, line integer, ends_by timestamptz,
    attempt uuid, via uuid, heard_of text, target_groups uuid[], walk_in boolean, asked_again_at timestamptz, created_at timestamptz,
    changed_at timestamptz)
ON CONFLICT (id) DO UPDATE SET
    stand_id = excluded.stand_id, slot_id = excluded.slot_id, status = excluded.status, cause = excluded.cause,
    version = excluded.version, rotation = excluded.rotation, code = excluded.code, adults = excluded.adults,
    children = excluded.children, starts_at = excluded.starts_at, ends_at = excluded.ends_at, line = excluded.line,
    ends_by = excluded.ends_by, asked_again_at = excluded.asked_again_at, changed_at = excluded.changed_at;

-- name: leave_pools!
-- Takes away what a booking wanted of the pools it has left for others.
DELETE FROM places WHERE booking_id = ANY (:bookings::uuid[]);

-- name: save_places!
-- What each booking wants of each pool, and whether it has it.
INSERT INTO places (booking_id, pool_id, programme_id, wanted, taken)
SELECT r.booking_id, r.pool_id, :programme_id::uuid, r.wanted, r.taken
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(booking_id uuid, pool_id uuid, wanted integer, taken integer)
ON CONFLICT (booking_id, pool_id) DO UPDATE SET wanted = excluded.wanted, taken = excluded.taken;

-- name: save_pools
-- Writes pools as they are after the decision; the CHECK on the table stands behind it.
UPDATE pools p SET capacity = r.capacity, used = r.used, waiting = r.waiting, last_line = r.last_line, open = r.open,
       starts_at = r.starts_at, ends_at = r.ends_at, version = p.version + 1
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    id uuid, capacity integer, used integer, waiting integer, last_line integer, open boolean, starts_at timestamptz,
    ends_at timestamptz)
WHERE p.id = r.id
RETURNING p.id, p.event_id, p.slot_id, p.unit, p.capacity, p.used, p.waiting, p.open, p.version;

-- name: save_line_log!
-- Why the line moved as it did.
INSERT INTO line_log (programme_id, pool_id, booking_id, decision, needed, free, at)
SELECT :programme_id::uuid, r.pool_id, r.booking_id, r.decision, r.needed, r.free, :moment::timestamptz
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(pool_id uuid, booking_id uuid, decision text, needed integer, free integer);

-- name: save_tokens!
-- The hashes under which a booking's links and ticket are found.
INSERT INTO token_directory (token_hash, programme_id, purpose, booking_id)
SELECT r.token_hash, :programme_id::uuid, r.purpose, r.booking_id
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(token_hash bytea, purpose text, booking_id uuid);

-- name: mark_clashes!
-- Marks live bookings that the organiser moved onto another of the same visitor's, so that both can be told apart from our own doing.
UPDATE bookings b SET clashes = true
FROM bookings other
WHERE b.id = ANY (:bookings::uuid[]) AND other.visitor_id = b.visitor_id AND other.id <> b.id
  AND b.slot_id IS NOT NULL AND other.slot_id IS NOT NULL
  AND b.status IN ('held', 'confirmed', 'offered') AND other.status IN ('held', 'confirmed', 'offered', 'attended')
  AND b.starts_at < other.ends_at AND other.starts_at < b.ends_at;

-- name: open_pool^
-- The first capacity of a place; it is ours from then on, so a place that has one keeps it.
INSERT INTO pools (id, programme_id, event_id, stand_id, slot_id, unit, capacity, open, starts_at, ends_at, version)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :stand_id::uuid, :slot_id::uuid, :unit::text, :capacity::integer,
        :open::boolean, :starts_at::timestamptz, :ends_at::timestamptz, 1)
ON CONFLICT DO NOTHING
RETURNING id, event_id, slot_id, unit, capacity, used, waiting, open, version;

-- name: drop_tokens!
-- Forgets a booking's tokens: links and tickets sent before lead nowhere.
DELETE FROM token_directory WHERE booking_id = :booking_id::uuid;

-- name: pools_of_event
-- Every place of an event, its own and its slots', in the order of time.
SELECT id, event_id, stand_id, slot_id, unit, capacity, used, waiting, open, starts_at, ends_at, version
FROM pools WHERE event_id = :event_id::uuid ORDER BY starts_at, stand_id, id;

-- name: save_rules!
-- How an event gives out its places, where the organiser wants it otherwise than usual.
INSERT INTO event_rules (event_id, programme_id, line, offer_hours, largest_household, version)
VALUES (:event_id::uuid, :programme_id::uuid, :line::text, :offer_hours::integer, :largest_household::integer, 1)
ON CONFLICT (event_id) DO UPDATE SET line = excluded.line, offer_hours = excluded.offer_hours,
    largest_household = excluded.largest_household, version = event_rules.version + 1;
