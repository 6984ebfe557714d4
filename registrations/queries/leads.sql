-- name: save_lead^
-- A conversation at a stand; the same form sent twice is one, and nothing comes back the second time.
INSERT INTO leads (id, programme_id, version, visitor_id, booking_id, event_id, stand_id, interest, tags, note, promise, next_step,
                   next_step_on, owner_id, via, target_groups, attempt, noted_by, noted_at, changed_at)
VALUES (:id::uuid, :programme_id::uuid, 1, :visitor_id::uuid, :booking_id::uuid, :event_id::uuid, :stand_id::uuid,
        :interest::text, :tags::text[], :note::text, :promise::text, :next_step::text, :next_step_on::date, :owner_id::uuid,
        :via::uuid, :target_groups::uuid[], :attempt::uuid, :noted_by::uuid, :moment::timestamptz, :moment::timestamptz)
ON CONFLICT (programme_id, attempt) DO NOTHING
RETURNING {leads};

-- name: lead_of_attempt$
-- The lead that a form, sent before, was noted as.
SELECT id FROM leads WHERE attempt = :attempt::uuid;

-- name: lock_lead^
-- One lead, to be changed.
SELECT {leads} FROM leads WHERE id = :id::uuid FOR UPDATE;

-- name: may_write^
-- Whether anything may be written about a visitor: not once they are forgotten, nor without a standing yes to it.
SELECT v.erased_at, EXISTS (
    SELECT FROM people.consents c WHERE c.visitor_id = v.id AND c.purpose = 'conversation' AND c.withdrawn_at IS NULL
) AS agreed
FROM people.visitors v WHERE v.id = :visitor_id::uuid;

-- name: change_lead^
-- Another word on a lead; a new next step is not done yet.
UPDATE leads SET version = version + 1, interest = :interest::text, tags = :tags::text[], note = :note::text,
       promise = :promise::text, next_step = :next_step::text, next_step_on = :next_step_on::date, done_at = NULL,
       owner_id = :owner_id::uuid, changed_at = :moment::timestamptz
WHERE id = :id::uuid RETURNING {leads};

-- name: finish_step^
-- The next step was taken.
UPDATE leads SET version = version + 1, done_at = :moment::timestamptz, changed_at = :moment::timestamptz
WHERE id = :id::uuid RETURNING {leads};

-- name: silence_leads
-- What was said is forgotten; that there was a conversation, and what came of it, still counts.
UPDATE leads SET version = version + 1, tags = '{}', note = NULL, promise = NULL, next_step = NULL, next_step_on = NULL,
       owner_id = NULL, changed_at = :moment::timestamptz
WHERE visitor_id = :visitor_id::uuid
RETURNING {leads};

-- name: find_lead^
-- One lead with who it is about.
SELECT {l: leads}, coalesce(h.name, v.name) AS name, v.email, coalesce(h.language, v.language) AS language, v.erased_at, e.titles, e.slug AS event_slug, EXISTS (
    SELECT FROM people.consents c WHERE c.visitor_id = v.id AND c.purpose = 'conversation' AND c.withdrawn_at IS NULL
) AS agreed
FROM leads l JOIN people.visitors v ON v.id = l.visitor_id
LEFT JOIN people.households h ON h.booking_id = l.booking_id
LEFT JOIN events e ON e.id = l.event_id
WHERE l.id = :id::uuid;

-- name: lead_of_booking^
-- The lead that a booking led to, newest first.
SELECT id FROM leads WHERE booking_id = :booking_id::uuid ORDER BY id DESC LIMIT 1;

-- name: list_leads
-- Leads, newest first; `owner`, `interest` and `search` narrow, `before` reads on. A household is deleted long before its
-- lead, which is then found by the name of its visitor.
SELECT l.id, l.interest, l.tags, l.next_step, l.next_step_on, l.done_at, l.owner_id, l.noted_at, l.event_id, l.booking_id,
       coalesce(h.name, v.name) AS name, v.erased_at, e.titles,
       (SELECT array_agg(o.kind) FROM outcomes o WHERE o.lead_id = l.id AND NOT o.withdrawn) AS outcomes
FROM leads l JOIN people.visitors v ON v.id = l.visitor_id
LEFT JOIN people.households h ON h.booking_id = l.booking_id
LEFT JOIN events e ON e.id = l.event_id
WHERE (:before::uuid IS NULL OR l.id < :before::uuid)
  AND (:owner::uuid IS NULL OR l.owner_id = :owner::uuid)
  AND (:interest::text IS NULL OR l.interest = :interest::text)
  AND (:search::text IS NULL OR coalesce(h.sort_key, v.sort_key) LIKE '%' || :search::text || '%')
ORDER BY l.id DESC LIMIT :many::integer;

