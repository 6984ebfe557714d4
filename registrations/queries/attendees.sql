-- name: events_with_counts
-- The programme's events with how many come, wait and came; those to come first, then the latest.
-- Who waits for the organiser's yes does not come yet.
SELECT e.id, e.slug, e.titles, e.status, e.starts_at, e.ends_at, e.time_zone, e.venue,
       coalesce(c.coming, 0) AS coming, coalesce(c.persons, 0) AS persons, coalesce(c.waiting, 0) AS waiting,
       coalesce(c.attended, 0) AS attended, coalesce(c.to_approve, 0) AS to_approve, p.places
FROM events e
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE b.status IN ('held', 'confirmed', 'offered', 'attended') AND b.awaits IS DISTINCT FROM 'approval') AS coming,
           sum(b.adults + b.children)
               FILTER (WHERE b.status IN ('held', 'confirmed', 'offered', 'attended') AND b.awaits IS DISTINCT FROM 'approval') AS persons,
           count(*) FILTER (WHERE b.awaits = 'approval') AS to_approve,
           count(*) FILTER (WHERE b.status = 'waiting') AS waiting,
           count(*) FILTER (WHERE b.status = 'attended') AS attended
    FROM bookings b WHERE b.event_id = e.id
) c ON true
LEFT JOIN LATERAL (
    -- What is counted over a stand or an event as a whole holds the same people once more; and units make no sum.
    SELECT coalesce(jsonb_agg(to_jsonb(u) ORDER BY u.unit), '[]') AS places FROM (
        SELECT q.unit, sum(q.capacity)::bigint AS capacity, sum(q.used)::bigint AS used
        FROM pools q WHERE q.event_id = e.id AND q.scope = 'place' AND q.open GROUP BY q.unit
    ) u
) p ON true
WHERE e.status <> 'draft'
ORDER BY e.ends_at < :moment::timestamptz,
         CASE WHEN e.ends_at >= :moment::timestamptz THEN e.starts_at END, e.starts_at DESC, e.id
LIMIT :many::integer;

-- name: event_by_slug^
-- An event of this programme by the slug in the console's address.
SELECT {e: events}, r.line, r.offer_hours, r.largest_household FROM events e LEFT JOIN event_rules r ON r.event_id = e.id
WHERE e.slug = :slug::text ORDER BY e.id DESC LIMIT 1;

-- name: states_of_event
-- How many bookings are in each of these states. Asked state by state, each is a stretch of the index that need not be
-- grouped; a GROUP BY reads the table and hashes every row, which takes twice as long.
SELECT s.status, c.households, c.persons
FROM unnest(:states::text[]) AS s(status)
CROSS JOIN LATERAL (
    SELECT count(*) AS households, coalesce(sum(b.adults + b.children), 0) AS persons FROM bookings b
    WHERE b.event_id = :event_id::uuid AND b.status = s.status
) c
WHERE c.households > 0;

-- name: to_approve^
-- How many bookings of an event wait for the organiser's yes, and how many of them have a place that is held.
SELECT count(*) AS every, count(*) FILTER (WHERE status = 'held') AS held FROM bookings
WHERE event_id = :event_id::uuid AND awaits = 'approval';

-- name: events_to_approve
-- Events to come at which somebody waits for a yes, the next first.
SELECT e.slug, e.titles, e.starts_at, e.time_zone, count(*) AS many
FROM bookings b JOIN events e ON e.id = b.event_id
WHERE b.awaits = 'approval' AND e.ends_at > :moment::timestamptz
GROUP BY e.id, e.slug, e.titles, e.starts_at, e.time_zone ORDER BY e.starts_at, e.id;

-- name: attendees
-- The bookings of an event in some states, by name in Norwegian order. `search` is a pattern for a name, `email` and
-- `email_end` the stretch of addresses that begin so, `code` a ticket's. Each state is read in the order of its index and no
-- further than the page goes; an OR of the three searches would read, join and sort the whole event. `to_approve`: those who wait for
-- the organiser's yes alone, or without them; null: all.
WITH found AS (
    SELECT named.booking_id, named.sort_key
    FROM unnest(:states::text[]) AS wanted(status)
    CROSS JOIN LATERAL (
        SELECT h.booking_id, h.sort_key FROM people.households h
        WHERE h.event_id = :event_id::uuid AND h.status = wanted.status
          AND (h.sort_key, h.booking_id) > (:after_key::text, :after_id::uuid) AND h.sort_key LIKE :search::text
          AND (:to_approve::boolean IS NULL
               OR EXISTS (SELECT FROM bookings a WHERE a.id = h.booking_id AND a.awaits = 'approval') = :to_approve)
        ORDER BY h.sort_key, h.booking_id LIMIT :many::integer
    ) named
    UNION
    (SELECT h.booking_id, h.sort_key FROM people.visitors v JOIN people.households h ON h.visitor_id = v.id
     WHERE v.email_key >= :email::text AND v.email_key < :email_end::text
       AND h.event_id = :event_id::uuid AND h.status = ANY (:states::text[])
       AND (h.sort_key, h.booking_id) > (:after_key::text, :after_id::uuid)
       AND (:to_approve::boolean IS NULL
               OR EXISTS (SELECT FROM bookings a WHERE a.id = h.booking_id AND a.awaits = 'approval') = :to_approve)
     ORDER BY h.sort_key, h.booking_id LIMIT :many::integer)
    UNION
    SELECT h.booking_id, h.sort_key FROM bookings b JOIN people.households h ON h.booking_id = b.id
    WHERE b.code = :code::text AND h.event_id = :event_id::uuid AND h.status = ANY (:states::text[])
      AND (h.sort_key, h.booking_id) > (:after_key::text, :after_id::uuid)
      AND (:to_approve::boolean IS NULL OR (b.awaits IS NOT DISTINCT FROM 'approval') = :to_approve)
), page AS (
    SELECT booking_id, sort_key FROM found ORDER BY sort_key, booking_id LIMIT :many::integer
)
SELECT b.id, b.status, b.cause, b.adults, b.children, b.starts_at, b.ends_at, b.slot_id, b.stand_id, b.code, b.line, b.walk_in,
       b.clashes, b.awaits, b.created_at, b.ends_by, h.name, h.group_name, p.sort_key, v.email, coalesce(h.language, v.language) AS language,
       coalesce(s.names, (SELECT t.titles FROM slots t WHERE t.id = b.slot_id)) AS place_names
