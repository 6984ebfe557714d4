-- name: calendar_out_of_step$
-- Events published at some time that the public list lacks or shows as they no longer are, and entries without an event.
SELECT count(*) FROM events
FULL JOIN calendar_directory USING (event_id)
WHERE (events.published_at IS NOT NULL OR calendar_directory.event_id IS NOT NULL)
    AND (events.version IS DISTINCT FROM calendar_directory.version OR events.slug IS DISTINCT FROM calendar_directory.slug);

-- name: addresses_out_of_step$
-- Events whose address leads nowhere or elsewhere.
SELECT count(*) FROM events
LEFT JOIN events_directory USING (event_id)
WHERE events.slug IS DISTINCT FROM events_directory.slug
    OR events.programme_id IS DISTINCT FROM events_directory.programme_id;

-- name: slots_astray$
-- Open slots and sessions that begin before or end after their event, or whose stand has been taken away.
SELECT count(*) FROM slots
JOIN events USING (event_id)
LEFT JOIN stands USING (stand_id)
WHERE slots.status = 'open' AND events.status <> 'cancelled'
    AND (slots.starts_at < events.starts_at OR slots.ends_at > events.ends_at OR stands.removed);