-- name: leads_due
-- Steps that are due by a day, oldest first: `owner` narrows.
SELECT l.id, l.interest, l.next_step, l.next_step_on, l.owner_id, coalesce(h.name, v.name) AS name, e.titles
FROM leads l JOIN people.visitors v ON v.id = l.visitor_id
LEFT JOIN people.households h ON h.booking_id = l.booking_id
LEFT JOIN events e ON e.id = l.event_id
WHERE l.next_step_on <= :day::date AND l.done_at IS NULL AND v.erased_at IS NULL
  AND (:owner::uuid IS NULL OR l.owner_id = :owner::uuid)
ORDER BY l.next_step_on, l.id LIMIT :many::integer;

-- name: count_leads^
-- How many leads there are, how many steps are due and how many leads nobody follows up.
SELECT count(*) AS every,
       count(*) FILTER (WHERE l.next_step_on <= :day::date AND l.done_at IS NULL) AS due,
       count(*) FILTER (WHERE l.owner_id = :owner::uuid) AS mine,
       count(*) FILTER (WHERE l.interest = 'hot') AS hot,
       count(*) FILTER (WHERE l.interest = 'warm') AS warm,
       count(*) FILTER (WHERE l.interest = 'cold') AS cold
FROM leads l;

-- name: save_outcome^
-- What became of a lead.
INSERT INTO outcomes (id, programme_id, version, lead_id, visitor_id, booking_id, kind, source, happened_on, adults, children, via,
                      logged_by, logged_at)
VALUES (:id::uuid, :programme_id::uuid, 1, :lead_id::uuid, :visitor_id::uuid, :booking_id::uuid, :kind::text, :source::text,
        :happened_on::date, :adults::integer, :children::integer, :via::uuid, :logged_by::uuid, :moment::timestamptz)
RETURNING {outcomes};

-- name: withdraw_outcome^
-- A mistaken step is taken back; nothing comes back where it was already.
UPDATE outcomes SET withdrawn = true, version = version + 1
WHERE id = :id::uuid AND lead_id = :lead_id::uuid AND NOT withdrawn RETURNING {outcomes};

-- name: outcomes_of_lead
-- The steps of a lead, as they happened.
SELECT id, kind, source, happened_on, adults, children, logged_at FROM outcomes
WHERE lead_id = :lead_id::uuid AND NOT withdrawn ORDER BY happened_on, logged_at;

-- name: outcome_board
-- The newest steps of each kind, with whose they are.
SELECT * FROM (
    SELECT o.id, o.lead_id, o.kind, o.source, o.happened_on, o.adults, o.children, coalesce(h.name, v.name) AS name,
           row_number() OVER (PARTITION BY o.kind ORDER BY o.happened_on DESC, o.id DESC) AS place
    FROM outcomes o JOIN people.visitors v ON v.id = o.visitor_id
    LEFT JOIN people.households h ON h.booking_id = o.booking_id
    WHERE NOT o.withdrawn
) numbered WHERE place <= :many::integer ORDER BY kind, place;

-- name: outcome_counts
-- How many households and persons took each step.
SELECT kind, count(*) AS households, sum(adults + children) AS persons FROM outcomes WHERE NOT withdrawn GROUP BY kind;

-- name: outcome_people^
-- Of how many the household is that a step is logged for: as it was booked, else one.
SELECT coalesce(b.adults, 1) AS adults, coalesce(b.children, 0) AS children
FROM leads l LEFT JOIN bookings b ON b.id = l.booking_id WHERE l.id = :id::uuid;

-- name: save_interest$
-- Someone wants to hear more; the same form sent twice is one interest.
INSERT INTO interests (id, programme_id, visitor_id, version, lives_in, moving, looking_for, message, heard_of, via, target_groups, attempt, created_at)
VALUES (:id::uuid, :programme_id::uuid, :visitor_id::uuid, 1, :lives_in::text, :moving::text, :looking_for::text[], :message::text, :heard_of::text,
        :via::uuid, :target_groups::uuid[], :attempt::uuid, :moment::timestamptz)
ON CONFLICT (programme_id, attempt) DO NOTHING
RETURNING id;

-- name: list_interests
-- Who wants to hear more, newest first.
SELECT i.id, i.lives_in, i.moving, i.looking_for, i.message, i.heard_of, i.target_groups, i.created_at, i.answered_at, v.name, v.email, v.language
FROM interests i JOIN people.visitors v ON v.id = i.visitor_id
WHERE v.erased_at IS NULL AND (:before::uuid IS NULL OR i.id < :before::uuid)
ORDER BY i.id DESC LIMIT :many::integer;

-- name: answer_interest!
-- Somebody wrote back.
UPDATE interests SET answered_at = :moment::timestamptz, version = version + 1 WHERE id = :id::uuid AND answered_at IS NULL;
