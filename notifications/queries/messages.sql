-- name: keep_selection!
-- A part of what was chosen; told again, it is the same.
INSERT INTO known_selections (selection_id, part, programme_id, event_id, parts, bookings, ends_at)
VALUES (:selection_id, :part, :programme_id, :event_id, :parts, :bookings, :ends_at)
ON CONFLICT DO NOTHING;

-- name: selection_known^
-- What is known of a selection: whether all parts are here, and what it is about. No row: nothing yet, or no longer.
SELECT k.event_id, count(*) = max(k.parts) AS complete, e.titles, e.slug, e.time_zone
FROM known_selections k LEFT JOIN known_events e ON e.event_id = k.event_id
WHERE k.selection_id = :selection_id AND k.ends_at > :moment
GROUP BY k.event_id, e.titles, e.slug, e.time_zone;

-- name: chosen_bookings
-- Everyone who was chosen with what decides whether they are written to; who was erased is not known any more.
SELECT c.booking_id, b.visitor_id, b.status, b.awaits, p.name, p.language, p.email IS NOT NULL AS reachable
FROM known_selections k
CROSS JOIN LATERAL unnest(k.bookings) WITH ORDINALITY AS c(booking_id, place)
LEFT JOIN known_bookings b ON b.booking_id = c.booking_id
LEFT JOIN LATERAL people.contact_for(b.visitor_id, b.booking_id) p ON true
WHERE k.selection_id = :selection_id ORDER BY k.part, c.place;

-- name: keep_message$
-- Once per form; no row: it was kept before.
INSERT INTO messages (id, programme_id, event_id, account_id, subjects, texts, due_at, planned, left_out, created_at)
VALUES (:id, :programme_id, :event_id, :account_id, :subjects, :texts, :due_at, :planned, :left_out, :moment)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: find_message^
-- What was written, for its deliveries and its page.
SELECT id, event_id, subjects, texts, due_at, planned, left_out FROM messages WHERE id = :id;

-- name: forget_messages!
-- With the log of who got them.
DELETE FROM messages WHERE created_at < :before;

-- name: forget_selections!
-- What was chosen a day ago.
DELETE FROM known_selections WHERE ends_at <= :moment;
