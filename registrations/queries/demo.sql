-- name: every_programme
-- The programmes we know, for the demo and for tasks across them.
SELECT programme_id, slug, target_groups FROM programmes ORDER BY slug;

-- name: running_events
-- Events of all programmes that are not over.
SELECT id, programme_id, slug, status, starts_at, ends_at, time_zone FROM events
WHERE ends_at > :moment::timestamptz ORDER BY starts_at, id;

-- name: live_bookings_of_event
-- Bookings of an event that their visitors may still change, in the order in which they were made. Of several at one moment the
-- address decides, here and below: ids have chance in them, and the demo's dice should fall on the same people each time.
SELECT b.id, b.adults, b.children FROM bookings b JOIN people.visitors v ON v.id = b.visitor_id
WHERE b.event_id = :event_id::uuid AND b.status IN ('confirmed', 'waiting', 'offered')
ORDER BY b.created_at, v.email, v.name, b.id;

-- name: due_on_day
-- Who is expected at an event within a stretch of time, in the order of their times.
SELECT b.id, b.starts_at, v.language FROM bookings b JOIN people.visitors v ON v.id = b.visitor_id
WHERE b.event_id = :event_id::uuid AND b.status = 'confirmed' AND b.starts_at >= :since::timestamptz
  AND b.starts_at < :until::timestamptz
ORDER BY b.starts_at, b.created_at, v.email, v.name, b.id;

-- name: any_lead$
-- Whether there is a lead at all.
SELECT EXISTS (SELECT FROM leads);

-- name: leads_ready_for
-- Leads for which a step may come next: it is not logged, and one of those before it is. The keen ones first.
SELECT l.id, l.visitor_id, v.language FROM leads l JOIN people.visitors v ON v.id = l.visitor_id
WHERE v.erased_at IS NULL
  AND EXISTS (SELECT FROM people.consents c WHERE c.visitor_id = v.id AND c.purpose = 'conversation' AND c.withdrawn_at IS NULL)
  AND NOT EXISTS (SELECT FROM outcomes o WHERE o.lead_id = l.id AND o.kind = :kind::text AND NOT o.withdrawn)
  AND (cardinality(:before::text[]) = 0
       OR EXISTS (SELECT FROM outcomes o WHERE o.lead_id = l.id AND o.kind = ANY (:before::text[]) AND NOT o.withdrawn))
ORDER BY l.interest <> 'hot', l.interest <> 'warm', l.noted_at, v.email, v.name, l.id;
