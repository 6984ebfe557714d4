-- name: events_with_counts
-- The programme's events with how many come, wait and came; those to come first, then the latest.
SELECT e.id, e.slug, e.titles, e.status, e.starts_at, e.ends_at, e.time_zone, e.venue,
       coalesce(c.coming, 0) AS coming, coalesce(c.persons, 0) AS persons, coalesce(c.waiting, 0) AS waiting,
       coalesce(c.attended, 0) AS attended, coalesce(p.capacity, 0) AS capacity, coalesce(p.used, 0) AS used, p.places
FROM events e
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE b.status IN ('held', 'confirmed', 'offered', 'attended')) AS coming,
           sum(b.adults + b.children) FILTER (WHERE b.status IN ('held', 'confirmed', 'offered', 'attended')) AS persons,
           count(*) FILTER (WHERE b.status = 'waiting') AS waiting,
           count(*) FILTER (WHERE b.status = 'attended') AS attended
    FROM bookings b WHERE b.event_id = e.id
) c ON true
LEFT JOIN LATERAL (
    SELECT sum(q.capacity) AS capacity, sum(q.used) AS used, count(*) AS places FROM pools q WHERE q.event_id = e.id
) p ON true
WHERE e.status <> 'draft'
ORDER BY e.ends_at < :moment::timestamptz,
         CASE WHEN e.ends_at >= :moment::timestamptz THEN e.starts_at END, e.starts_at DESC, e.id
LIMIT :many::integer;

-- name: event_by_slug^
-- An event of this programme by the slug in the console's address.
SELECT e.*, r.line, r.offer_hours, r.largest_household FROM events e LEFT JOIN event_rules r ON r.event_id = e.id
WHERE e.slug = :slug::text ORDER BY e.id DESC LIMIT 1;

-- name: states_of_event
-- How many bookings are in each state.
SELECT status, count(*) AS households, sum(adults + children) AS persons FROM bookings
WHERE event_id = :event_id::uuid GROUP BY status;

-- name: attendees
-- The bookings of an event in some states, by name in Norwegian order; erased ones last. `search` is a part of a name, `email`
-- the beginning of an address, `code` a ticket's.
SELECT b.id, b.status, b.cause, b.adults, b.children, b.starts_at, b.ends_at, b.slot_id, b.stand_id, b.code, b.line, b.walk_in,
       b.clashes, b.created_at, b.ends_by, h.name, coalesce(h.sort_key, '~') AS sort_key, v.email,
       coalesce(h.language, v.language) AS language, s.names AS stand_names
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN stands s ON s.id = b.stand_id
WHERE b.event_id = :event_id::uuid AND b.status = ANY (:states::text[])
  AND (:after_key::text IS NULL OR (coalesce(h.sort_key, '~'), b.id) > (:after_key::text, :after_id::uuid))
  AND (:search::text IS NULL OR h.sort_key LIKE '%' || :search::text || '%' OR v.email_key LIKE :email::text || '%'
       OR b.code = :code::text)
ORDER BY coalesce(h.sort_key, '~'), b.id LIMIT :many::integer;

-- name: waiting_line
-- Who waits, in order, place by place, with how often each was passed over.
SELECT b.id, b.adults, b.children, b.line, b.starts_at, b.ends_at, b.slot_id, b.created_at, h.name, s.names AS stand_names,
       (SELECT count(*) FROM line_log l WHERE l.booking_id = b.id AND l.decision = 'passed_over') AS passed_over
FROM bookings b
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN stands s ON s.id = b.stand_id
WHERE b.event_id = :event_id::uuid AND b.status = 'waiting'
ORDER BY b.starts_at, b.slot_id, b.line, b.id LIMIT :many::integer;

-- name: line_of_booking
-- Why the line moved as it did, for one booking.
SELECT decision, needed, free, at FROM line_log WHERE booking_id = :booking_id::uuid ORDER BY id;

-- name: scans_of_booking
-- What happened with a ticket at the door.
SELECT verdict, scanned_at, received_at, offline FROM check_ins WHERE booking_id = :booking_id::uuid ORDER BY received_at DESC, id DESC;

-- name: find_pool^
-- One place, by its id.
SELECT id, event_id FROM pools WHERE id = :id::uuid;

-- name: stands_with_counts
-- The stands of events that are not over, with who is due and who came.
SELECT s.id, s.names, s.exhibitor, s.number, e.titles, e.slug AS event_slug, e.starts_at, e.ends_at, e.time_zone,
       (SELECT count(*) FROM bookings b WHERE b.stand_id = s.id AND b.status IN ('confirmed', 'attended')) AS coming,
       (SELECT count(*) FROM bookings b WHERE b.stand_id = s.id AND b.status = 'attended') AS attended
FROM stands s JOIN events e ON e.id = s.event_id
WHERE NOT s.removed AND e.status = 'published' AND e.ends_at > :since::timestamptz
ORDER BY e.starts_at, s.number NULLS LAST, s.id;

-- name: stand_page^
-- A stand with its event.
SELECT s.id, s.names, s.exhibitor, s.number, s.event_id, e.titles, e.slug AS event_slug, e.starts_at, e.ends_at, e.time_zone,
       e.venue, p.languages
FROM stands s JOIN events e ON e.id = s.event_id LEFT JOIN programmes p ON p.programme_id = s.programme_id
WHERE s.id = :id::uuid;

-- name: due_at_stand
-- Who is due at a stand within a stretch of time, and whether there is a lead already.
SELECT b.id, b.status, b.adults, b.children, b.starts_at, b.ends_at, b.slot_id, b.walk_in, b.changed_at, h.name,
       coalesce(h.language, v.language) AS language,
       h.lives_in, h.moving, (SELECT l.id FROM leads l WHERE l.booking_id = b.id ORDER BY l.id DESC LIMIT 1) AS lead_id
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
WHERE b.stand_id = :stand_id::uuid AND b.status IN ('confirmed', 'attended', 'waiting', 'offered', 'no_show')
  AND b.starts_at < :until::timestamptz AND b.ends_at >= :since::timestamptz
ORDER BY b.starts_at, b.status, h.sort_key, b.id LIMIT 200;

-- name: search_at_door
-- Bookings of an event by a part of a name, those that may come in first.
SELECT b.id, b.status, b.adults, b.children, b.starts_at, b.ends_at, b.slot_id, h.name, s.names AS stand_names
FROM bookings b JOIN people.households h ON h.booking_id = b.id LEFT JOIN stands s ON s.id = b.stand_id
WHERE b.event_id = :event_id::uuid AND h.sort_key LIKE '%' || :search::text || '%'
ORDER BY b.status <> 'confirmed', h.sort_key, b.id LIMIT 20;

-- name: door_counts^
-- How many were let in at an event, and how many are still awaited.
SELECT count(*) FILTER (WHERE status = 'attended') AS households_in,
       coalesce(sum(adults + children) FILTER (WHERE status = 'attended'), 0) AS persons_in,
       count(*) FILTER (WHERE status = 'confirmed') AS households_awaited,
       coalesce(sum(adults + children) FILTER (WHERE status = 'confirmed'), 0) AS persons_awaited
FROM bookings WHERE event_id = :event_id::uuid;
