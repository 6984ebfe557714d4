-- name: list_deliveries
-- The newest first, a page at a time, by state where one is chosen; or those to one visitor.
SELECT {d: deliveries}, e.titles FROM deliveries d
LEFT JOIN known_bookings b ON b.booking_id = d.booking_id LEFT JOIN known_events e ON e.event_id = b.event_id
WHERE (CAST(:status AS text) IS NULL OR d.status = :status)
  AND (CAST(:visitor_id AS uuid) IS NULL OR d.visitor_id = :visitor_id)
  AND (CAST(:before_at AS timestamptz) IS NULL OR (d.planned_at, d.id) < (:before_at, CAST(:before_id AS uuid)))
ORDER BY d.planned_at DESC, d.id DESC LIMIT :most;

-- name: count_by_status
-- For the tabs.
SELECT status, count(*) AS deliveries FROM deliveries
WHERE CAST(:visitor_id AS uuid) IS NULL OR visitor_id = :visitor_id
GROUP BY status;

-- name: find_delivery^
-- For its page.
SELECT {d: deliveries}, e.titles FROM deliveries d
LEFT JOIN known_bookings b ON b.booking_id = d.booking_id LEFT JOIN known_events e ON e.event_id = b.event_id
WHERE d.id = :id;

-- name: steps_of_delivery
-- Its timeline.
SELECT happened_at, step, detail FROM delivery_steps WHERE delivery_id = :delivery_id ORDER BY id;

-- name: find_preference_link^
-- Whose preferences a token opens; read before the programme is known.
SELECT programme_id, visitor_id FROM preference_directory WHERE token_hash = :token_hash;

-- name: set_preferences!
-- What the visitor wants to be told.
INSERT INTO preferences (visitor_id, programme_id, reminders, changed_at) VALUES (:visitor_id, :programme_id, :reminders, :moment)
ON CONFLICT (visitor_id) DO UPDATE SET reminders = excluded.reminders, changed_at = excluded.changed_at;

-- name: panel_figures^
-- Today at a glance.
SELECT count(*) FILTER (WHERE status = 'sent' AND settled_at >= :since) AS sent,
       count(*) FILTER (WHERE status = 'planned') AS planned,
       count(*) FILTER (WHERE status = 'failed' AND settled_at >= :since) AS failed,
       count(*) FILTER (WHERE status = 'unknown' AND settled_at >= :since) AS unknown
FROM deliveries;

-- name: programme_known^
-- Its words, for pages.
SELECT {known_programmes} FROM known_programmes;
