-- name: claim_due
-- The next deliveries whose moment has come, claimed for this sender. SKIP LOCKED: senders do not wait for each other.
UPDATE deliveries SET status = 'sending', claim = :claim, claimed_at = :moment, not_begun = true, attempts = attempts + 1,
    tried_since = coalesce(tried_since, :moment)
WHERE id IN (
    SELECT id FROM deliveries WHERE status = 'planned' AND due_at <= :moment ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED
)
RETURNING id, programme_id, visitor_id, booking_id, kind, channel, attempts, due_at, ends_at, link_id, tried_since;

-- name: begin$
-- It is about to be handed over. No row: it waited too long in its sender's hands, and another may have it.
UPDATE deliveries SET not_begun = false WHERE id = :id AND claim = :claim RETURNING id;

-- name: finish$
-- The end of a delivery, by the sender that holds it; no row: it took too long and was given up as unknown.
UPDATE deliveries SET status = :status, reason = :reason, claim = NULL, claimed_at = NULL, settled_at = :moment,
    sequence = coalesce(:sequence, sequence), version = version + 1
WHERE id = :id AND claim = :claim RETURNING version;

-- name: put_back$
-- Not now: it waits for its next moment. A claim under which nothing was handed over (`vain`) counts as no try.
UPDATE deliveries SET status = 'planned', claim = NULL, claimed_at = NULL, due_at = :due_at, reason = :reason,
    attempts = attempts - :vain::int, version = version + 1
WHERE id = :id AND claim = :claim RETURNING version;

-- name: give_claims_back!
-- Its sender is to end and had not come to them: nothing of them left, and it counts as no try.
UPDATE deliveries SET status = 'planned', claim = NULL, claimed_at = NULL, attempts = attempts - 1, version = version + 1
WHERE status = 'sending' AND claim = :claim AND not_begun;

-- name: claims_not_begun!
-- Claimed long ago by a sender that died before it came to them: nothing of them left, and it counts as no try.
UPDATE deliveries SET status = 'planned', claim = NULL, claimed_at = NULL, attempts = attempts - 1, version = version + 1
WHERE status = 'sending' AND claimed_at < :before AND not_begun;

-- name: claims_left_behind
-- Begun long ago by a sender that died: whether the mail left is not known, so it is not sent again by itself.
UPDATE deliveries SET status = 'unknown', claim = NULL, claimed_at = NULL, settled_at = :moment, reason = 'sender-died', version = version + 1
WHERE status = 'sending' AND claimed_at < :before AND NOT not_begun
RETURNING id, programme_id, visitor_id, booking_id, kind, channel, version;

-- name: calendar_entry^
-- The entry as last told, locked: two mails of one booking must not tell the same sequence for two times.
SELECT sequence, fingerprint FROM calendar_entries WHERE booking_id = :booking_id FOR UPDATE;

-- name: keep_calendar_entry!
-- What was told last.
INSERT INTO calendar_entries (booking_id, programme_id, sequence, fingerprint) VALUES (:booking_id, :programme_id, :sequence, :fingerprint)
ON CONFLICT (booking_id) DO UPDATE SET sequence = excluded.sequence, fingerprint = excluded.fingerprint;

-- name: contact^
-- Name, address and language of a visitor as they made this booking, from the shared schema; no row where they were erased.
SELECT visitor_id, name, email, language FROM people.contact_for(:visitor_id, :booking_id);

-- name: ask_again$
-- Staff send one again that failed or whose end is unknown.
UPDATE deliveries SET status = 'planned', due_at = :moment, settled_at = NULL, reason = NULL, attempts = 0, tried_since = NULL, version = version + 1
WHERE id = :id AND status IN ('failed', 'unknown', 'withheld') RETURNING version;

-- name: due_count$
-- How many wait though their moment came over five minutes ago, mails to hosts among them: the invariant check.
SELECT (SELECT count(*) FROM deliveries WHERE status = 'planned' AND due_at < :before)
     + (SELECT count(*) FROM shift_letters WHERE due_at < :before AND claim IS NULL);

-- name: forget_deliveries!
-- The log is kept two years after the message; then who it went to is of no use to anybody.
DELETE FROM deliveries WHERE settled_at < :before;
