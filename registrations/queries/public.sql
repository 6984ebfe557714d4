-- name: events_of_slugs
-- Which events addresses mean; where two programmes took turns with one address, the newer event.
SELECT DISTINCT ON (slug) slug, event_id, programme_id FROM event_directory WHERE slug = ANY (:slugs::text[])
ORDER BY slug, event_id DESC;

-- name: event_page^
-- An event and its programme, as visitors and staff see them.
SELECT {e: events}, p.names AS programme_names, p.slug AS programme_slug, p.contact, p.target_groups AS offered_groups, p.languages,
       r.line, r.offer_hours, r.largest_household,
       e.copied_from IS NULL OR EXISTS (SELECT FROM questions_carried c WHERE c.event_id = e.id) AS ready
FROM events e LEFT JOIN programmes p ON p.programme_id = e.programme_id LEFT JOIN event_rules r ON r.event_id = e.id
WHERE e.id = :id::uuid;

-- name: programme_page^
-- A programme, for who wants to hear more.
SELECT slug, names, status, languages, contact, target_groups AS offered_groups FROM programmes WHERE programme_id = :id::uuid;

-- name: places_of_event
-- Every place of an event with its stand, in the order of stands and times.
SELECT p.id, p.slot_id, p.stand_id, p.unit, p.capacity, p.used, p.waiting, p.open, p.starts_at, p.ends_at, p.version,
       s.names AS stand_names, s.exhibitor, s.number, l.titles AS session_titles, l.room, l.desk
FROM pools p LEFT JOIN stands s ON s.id = p.stand_id LEFT JOIN slots l ON l.id = p.slot_id
WHERE p.event_id = :event_id::uuid AND p.scope = 'place' AND (s.removed IS NOT true OR p.used > 0)
ORDER BY p.slot_id IS NOT NULL, s.number NULLS LAST, p.stand_id, p.starts_at, l.desk, p.id;

-- name: booking_page^
-- A booking with its event, stand, household and visitor.
SELECT {b: bookings}, e.titles, e.slug AS event_slug, e.status AS event_status, e.time_zone, e.venue, e.starts_at AS event_starts_at,
       e.ends_at AS event_ends_at, s.names AS stand_names, s.exhibitor, s.number,
       h.name, h.group_name, h.adults AS booked_adults, h.children_0_2, h.children_3_5, h.children_6_12, h.children_13_17, h.lives_in, h.moving,
       h.looking_for, v.email, coalesce(h.language, v.language) AS language, v.erased_at, p.names AS programme_names, p.slug AS programme_slug, p.contact,
       coalesce(r.line, 'promote') AS line_rule,
       CASE WHEN r.drawn_at IS NULL THEN drawn_by(b.event_id, r.draw_at) END AS lots_at,
       l.titles AS session_titles, l.room, (SELECT t.sequence FROM told_entries t WHERE t.booking_id = b.id) AS told_sequence
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN events e ON e.id = b.event_id
LEFT JOIN stands s ON s.id = b.stand_id
LEFT JOIN slots l ON l.id = b.slot_id
LEFT JOIN programmes p ON p.programme_id = b.programme_id
LEFT JOIN LATERAL (
    SELECT {event_rules} FROM event_rules WHERE event_id IN (b.event_id, b.programme_id) ORDER BY event_id = b.event_id DESC LIMIT 1
) r ON true
WHERE b.id = :id::uuid;

-- name: booking_of_attempt$
-- A booking, if it is this very form that made it.
SELECT id FROM bookings WHERE id = :id::uuid AND attempt = :attempt::uuid;

-- name: place_in_line^
-- How many wait before a booking for the same stand and time (the tables there are one line), session or event; and how often it
-- was passed over because it did not fit.
SELECT (SELECT count(*) FROM bookings o
        WHERE o.event_id = b.event_id AND o.status = 'waiting' AND (o.line, o.id) < (b.line, b.id)
          AND (o.starts_at, o.ends_at) = (b.starts_at, b.ends_at)
          AND coalesce(o.stand_id, o.slot_id) IS NOT DISTINCT FROM coalesce(b.stand_id, b.slot_id)) AS before,
       (SELECT count(*) FROM line_log l WHERE l.booking_id = b.id AND l.decision = 'passed_over') AS passed_over
