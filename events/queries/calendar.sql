-- name: list_in_calendar!
-- Brings the public list up to date with an event, in the transaction that changed it; a draft is not listed.
INSERT INTO calendar_directory (
    event_id, programme_id, version, slug, status, titles, summaries, starts_at, ends_at, time_zone, venue_name,
    venue_address, municipality_id, activity_type, target_groups, cover, updated_at
)
SELECT
    event_id, programme_id, version, slug, status, titles, summaries, starts_at, ends_at, time_zone, venue_name,
    venue_address, municipality_id, activity_type, target_groups, cover, updated_at
FROM events WHERE event_id = :event_id AND published_at IS NOT NULL
ON CONFLICT (event_id) DO UPDATE SET
    version = excluded.version, status = excluded.status, titles = excluded.titles, summaries = excluded.summaries,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone,
    venue_name = excluded.venue_name, venue_address = excluded.venue_address,
    municipality_id = excluded.municipality_id, activity_type = excluded.activity_type,
    target_groups = excluded.target_groups, cover = excluded.cover, updated_at = excluded.updated_at;

-- name: calendar
-- What happens, in order of time, for everyone: all filters are optional, `after` is where the last page ended.
SELECT {calendar_directory} FROM calendar_directory
WHERE ends_at > :since AND (:until::timestamptz IS NULL OR starts_at < :until)
    AND (:programmes::uuid[] IS NULL OR programme_id = any(:programmes))
    AND (:municipalities::uuid[] IS NULL OR municipality_id = any(:municipalities))
    AND (:target_groups::uuid[] IS NULL OR target_groups && :target_groups)
    AND (:activity_types::uuid[] IS NULL OR activity_type = any(:activity_types))
    AND (:after::timestamptz IS NULL OR (starts_at, event_id) > (:after, :after_id::uuid))
ORDER BY starts_at, event_id
LIMIT :many;
