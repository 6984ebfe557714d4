-- name: claim_series$
-- The first to come with this attempt makes the dates; who comes at the same moment waits here for that one's commit, and
-- finds no row.
INSERT INTO series (programme_id, attempt, event_id, asked, publish, made, made_at)
VALUES (:programme_id, :attempt, :event_id, :asked::timestamptz[], :publish::boolean, ARRAY[]::uuid[], :moment)
ON CONFLICT (programme_id, attempt) DO NOTHING RETURNING attempt;

-- name: keep_series!
-- What was made under an attempt, in the transaction that claimed it.
UPDATE series SET made = :made WHERE programme_id = :programme_id AND attempt = :attempt;

-- name: find_series^
-- What an attempt asked for and made before.
SELECT event_id, asked, publish, made FROM series WHERE programme_id = :programme_id AND attempt = :attempt;

-- name: events_of_series
-- Those events, in order of time.
SELECT {events} FROM events WHERE event_id = ANY (:events::uuid[]) ORDER BY starts_at, event_id;

-- name: happenings_then
-- What clashes are judged by, of everything that touches one of these stretches of time: a year of dates asks only for what
-- happens on them.
SELECT event_id, starts_at, ends_at, municipality_id, target_groups, titles
FROM events WHERE status <> 'cancelled' AND EXISTS (
    SELECT FROM unnest(:starts::timestamptz[], :ends::timestamptz[]) AS asked (since, until)
    WHERE events.ends_at > asked.since AND events.starts_at < asked.until
)
ORDER BY starts_at, event_id;
