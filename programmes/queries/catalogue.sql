-- name: enter_catalogue!
-- The public entry of a programme, new or changed.
INSERT INTO catalogue_directory (
    programme_id, slug, status, names, summaries, municipalities, counties, target_groups, activity_types, sort_key, grams, changed_at
) VALUES (
    :programme_id, :slug, :status, :names, :summaries, :municipalities, :counties, :target_groups, :activity_types, :sort_key, :grams,
    :moment
)
ON CONFLICT (programme_id) DO UPDATE
SET status = excluded.status, names = excluded.names, summaries = excluded.summaries, municipalities = excluded.municipalities,
    counties = excluded.counties, target_groups = excluded.target_groups, activity_types = excluded.activity_types,
    sort_key = excluded.sort_key, grams = excluded.grams, changed_at = excluded.changed_at;

-- name: find_in_catalogue^
-- The programme of a slug, where the public may see it.
SELECT programme_id AS id, status FROM catalogue_directory WHERE slug = :slug;

-- name: catalogue
-- A page of the catalogue: those still at work first, then what shares most with the search, then Norwegian order.
SELECT * FROM (
    SELECT
        programme_id AS id, slug, status, names, summaries, municipalities, counties, sort_key, (status = 'closed')::integer AS over,
        -(SELECT count(*) FROM unnest(:grams::text[]) AS gram WHERE gram = ANY (grams))::integer AS nearness
    FROM catalogue_directory
    WHERE (cardinality(:grams::text[]) = 0 OR grams && :grams::text[])
        AND (:target_group::text IS NULL OR :target_group = ANY (target_groups))
        AND (:activity::text IS NULL OR :activity = ANY (activity_types))
        AND (:place::text IS NULL OR :place = ANY (counties))
) AS found
WHERE nearness <= -:least::integer
    AND (:after_id::uuid IS NULL
        OR (over, nearness, sort_key, id) > (:after_over::integer, :after_nearness::integer, :after_key::text, :after_id::uuid))
ORDER BY over, nearness, sort_key, id
LIMIT :many;

-- name: facets
-- What the catalogue can be filtered by, and how many programmes each leaves.
SELECT 'target_group' AS filter, value, count(*) AS programmes
FROM catalogue_directory, unnest(target_groups) AS value GROUP BY value
UNION ALL
SELECT 'activity', value, count(*) FROM catalogue_directory, unnest(activity_types) AS value GROUP BY value
UNION ALL
SELECT 'place', value, count(*) FROM catalogue_directory, unnest(counties) AS value GROUP BY value;

-- name: coming_events
-- The next events, of one programme or of all that are published.
SELECT
    e.event_id AS id, e.programme_id, e.slug, e.titles, e.summaries, e.starts_at, e.ends_at, e.time_zone, e.venue,
    d.names AS programme_names
FROM events_directory e JOIN catalogue_directory d ON d.programme_id = e.programme_id
WHERE e.ends_at > :moment AND (:programme_id::uuid IS NULL OR e.programme_id = :programme_id)
ORDER BY e.starts_at, e.event_id LIMIT :many;

-- name: show_event!
-- Projection: a published event as its newest fact has it.
INSERT INTO events_directory (
    programme_id, event_id, slug, titles, summaries, starts_at, ends_at, time_zone, venue, municipality_id, terms
) VALUES (
    :programme_id, :event_id, :slug, :titles, :summaries, :starts_at, :ends_at, :time_zone, :venue, :municipality_id, :terms
)
ON CONFLICT (event_id) DO UPDATE
SET slug = excluded.slug, titles = excluded.titles, summaries = excluded.summaries, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, time_zone = excluded.time_zone, venue = excluded.venue,
    municipality_id = excluded.municipality_id, terms = excluded.terms;

-- name: hide_event!
-- Projection: an event that is not, or no longer, for the public.
DELETE FROM events_directory WHERE event_id = :event_id;