FROM page p
JOIN bookings b ON b.id = p.booking_id
JOIN people.households h ON h.booking_id = p.booking_id
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN stands s ON s.id = b.stand_id
ORDER BY p.sort_key, p.booking_id;

-- name: forgotten_attendees
-- The bookings of an event in some states whose visitors were forgotten: they stand after all who have a name.
SELECT b.id, b.status, b.cause, b.adults, b.children, b.starts_at, b.ends_at, b.slot_id, b.stand_id, b.code, b.line, b.walk_in,
       b.clashes, b.awaits, b.created_at, b.ends_by, NULL AS name, NULL AS group_name, '~' AS sort_key, v.email, v.language,
       coalesce(s.names, (SELECT t.titles FROM slots t WHERE t.id = b.slot_id)) AS place_names
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN stands s ON s.id = b.stand_id
WHERE b.event_id = :event_id::uuid AND b.status = ANY (:states::text[]) AND b.id > :after_id::uuid
  AND (:code::text IS NULL OR b.code = :code::text)
  AND b.forgotten
ORDER BY b.id LIMIT :many::integer;

-- name: bookings_made
-- Where bookings stand that staff have just asked for, which form made each, and when.
SELECT b.id, b.status, b.attempt, b.created_at, b.event_id, b.slot_id, e.slug AS event_slug FROM bookings b JOIN events e ON e.id = b.event_id
WHERE b.id = ANY (:bookings::uuid[]);

-- name: events_to_come
-- The programme's events at which something may still be booked, the next first.
SELECT id, slug, titles, starts_at, ends_at, time_zone FROM events
WHERE status = 'published' AND ends_at > :moment::timestamptz ORDER BY starts_at, id LIMIT :many::integer;

-- name: line_of_booking
-- Why the line moved as it did, for one booking.
SELECT decision, needed, free, at, line, reason, why FROM line_log WHERE booking_id = :booking_id::uuid ORDER BY id;

-- name: scans_of_booking
-- What happened with a ticket at the door.
SELECT verdict, scanned_at, received_at, offline FROM check_ins WHERE booking_id = :booking_id::uuid ORDER BY received_at DESC, id DESC;

-- name: find_pool^
-- One place, by its id.
SELECT id, event_id, capacity, goal FROM pools WHERE id = :id::uuid;

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
       h.lives_in, h.moving, h.looking_for, (SELECT l.id FROM leads l WHERE l.booking_id = b.id ORDER BY l.id DESC LIMIT 1) AS lead_id
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
WHERE b.stand_id = :stand_id::uuid AND b.status IN ('confirmed', 'attended', 'waiting', 'offered', 'no_show')
  AND b.starts_at < :until::timestamptz AND b.ends_at >= :since::timestamptz
ORDER BY b.starts_at, b.status, h.sort_key, b.id LIMIT 200;

-- name: search_at_door
-- Bookings of an event by a part of a name, those that may come in first; only those shown are looked up.
WITH page AS (
    SELECT h.booking_id, h.name, h.group_name, h.status <> 'confirmed' AS later, h.sort_key FROM people.households h
    WHERE h.booking_id IN (
        SELECT l.booking_id FROM people.households l
        WHERE l.event_id = :event_id::uuid AND l.sort_key LIKE '%' || :search::text || '%'
        ORDER BY l.status <> 'confirmed', l.sort_key, l.booking_id LIMIT 20)
)
SELECT b.id, b.status, b.adults, b.children, b.starts_at, b.ends_at, b.slot_id, p.name, p.group_name,
       coalesce(s.names, (SELECT t.titles FROM slots t WHERE t.id = b.slot_id)) AS place_names
FROM page p JOIN bookings b ON b.id = p.booking_id LEFT JOIN stands s ON s.id = b.stand_id ORDER BY p.later, p.sort_key, b.id;

-- name: door_counts^
-- How many were let in at an event, and how many are still awaited.
SELECT count(*) FILTER (WHERE status = 'attended') AS households_in,
       coalesce(sum(coalesce(came, adults + children)) FILTER (WHERE status = 'attended'), 0) AS persons_in,
       count(*) FILTER (WHERE status = 'confirmed') AS households_awaited,
       coalesce(sum(adults + children) FILTER (WHERE status = 'confirmed'), 0) AS persons_awaited
FROM bookings WHERE event_id = :event_id::uuid;

-- name: named_bookings
-- Bookings by the names they were made under, for staff who must ask them something.
SELECT b.id, h.name, b.adults, b.children, b.created_at FROM bookings b LEFT JOIN people.households h ON h.booking_id = b.id
WHERE b.id = ANY (:bookings::uuid[]) ORDER BY b.created_at DESC, b.id;

-- name: counted_across
-- What is counted over the event as a whole, or over a stand of it.
SELECT p.id, p.scope, p.stand_id, p.unit, p.capacity, p.used, p.waiting, p.goal, s.names AS stand_names
FROM pools p LEFT JOIN stands s ON s.id = p.stand_id
WHERE p.event_id = :event_id::uuid AND p.scope <> 'place' ORDER BY p.scope, s.number, p.unit;
