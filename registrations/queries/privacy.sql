-- name: kept_now^
-- How many people the programme keeps something of, and of how many only numbers are left.
SELECT count(*) FILTER (WHERE erased_at IS NULL) AS visitors,
       count(*) FILTER (WHERE erased_at >= :since::timestamptz) AS erased,
       (SELECT count(*) FROM people.households) AS households,
       (SELECT count(*) FROM leads WHERE note IS NOT NULL OR promise IS NOT NULL OR next_step IS NOT NULL OR tags <> '{}') AS conversations,
       (SELECT count(*) FROM interests WHERE message IS NOT NULL OR lives_in IS NOT NULL OR moving IS NOT NULL OR looking_for <> '{}') AS interests
FROM people.visitors;

-- name: consents_by_wording
-- How many agreed to which wording, and how many of them took it back: the proof that each row of it is.
SELECT c.purpose, c.wording, count(*) FILTER (WHERE c.withdrawn_at IS NULL AND v.erased_at IS NULL) AS standing,
       count(*) FILTER (WHERE c.withdrawn_at IS NOT NULL) AS withdrawn, min(c.given_at) AS first_at, max(c.given_at) AS last_at
FROM people.consents c JOIN people.visitors v ON v.id = c.visitor_id
GROUP BY c.purpose, c.wording ORDER BY c.purpose, c.wording DESC;

-- name: exports_lately
-- Who took which personal columns out of which event, newest first.
SELECT x.id, x.account_id, x.token_id, x.columns, x.rows, x.whole, x.began_at, x.ended_at, e.slug, e.titles
FROM exports x LEFT JOIN events e ON e.id = x.event_id
ORDER BY x.began_at DESC, x.id DESC LIMIT :many::integer;

-- name: last_run^
-- When a task last began, and what came of it.
SELECT started_at, finished_at, error FROM task_runs WHERE task = :task::text;