FROM bookings b
WHERE b.id = :id::uuid;

-- name: events_to_choose
-- Events of the programme that may take in a booking which was called off: its own first, then the next ones.
SELECT e.id, e.slug, e.titles, e.starts_at, e.ends_at, e.time_zone FROM events e
WHERE e.status = 'published' AND e.ends_at > :moment::timestamptz
  AND (e.opens_at IS NULL OR e.opens_at <= :moment::timestamptz) AND (e.closes_at IS NULL OR e.closes_at > :moment::timestamptz)
  AND (e.copied_from IS NULL OR EXISTS (SELECT FROM questions_carried c WHERE c.event_id = e.id))
ORDER BY e.id <> :event_id::uuid, e.starts_at, e.id LIMIT 6;

-- name: dates_to_choose
-- The same event on its other dates, and what else is a copy of it or of what it is a copy of, where one can book now and lots need not
-- be drawn first.
WITH RECURSIVE before AS (
    SELECT id, copied_from FROM events WHERE id = :event_id::uuid
    UNION
    SELECT e.id, e.copied_from FROM before b JOIN events e ON e.id = b.copied_from
), family AS (
    SELECT id FROM before
    UNION
    SELECT e.id FROM family f JOIN events e ON e.copied_from = f.id
)
SELECT e.id, e.slug, e.titles, e.starts_at, e.ends_at, e.time_zone FROM events e
WHERE e.id IN (SELECT id FROM family) AND e.id <> :event_id::uuid AND e.status = 'published' AND e.starts_at > :moment::timestamptz
  AND (e.opens_at IS NULL OR e.opens_at <= :moment::timestamptz) AND (e.closes_at IS NULL OR e.closes_at > :moment::timestamptz)
  AND (e.copied_from IS NULL OR EXISTS (SELECT FROM questions_carried c WHERE c.event_id = e.id))
  AND NOT EXISTS (SELECT FROM event_rules r WHERE r.event_id = e.id AND r.draw_at IS NOT NULL AND r.drawn_at IS NULL)
ORDER BY e.starts_at, e.id LIMIT 12;

-- name: prospects^
-- What a chance in line rests on: how much of the fullest pool (the tables of a stand at one time are one) is needed by those before
-- and the booking itself, how much is taken there, since when one could book, and how often places of the programme are given up.
SELECT w.needed, w.taken, e.opens_at, b.starts_at, b.created_at, h.given_up, h.everyone
FROM bookings b
LEFT JOIN events e ON e.id = b.event_id
CROSS JOIN LATERAL (
    SELECT (SELECT sum(o.wanted) FROM places o JOIN bookings before ON before.id = o.booking_id
            WHERE o.pool_id = ANY (together.pools) AND before.status = 'waiting' AND (before.line, before.id) <= (b.line, b.id)
           ) - together.free AS needed, together.taken
    FROM (
        SELECT array_agg(t.id) AS pools, sum(t.capacity - t.used) AS free, sum(t.used) AS taken
        FROM places mine JOIN pools p ON p.id = mine.pool_id
        JOIN pools t ON t.id = p.id
            OR (p.scope = 'place' AND t.scope = 'place' AND t.stand_id = p.stand_id AND t.event_id = p.event_id
                AND t.starts_at = p.starts_at AND t.ends_at = p.ends_at)
        WHERE mine.booking_id = b.id GROUP BY p.id
    ) together
    ORDER BY 1 DESC LIMIT 1
) w
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE past.status = 'cancelled' AND past.cause IN ('visitor', 'expiry')) AS given_up, count(*) AS everyone
    FROM bookings past WHERE past.programme_id = b.programme_id AND past.ends_at < :moment::timestamptz
) h
WHERE b.id = :id::uuid AND b.status = 'waiting';
