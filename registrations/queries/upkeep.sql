-- name: pools_to_settle
-- Pools in which a hold, an offer or a time to confirm has ended, or someone waits who would fit, or will once their offer
-- elsewhere has ended with these: by the clock, in case nobody came by. Of those in line only they are looked at for whom a table is
-- free (MATERIALIZED: found first): most lines are long since nothing is.
WITH moving AS MATERIALIZED (
    SELECT o.id, o.programme_id FROM pools t
    JOIN pools o ON o.id = t.id OR (o.stand_id = t.stand_id AND o.event_id = t.event_id AND o.scope = 'place'
                                    AND o.starts_at = t.starts_at AND o.ends_at = t.ends_at)
    WHERE t.scope = 'place' AND t.open AND t.used < t.capacity AND o.waiting > 0
)
SELECT DISTINCT p.programme_id, p.id FROM pools p
JOIN places w ON w.pool_id = p.id JOIN bookings b ON b.id = w.booking_id
WHERE b.ends_by <= :moment::timestamptz
UNION
SELECT p.programme_id, p.id FROM holds h JOIN hold_places w ON w.attempt = h.attempt JOIN pools p ON p.id = w.pool_id
WHERE h.ends_by <= :moment::timestamptz
UNION
SELECT m.programme_id, m.id FROM moving m JOIN places w ON w.pool_id = m.id JOIN bookings b ON b.id = w.booking_id
WHERE b.status = 'waiting' AND b.awaits IS NULL AND b.starts_at > :moment::timestamptz AND fits_now(b.id, b.visitor_id)
UNION
SELECT b.programme_id, w.pool_id FROM bookings o
JOIN bookings b ON b.visitor_id = o.visitor_id AND b.status = 'waiting' JOIN places w ON w.booking_id = b.id
WHERE o.status = 'offered' AND o.ends_by <= :moment::timestamptz
ORDER BY 1, 2;

-- name: count_oversold$
-- Pools that gave out more than they have.
SELECT count(*) FROM pools WHERE used > capacity;

-- name: count_miscounted$
-- Pools whose count is not that of their rows.
SELECT count(*) FROM pools p
WHERE p.used <> (SELECT coalesce(sum(taken), 0) FROM places w WHERE w.pool_id = p.id)
              + (SELECT coalesce(sum(taken), 0) FROM hold_places h WHERE h.pool_id = p.id)
   OR p.waiting <> (SELECT count(*) FROM places w JOIN bookings b ON b.id = w.booking_id
                    WHERE w.pool_id = p.id AND b.status = 'waiting');

-- name: count_forgotten_in_line$
-- Households that wait, may be promoted and would fit, and had no offer though that has been so for a while.
WITH moving AS MATERIALIZED (
    SELECT o.id, o.programme_id FROM pools t
    JOIN pools o ON o.id = t.id OR (o.stand_id = t.stand_id AND o.event_id = t.event_id AND o.scope = 'place'
                                    AND o.starts_at = t.starts_at AND o.ends_at = t.ends_at)
    WHERE t.scope = 'place' AND t.open AND t.used < t.capacity AND o.waiting > 0
)
SELECT count(DISTINCT b.id) FROM moving m JOIN places w ON w.pool_id = m.id JOIN bookings b ON b.id = w.booking_id
WHERE b.status = 'waiting' AND b.awaits IS NULL AND b.starts_at > :moment::timestamptz AND fits_now(b.id, b.visitor_id)
  -- Their own steps count, and those of an offer they had elsewhere: until it was over they were not eligible.
  AND NOT EXISTS (SELECT FROM bookings o WHERE o.visitor_id = b.visitor_id AND o.changed_at >= :before::timestamptz);

-- name: count_unsaid$
-- Bookings whose last step was never told: its fact is missing from the outbox, which keeps them for thirty days.
SELECT count(*) FROM bookings b
WHERE b.changed_at > :since::timestamptz
  AND NOT EXISTS (SELECT FROM outbox o WHERE o.aggregate = 'booking:' || b.id AND o.version = b.version);

-- name: count_doubled$
-- Visitors who are in two overlapping slots by our own doing.
SELECT count(*) FROM bookings a JOIN bookings b
  ON b.visitor_id = a.visitor_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.slot_id IS NOT NULL AND b.slot_id IS NOT NULL AND NOT a.walk_in AND NOT b.walk_in AND NOT a.clashes AND NOT b.clashes
  AND a.status IN ('held', 'confirmed', 'offered', 'attended') AND b.status IN ('held', 'confirmed', 'offered', 'attended');

-- name: line_told
-- What was written down of lines lately, whole decisions of them, the newest first where there are very many; with the seeds of lots.
-- Their event is that of the pool: the booking may be at another one by now.
WITH latest AS (
    SELECT decided FROM line_log WHERE at > :since::timestamptz AND decided IS NOT NULL
    GROUP BY decided ORDER BY decided DESC LIMIT :many::integer
)
SELECT l.id, l.decided, l.turn, l.booking_id, p.event_id, l.pool_id, l.decision, l.line, l.needed, l.free, l.needs, l.frees, l.reason,
       l.why, r.seed
FROM line_log l JOIN pools p ON p.id = l.pool_id LEFT JOIN event_rules r ON r.event_id = p.event_id AND l.decision = 'drawn'
WHERE l.at > :since::timestamptz AND l.decided IN (SELECT decided FROM latest)
ORDER BY l.id;

-- name: line_told_of
-- What was written down of whole decisions in which a booking was looked at; with their event, and the seeds of lots.
SELECT l.id, l.at, l.decided, l.turn, l.booking_id, p.event_id, l.pool_id, l.decision, l.line, l.needed, l.free, l.needs, l.frees,
       l.reason, l.why, r.seed
FROM line_log l JOIN pools p ON p.id = l.pool_id LEFT JOIN event_rules r ON r.event_id = p.event_id AND l.decision = 'drawn'
WHERE l.decided IN (SELECT decided FROM line_log WHERE booking_id = :booking_id::uuid)
ORDER BY l.id;

-- name: every_booking
-- Where each booking of the programme stands, for a new consumer; of those who wait for lots with when they are drawn.
SELECT {b: bookings}, CASE WHEN r.drawn_at IS NULL AND b.status = 'waiting' THEN drawn_by(b.event_id, r.draw_at) END AS lots_at
FROM bookings b LEFT JOIN event_rules r ON r.event_id = b.event_id ORDER BY b.id;

-- name: every_pool
-- How full each place of the programme is, for a new consumer.
SELECT {pools} FROM pools ORDER BY id;

-- name: every_lead
-- Each lead of the programme, for a new consumer.
SELECT {leads} FROM leads ORDER BY id;

-- name: every_outcome
-- Each outcome of the programme, for a new consumer.
SELECT {outcomes} FROM outcomes ORDER BY id;

-- name: every_interest
-- Each interest of the programme, for a new consumer.
SELECT {interests} FROM interests ORDER BY id;

-- name: every_tombstone
-- Each visitor of the programme who was forgotten, for a new consumer.
SELECT id, programme_id, version FROM people.visitors WHERE erased_at IS NOT NULL ORDER BY id;
