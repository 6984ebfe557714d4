-- name: list_visitors
-- The people we know, newest first, for who asks to see or delete what we keep: those without an address and those who only
-- wrote to hear more too. `search` is a part of a name, their own or a booking's; `email` the beginning of an address.
SELECT v.id, v.name, v.email, v.language, v.created_at,
       (SELECT count(*) FROM bookings b WHERE b.visitor_id = v.id) AS bookings,
       (SELECT count(*) FROM leads l WHERE l.visitor_id = v.id) AS conversations,
       (SELECT count(*) FROM interests i WHERE i.visitor_id = v.id) AS interests
FROM people.visitors v
WHERE v.erased_at IS NULL AND (:before::uuid IS NULL OR v.id < :before::uuid)
  AND (:search::text IS NULL OR coalesce(v.sort_key, lower(v.name)) LIKE '%' || :search::text || '%'
       OR v.email_key LIKE :email::text || '%'
       OR EXISTS (SELECT FROM people.households h WHERE h.visitor_id = v.id AND h.sort_key LIKE '%' || :search::text || '%'))
ORDER BY v.id DESC LIMIT :many::integer;

-- name: bookings_of_visitor
-- Everything a visitor has booked, newest first.
SELECT b.id, b.status, b.starts_at, b.ends_at, e.slug AS event_slug, e.titles, e.time_zone
FROM bookings b LEFT JOIN events e ON e.id = b.event_id
WHERE b.visitor_id = :visitor_id::uuid ORDER BY b.id DESC;

-- name: leads_of_visitor
-- The conversations with a visitor, newest first.
SELECT id, noted_at, interest FROM leads WHERE visitor_id = :visitor_id::uuid ORDER BY id DESC;

-- name: interests_of_visitor
-- What a visitor wrote to hear more, newest first.
SELECT id, created_at, message FROM interests WHERE visitor_id = :visitor_id::uuid ORDER BY id DESC;
