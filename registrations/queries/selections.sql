-- name: keep_selection!
-- Bookings of an event that staff chose; only such are kept as are there.
INSERT INTO selections (id, programme_id, event_id, account_id, bookings, created_at)
SELECT :id::uuid, :programme_id::uuid, :event_id::uuid, :account_id::uuid,
       coalesce(array_agg(b.id ORDER BY b.created_at, b.id), '{}'), :moment::timestamptz
FROM bookings b WHERE b.id = ANY (:bookings::uuid[]) AND b.event_id = :event_id::uuid;

-- name: selection^
-- What was chosen; what is older is gone, whether or not a task has come by.
SELECT id, event_id, bookings, version, told_at, fates, moving_to, moved_to, created_at FROM selections
WHERE id = :id::uuid AND event_id = :event_id::uuid AND created_at > :since::timestamptz;

-- name: begin_moving$
-- Which of the chosen bookings stood there before any was moved; no row: it was carried out already, or somebody else is moving them
-- elsewhere. Whoever begins at the same moment waits here, and finds what the first one saw.
UPDATE selections s SET moving_to = :moving_to::text, there = CASE WHEN s.moving_to = :moving_to::text THEN s.there ELSE ARRAY(
    SELECT b.id FROM bookings b
    WHERE b.id = ANY (s.bookings) AND b.event_id = :event_id::uuid AND b.slot_id IS NOT DISTINCT FROM :slot_id::uuid) END
WHERE s.id = :id::uuid AND s.fates IS NULL AND coalesce(s.moving_to, :moving_to::text) = :moving_to::text RETURNING s.there;

-- name: settle_selection$
-- What became of bookings that were to be moved. Carried out twice at one moment, the first is the one that is told; the other finds
-- no row.
UPDATE selections SET fates = :fates::jsonb, moved_to = :moved_to::text WHERE id = :id::uuid AND fates IS NULL RETURNING id;

-- name: tell_selection^
-- Once only: whoever comes second tells nothing.
UPDATE selections SET told_at = :moment::timestamptz, version = version + 1 WHERE id = :id::uuid AND told_at IS NULL
RETURNING event_id, bookings, created_at;

-- name: bookings_selected
-- The chosen bookings in the order in which they were made; who was forgotten has no name.
SELECT b.id, b.status, b.starts_at, b.ends_at, b.adults, b.children, b.slot_id, b.event_id, h.name, v.email,
       coalesce(s.names, (SELECT t.titles FROM slots t WHERE t.id = b.slot_id)) AS place_names
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN stands s ON s.id = b.stand_id
WHERE b.id = ANY (:bookings::uuid[]) ORDER BY b.created_at, b.id;

-- name: expire_selections!
-- What was chosen a day ago and longer.
DELETE FROM selections WHERE created_at <= :before::timestamptz;
