-- name: take_off_shift!
-- Whoever stood there and does not any more; a host who was never told need not be told of it either.
UPDATE shift_letters SET starts_at = NULL, ends_at = NULL, due_at = :due_at, changed_at = :moment
WHERE shift_id = :shift_id AND account_id IS DISTINCT FROM :but::uuid AND starts_at IS NOT NULL;

-- name: keep_shift!
-- A host's shift as it is; what is heard twice changes nothing. Restated (`told`), it is no news to the host.
INSERT INTO shift_letters AS l (
    shift_id, account_id, programme_id, event_id, stand_id, starts_at, ends_at, told_starts_at, told_ends_at, due_at,
    changed_at
) VALUES (
    :shift_id, :account_id, :programme_id, :event_id, :stand_id, :starts_at, :ends_at,
    CASE WHEN :told::boolean THEN :starts_at::timestamptz END, CASE WHEN :told THEN :ends_at::timestamptz END,
    CASE WHEN NOT :told THEN :due_at::timestamptz END, :moment
)
ON CONFLICT (shift_id, account_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, due_at = :due_at,
    changed_at = :moment
WHERE (l.starts_at, l.ends_at) IS DISTINCT FROM (excluded.starts_at, excluded.ends_at);

-- name: claim_shift_letters
-- The next mails to hosts, claimed for this sender. SKIP LOCKED: senders do not wait for each other.
UPDATE shift_letters SET claim = :claim, claimed_at = :moment, begun = false, attempts = attempts + 1,
    tried_since = coalesce(tried_since, :moment)
WHERE (shift_id, account_id) IN (
    SELECT shift_id, account_id FROM shift_letters WHERE due_at <= :moment AND claim IS NULL
    ORDER BY due_at, shift_id, account_id LIMIT :most FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- name: begin_shift_letter$
-- It is about to be handed over. No row: it waited too long in its sender's hands.
UPDATE shift_letters SET begun = true WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim RETURNING shift_id;

-- name: told_of_shift!
-- The host knows this now, or need not be told; what has changed meanwhile is due at once. `sent`: a calendar entry went with it.
UPDATE shift_letters
SET told_starts_at = :starts_at::timestamptz, told_ends_at = :ends_at::timestamptz, sequence = sequence + :sent::boolean::int, claim = NULL, claimed_at = NULL,
    begun = false, attempts = 0, tried_since = NULL,
    due_at = CASE WHEN (starts_at, ends_at) IS DISTINCT FROM (:starts_at::timestamptz, :ends_at::timestamptz) THEN :moment::timestamptz END
WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim;

-- name: put_shift_letter_back!
-- Not now: it waits for its next moment. A claim under which nothing was handed over (`vain`) counts as no try.
UPDATE shift_letters SET claim = NULL, claimed_at = NULL, begun = false, due_at = :due_at, attempts = attempts - :vain::int
WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim;

-- name: shift_claims_left!
-- Claimed by a sender that died. Where it had begun, nobody knows whether the mail left: it is not sent again by itself.
UPDATE shift_letters
SET told_starts_at = CASE WHEN begun THEN starts_at ELSE told_starts_at END,
    told_ends_at = CASE WHEN begun THEN ends_at ELSE told_ends_at END,
    due_at = CASE WHEN NOT begun THEN due_at END, sequence = sequence + begun::int,
    claim = NULL, claimed_at = NULL, begun = false
WHERE claimed_at < :before;

-- name: story_of_shift^
-- What a mail about a shift says; no row until the event, the stand and the programme are known.
SELECT p.names AS programme_names, p.slug AS programme_slug, p.contact, p.language AS programme_language, e.titles, e.venue, e.time_zone,
       e.status AS event_status, s.names AS stand_names, s.number AS stand_number
FROM known_events e JOIN known_stands s ON s.stand_id = :stand_id JOIN known_programmes p ON p.programme_id = e.programme_id
WHERE e.event_id = :event_id;

-- name: forget_shift_letters!
-- Who stood where, long enough ago that nobody asks any more.
DELETE FROM shift_letters WHERE changed_at < :before AND (ends_at IS NULL OR ends_at < :before) AND due_at IS NULL;
