-- name: line_of_event
-- Who waits, in order, time by time at each stand, whichever of its tables they chose: how often each was passed over and why last, and whether they would fit now.
SELECT b.id, b.adults, b.children, b.line, b.starts_at, b.ends_at, b.slot_id, b.created_at, b.awaits, h.name,
       coalesce(s.names, t.titles) AS place_names,
       p.passed_over, p.reason, fits_now(b.id, b.visitor_id) AS fits, coalesce(b.stand_id, b.slot_id) AS place
FROM bookings b
LEFT JOIN slots t ON t.id = b.slot_id
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN stands s ON s.id = b.stand_id
CROSS JOIN LATERAL (
    SELECT count(*) AS passed_over, (array_agg(l.reason ORDER BY l.id DESC))[1] AS reason
    FROM line_log l WHERE l.booking_id = b.id AND l.decision = 'passed_over'
) p
WHERE b.event_id = :event_id::uuid AND b.status = 'waiting'
ORDER BY b.starts_at, b.ends_at, place, b.line, b.id LIMIT :many::integer;

-- name: offers_out
-- Places that are offered at an event, whose answer is due first; by hand where somebody wrote down why.
SELECT b.id, b.adults, b.children, b.starts_at, b.ends_at, b.ends_by, b.slot_id, h.name,
       coalesce(s.names, (SELECT t.titles FROM slots t WHERE t.id = b.slot_id)) AS place_names, l.why, l.account_id
FROM bookings b
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN stands s ON s.id = b.stand_id
LEFT JOIN LATERAL (
    SELECT why, account_id FROM line_log WHERE booking_id = b.id AND decision = 'offered' ORDER BY id DESC LIMIT 1
) l ON true
WHERE b.event_id = :event_id::uuid AND b.status = 'offered' ORDER BY b.ends_by, b.id;

-- name: turns_of_booking
-- The newest movements of lines in which a booking was looked at, with whom else was looked at then. Of a very long one its
-- beginning, whoever got something, and the booking itself; `looks` is how many there were. Their event is that of the pool.
WITH mine AS (
    SELECT DISTINCT decided, turn FROM line_log WHERE booking_id = :booking_id::uuid AND decided IS NOT NULL
    ORDER BY decided DESC, turn DESC LIMIT :many::integer
), numbered AS (
    SELECT {l: line_log}, row_number() OVER w AS place, count(*) OVER (PARTITION BY l.decided, l.turn) AS looks
    FROM mine m JOIN line_log l ON l.decided = m.decided AND l.turn = m.turn
    WINDOW w AS (PARTITION BY l.decided, l.turn ORDER BY l.id)
)
SELECT l.id, l.decided, l.turn, l.booking_id, p.event_id, l.pool_id, l.decision, l.line, l.needed, l.free, l.needs, l.frees, l.reason,
       l.why, l.account_id, l.at, l.looks, h.name, p.unit, r.seed
FROM numbered l
JOIN pools p ON p.id = l.pool_id
LEFT JOIN people.households h ON h.booking_id = l.booking_id
LEFT JOIN event_rules r ON r.event_id = p.event_id AND l.decision = 'drawn'
WHERE l.place <= :first::integer OR l.decision IN ('promoted', 'offered', 'taken')
   OR (l.booking_id = :booking_id::uuid AND l.decision <> 'drawn')
ORDER BY l.decided DESC, l.turn DESC, l.id;

-- name: turns_of_event
-- The newest movements of an event's lines, in the same way.
WITH latest AS (
    SELECT l.decided, l.turn FROM line_log l JOIN pools p ON p.id = l.pool_id
    WHERE p.event_id = :event_id::uuid AND l.decided IS NOT NULL
    GROUP BY l.decided, l.turn ORDER BY l.decided DESC, l.turn DESC LIMIT :many::integer
), numbered AS (
    SELECT {l: line_log}, row_number() OVER w AS place, count(*) OVER (PARTITION BY l.decided, l.turn) AS looks
    FROM latest m JOIN line_log l ON l.decided = m.decided AND l.turn = m.turn
    WINDOW w AS (PARTITION BY l.decided, l.turn ORDER BY l.id)
)
SELECT l.id, l.decided, l.turn, l.booking_id, p.event_id, l.pool_id, l.decision, l.line, l.needed, l.free, l.needs, l.frees, l.reason,
       l.why, l.account_id, l.at, l.looks, h.name, p.unit, r.seed
FROM numbered l
JOIN pools p ON p.id = l.pool_id
LEFT JOIN people.households h ON h.booking_id = l.booking_id
LEFT JOIN event_rules r ON r.event_id = p.event_id AND l.decision = 'drawn'
WHERE l.place <= :first::integer OR l.decision IN ('promoted', 'offered', 'taken')
ORDER BY l.decided DESC, l.turn DESC, l.id;
