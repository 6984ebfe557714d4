-- name: find_event^
-- One event of the programme.
SELECT {events} FROM events WHERE event_id = :event_id;

-- name: lock_event^
-- The event, kept still until the transaction ends: everything that changes it, its stands or slots begins here.
SELECT {events} FROM events WHERE event_id = :event_id FOR UPDATE;

-- name: share_event^
-- The event, kept as it is while one of its stands or slots is changed by itself.
SELECT {events} FROM events WHERE event_id = :event_id FOR SHARE;

-- name: insert_event!
-- A new draft.
INSERT INTO events (
    event_id, programme_id, version, slug, status, titles, summaries, descriptions, starts_at, ends_at, time_zone,
    venue_name, venue_address, latitude, longitude, municipality_id, activity_type, target_groups, selling_points,
    registration_opens_at, registration_closes_at, first_amount, first_unit, cover, copied_from, created_at,
    updated_at
) VALUES (
    :event_id, :programme_id, 1, :slug, 'draft', :titles, :summaries, :descriptions, :starts_at, :ends_at, :time_zone,
    :venue_name, :venue_address, :latitude, :longitude, :municipality_id, :activity_type, :target_groups,
    :selling_points, :registration_opens_at, :registration_closes_at, :first_amount, :first_unit, :cover,
    :copied_from, :moment, :moment
);

-- name: update_event!
-- What an organiser may change of an event, all at once; its row is locked.
UPDATE events
SET version = :version, slug = :slug, titles = :titles, summaries = :summaries, descriptions = :descriptions,
    starts_at = :starts_at, ends_at = :ends_at, time_zone = :time_zone, venue_name = :venue_name,
    venue_address = :venue_address, latitude = :latitude, longitude = :longitude, municipality_id = :municipality_id,
    activity_type = :activity_type, target_groups = :target_groups, selling_points = :selling_points,
    registration_opens_at = :registration_opens_at, registration_closes_at = :registration_closes_at,
    first_amount = :first_amount, first_unit = :first_unit, cover = :cover, updated_at = :moment
WHERE event_id = :event_id;

-- name: draw_hall!
-- The hall of an event's plan, which is another version from now on; the event's row is locked, and its own version stays.
UPDATE events SET hall_width = :width, hall_depth = :depth, plan_version = plan_version + 1 WHERE event_id = :event_id;

-- name: publish_event!
-- draft -> published; its row is locked.
UPDATE events SET status = 'published', published_at = :moment, updated_at = :moment, version = version + 1
WHERE event_id = :event_id AND status = 'draft';

-- name: cancel_event!
-- draft | published -> cancelled; its row is locked.
UPDATE events
SET status = 'cancelled', cancelled_at = :moment, updated_at = :moment, reasons = :reasons, version = version + 1
WHERE event_id = :event_id AND status <> 'cancelled';

-- name: claim_slug$
-- Takes an address for an event; NULL where another event of the installation has it, also one of a programme that this
-- transaction cannot see.
INSERT INTO events_directory (slug, event_id, programme_id) VALUES (:slug, :event_id, :programme_id)
ON CONFLICT (slug) DO NOTHING RETURNING slug;

-- name: release_slugs!
-- Gives back the addresses of an event but the one it keeps; a draft's only, since nobody has been told of them.
DELETE FROM events_directory WHERE event_id = :event_id AND slug <> :slug;

-- name: similar_slugs
-- The addresses that begin alike, to find a free one beside them.
SELECT slug FROM events_directory WHERE starts_with(slug, :stem);

-- name: find_slug^
-- Which event, of which programme, an address leads to.
SELECT slug, event_id, programme_id FROM events_directory WHERE slug = :slug;

-- name: events_between
-- The programme's events that touch a stretch of time, each with how many stands and open slots it has: for the console's
-- list and month.
SELECT {events: events}, counted.stands, counted.slots
FROM events
CROSS JOIN LATERAL (
    SELECT
        (SELECT count(*) FROM stands WHERE stands.event_id = events.event_id AND NOT removed) AS stands,
        (SELECT count(*) FROM slots WHERE slots.event_id = events.event_id AND slots.status = 'open') AS slots
) AS counted
WHERE (:since::timestamptz IS NULL OR ends_at > :since) AND (:until::timestamptz IS NULL OR starts_at < :until)
    AND (:status::text IS NULL OR status = :status)
    AND (:after::timestamptz IS NULL OR (starts_at, event_id) > (:after, :after_id::uuid))
ORDER BY starts_at, event_id
LIMIT :many;

-- name: all_events
-- Every event of the programme, to say its state anew.
SELECT {events} FROM events ORDER BY event_id;

-- name: events_past
-- The programme's events that are over, the latest first, with the same counts.
SELECT {events: events}, counted.stands, counted.slots
FROM events
CROSS JOIN LATERAL (
    SELECT
        (SELECT count(*) FROM stands WHERE stands.event_id = events.event_id AND NOT removed) AS stands,
        (SELECT count(*) FROM slots WHERE slots.event_id = events.event_id AND slots.status = 'open') AS slots
) AS counted
WHERE ends_at <= :moment AND (:after::timestamptz IS NULL OR (starts_at, event_id) < (:after, :after_id::uuid))
ORDER BY starts_at DESC, event_id DESC
LIMIT :many;

-- name: count_events^
-- How many events there are under each tab of the console's list.
SELECT
    count(*) FILTER (WHERE ends_at > :moment) AS coming,
    count(*) FILTER (WHERE status = 'draft') AS drafts,
    count(*) FILTER (WHERE ends_at <= :moment) AS past
FROM events;

-- name: happenings
-- What clashes are judged by, of everything that is to take place within a stretch of time.
SELECT event_id, starts_at, ends_at, municipality_id, target_groups, titles
FROM events WHERE status <> 'cancelled' AND ends_at > :since AND starts_at < :until
ORDER BY starts_at, event_id
LIMIT 2000;
