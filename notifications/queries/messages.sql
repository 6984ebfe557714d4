-- name: keep_selection!
-- A part of what was chosen; told again, it is the same.
INSERT INTO known_selections (selection_id, part, programme_id, event_id, parts, bookings, ends_at)
VALUES (:selection_id, :part, :programme_id, :event_id, :parts, :bookings, :ends_at)
ON CONFLICT DO NOTHING;

-- name: selection_known^
-- What is known of a selection: whether all parts are here, and what it is about. No row: nothing yet, or no longer.
SELECT k.event_id, count(*) = max(k.parts) AS complete, e.titles, e.slug, e.time_zone, e.ends_at AS event_ends_at
FROM known_selections k LEFT JOIN known_events e ON e.event_id = k.event_id
WHERE k.selection_id = :selection_id AND k.ends_at > :moment
GROUP BY k.event_id, e.titles, e.slug, e.time_zone, e.ends_at;

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
SELECT m.id, m.event_id, m.account_id, m.subjects, m.texts, m.due_at, m.planned, m.left_out, m.created_at, m.stopped_at, e.titles, e.slug,
       e.time_zone
FROM messages m LEFT JOIN known_events e ON e.event_id = m.event_id WHERE m.id = :id;

-- name: messages_ahead
-- What is still to go out, the next first.
SELECT m.id, m.subjects, m.due_at, m.planned, e.titles, e.time_zone
FROM messages m LEFT JOIN known_events e ON e.event_id = m.event_id
WHERE m.stopped_at IS NULL AND m.due_at > :moment ORDER BY m.due_at, m.id LIMIT :most;

-- name: deliveries_of_message
-- How far a message has come: how many are in each state.
SELECT status, count(*) AS deliveries FROM deliveries WHERE kind = 'message' AND link_id = :message_id GROUP BY status;

-- name: stop_message$
-- Taken back, once; no row: it was taken back before, or nothing of it is left to go out.
UPDATE messages SET stopped_at = :moment
WHERE id = :id AND stopped_at IS NULL
  AND EXISTS (SELECT FROM deliveries WHERE kind = 'message' AND link_id = :id AND status IN ('planned', 'sending'))
RETURNING id;

-- name: planned_of_message
-- Who has not got it yet, locked: a sender that claims one at this moment is waited for.
SELECT id, kind, visitor_id, booking_id, channel, version FROM deliveries
WHERE kind = 'message' AND link_id = :message_id AND status = 'planned' ORDER BY id FOR UPDATE;

-- name: forget_messages!
-- With the log of who got them.
DELETE FROM messages WHERE created_at < :before;

-- name: forget_selections!
-- What was chosen a day ago.
DELETE FROM known_selections WHERE ends_at <= :moment;
