-- name: lock_rushes
-- How many ask for these things, made where nobody had asked, and locked: two processes count into one row, one after the other.
INSERT INTO rushes (subject, programme_id, began)
SELECT one, :programme_id::uuid, :moment::timestamptz FROM unnest(:subjects::text[]) AS one ORDER BY one
ON CONFLICT (subject) DO UPDATE SET programme_id = rushes.programme_id
RETURNING subject, began, attempts, before, raised_at, busy_at;

-- name: find_rushes
-- How many ask for these things, for who only looks.
SELECT subject, began, attempts, before, raised_at, busy_at FROM rushes WHERE subject = ANY (:subjects::text[]);

-- name: save_rushes!
-- What was counted since.
UPDATE rushes o SET began = r.began, attempts = r.attempts, before = r.before, raised_at = r.raised_at, busy_at = r.busy_at
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    subject text, began timestamptz, attempts integer, before integer, raised_at timestamptz, busy_at timestamptz)
WHERE o.subject = r.subject;

-- name: spend_proof$
-- One challenge is one form's, and one booking's: a form that keeps a time by it may still book by it, once. Null where it is spent.
INSERT INTO spent_proofs (mark, programme_id, attempt, booked, ends_at)
VALUES (:mark::text, :programme_id::uuid, :attempt::uuid, :books::boolean, :ends_at::timestamptz)
ON CONFLICT (mark) DO UPDATE SET booked = excluded.booked
WHERE spent_proofs.attempt = excluded.attempt AND NOT spent_proofs.booked
RETURNING true;

-- name: count_defences$
-- Events and programmes of which more is asked than their visitors would.
SELECT count(*) FROM rushes WHERE busy_at > :since::timestamptz;

-- name: forget_proofs!
-- Challenges that could not be used any more in any case.
DELETE FROM spent_proofs WHERE ends_at <= :moment::timestamptz;

-- name: forget_rushes!
-- Counts of which nothing follows any more.
DELETE FROM rushes WHERE began <= :before::timestamptz AND (busy_at IS NULL OR busy_at <= :before::timestamptz);
