-- name: pools_to_settle
-- Pools in which a hold or offer has ended, or someone waits though there is room: by the clock, in case nobody came by.
SELECT DISTINCT p.programme_id, p.id FROM pools p
JOIN places w ON w.pool_id = p.id JOIN bookings b ON b.id = w.booking_id
WHERE p.starts_at > :moment::timestamptz
  AND (b.ends_by <= :moment::timestamptz
       OR (b.status = 'waiting' AND p.open AND w.wanted <= p.capacity - p.used))
ORDER BY p.programme_id, p.id;

-- name: count_oversold$
-- Pools that gave out more than they have.
SELECT count(*) FROM pools WHERE used > capacity;

-- name: count_miscounted$
-- Pools whose count is not that of their rows.
SELECT count(*) FROM pools p
WHERE p.used <> (SELECT coalesce(sum(taken), 0) FROM places w WHERE w.pool_id = p.id)
   OR p.waiting <> (SELECT count(*) FROM places w JOIN bookings b ON b.id = w.booking_id
                    WHERE w.pool_id = p.id AND b.status = 'waiting');

-- name: count_forgotten_in_line$
-- Households that wait, would fit, and have had no offer though the place was free for a minute.
SELECT count(*) FROM bookings b
WHERE b.status = 'waiting' AND b.starts_at > :moment::timestamptz AND b.changed_at < :before::timestamptz
  AND NOT EXISTS (
      SELECT FROM places w JOIN pools p ON p.id = w.pool_id
      WHERE w.booking_id = b.id AND (w.wanted > p.capacity - p.used OR NOT p.open))
  AND NOT EXISTS (SELECT FROM events e WHERE e.id = b.event_id AND e.status = 'cancelled');

-- name: count_doubled$
-- Visitors who are in two overlapping slots by our own doing.
SELECT count(*) FROM bookings a JOIN bookings b
  ON b.visitor_id = a.visitor_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.slot_id IS NOT NULL AND b.slot_id IS NOT NULL AND NOT a.walk_in AND NOT b.walk_in AND NOT a.clashes AND NOT b.clashes
  AND a.status IN ('held', 'confirmed', 'offered', 'attended') AND b.status IN ('held', 'confirmed', 'offered', 'attended');

-- name: every_booking
-- Where each booking of the programme stands, for a new consumer.
SELECT * FROM bookings WHERE status <> 'held' ORDER BY id;

-- name: every_pool
-- How full each place of the programme is, for a new consumer.
SELECT * FROM pools ORDER BY id;

-- name: every_lead
-- Each lead of the programme, for a new consumer.
SELECT * FROM leads ORDER BY id;

-- name: every_outcome
-- Each outcome of the programme, for a new consumer.
SELECT * FROM outcomes ORDER BY id;

-- name: every_interest
-- Each interest of the programme, for a new consumer.
SELECT * FROM interests ORDER BY id;

-- name: every_tombstone
-- Each visitor of the programme who was forgotten, for a new consumer.
SELECT id, programme_id, version FROM people.visitors WHERE erased_at IS NOT NULL ORDER BY id;
