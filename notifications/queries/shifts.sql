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
RETURNING {shift_letters};

-- name: hold_shift_letter^
-- What is so now, until this transaction ends: what the mail says is what is noted as told. No row: it waited too long in its
-- sender's hands.
SELECT {shift_letters} FROM shift_letters WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim FOR UPDATE;

-- name: begin_shift_letter!
-- It is about to be handed over as it is now, under the lock of `hold_shift_letter`.
UPDATE shift_letters SET begun = true, telling_by = claim, telling_starts_at = starts_at, telling_ends_at = ends_at
WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim;

-- name: told_of_shift$
-- The host knows this now, or need not be told; what has changed meanwhile stays due when its change said. `sent`: a calendar entry
-- went with it. No row: it took so long that the claim was given up.
UPDATE shift_letters
SET told_starts_at = :starts_at::timestamptz, told_ends_at = :ends_at::timestamptz, sequence = sequence + :sent::boolean::int, claim = NULL, claimed_at = NULL,
    begun = false, attempts = 0, tried_since = NULL, again = false,
    due_at = CASE WHEN (starts_at, ends_at) IS DISTINCT FROM (:starts_at::timestamptz, :ends_at::timestamptz) THEN due_at END
WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim RETURNING shift_id;

-- name: put_shift_letter_back!
-- Not now: it waits for its next moment. A claim under which nothing was handed over (`vain`) counts as no try.
UPDATE shift_letters SET claim = NULL, claimed_at = NULL, begun = false, due_at = :due_at, attempts = attempts - :vain::int
WHERE shift_id = :shift_id AND account_id = :account_id AND claim = :claim;

-- name: give_shift_claims_back!
-- Their sender is to end and had not come to them: nothing of them left, and it counts as no try.
UPDATE shift_letters SET claim = NULL, claimed_at = NULL, attempts = attempts - 1 WHERE claim = :claim AND NOT begun;

-- name: shift_claims_left!
-- Claimed by a sender that died. Where it had begun, nobody knows whether the mail left: what it told is noted as unknown and not
-- sent again by itself, and what has changed since stays due. Where it had not, nothing left, and it counts as no try.
-- A sender of the version before did not say what it told: then it is what is so.
WITH died AS (
    SELECT {shift_letters},
           CASE WHEN telling_by = claim THEN telling_starts_at ELSE starts_at END AS mail_starts_at,
           CASE WHEN telling_by = claim THEN telling_ends_at ELSE ends_at END AS mail_ends_at
    FROM shift_letters WHERE claimed_at < :before FOR UPDATE
), noted AS (
    INSERT INTO shift_mails (programme_id, shift_id, account_id, event_id, stand_id, news, starts_at, ends_at, outcome, reason, happened_at)
    SELECT programme_id, shift_id, account_id, event_id, stand_id,
           CASE WHEN told_starts_at IS NULL OR (again AND mail_starts_at IS NOT NULL) THEN 'given'
               WHEN mail_starts_at IS NULL THEN 'taken' ELSE 'moved' END,
           coalesce(mail_starts_at, told_starts_at), coalesce(mail_ends_at, told_ends_at), 'unknown', 'sender-died', :moment
    FROM died WHERE begun
), given_up AS (
    UPDATE shift_letters AS l SET claim = NULL, claimed_at = NULL, attempts = l.attempts - 1
    FROM died WHERE l.shift_id = died.shift_id AND l.account_id = died.account_id AND NOT died.begun
)
UPDATE shift_letters AS l
SET told_starts_at = died.mail_starts_at, told_ends_at = died.mail_ends_at, sequence = l.sequence + 1, claim = NULL,
    claimed_at = NULL, begun = false, attempts = 0, tried_since = NULL, again = false,
    due_at = CASE WHEN (l.starts_at, l.ends_at) IS DISTINCT FROM (died.mail_starts_at, died.mail_ends_at) THEN l.due_at END
FROM died WHERE l.shift_id = died.shift_id AND l.account_id = died.account_id AND died.begun;

-- name: note_shift_mail!
-- What became of a mail to a host.
INSERT INTO shift_mails (programme_id, shift_id, account_id, event_id, stand_id, news, starts_at, ends_at, outcome, reason, happened_at)
VALUES (:programme_id, :shift_id, :account_id, :event_id, :stand_id, :news, :starts_at, :ends_at, :outcome, :reason, :moment);

-- name: list_shift_mails
-- The newest first, a page at a time: of one stand, or with one outcome, where that is chosen.
SELECT {m: shift_mails}, e.titles, e.time_zone, s.names AS stand_names,
       m.outcome IN ('failed', 'unknown') AND EXISTS (
           SELECT FROM shift_letters l
           WHERE l.shift_id = m.shift_id AND l.account_id = m.account_id AND l.due_at IS NULL
               AND coalesce(l.starts_at, CASE WHEN m.news = 'taken' THEN m.starts_at END) > :moment
       ) AND NOT EXISTS (
           SELECT FROM shift_mails later
           WHERE later.shift_id = m.shift_id AND later.account_id = m.account_id AND later.id > m.id
       ) AS may_be_told_again
FROM shift_mails m
LEFT JOIN known_events e ON e.event_id = m.event_id LEFT JOIN known_stands s ON s.stand_id = m.stand_id
WHERE (:stand_id::uuid IS NULL OR m.stand_id = :stand_id) AND (:outcome::text IS NULL OR m.outcome = :outcome)
    AND (:before::bigint IS NULL OR m.id < :before)
ORDER BY m.id DESC LIMIT :most;

-- name: count_shift_mails
-- For the tabs.
SELECT outcome, count(*) AS mails FROM shift_mails WHERE :stand_id::uuid IS NULL OR stand_id = :stand_id GROUP BY outcome;

-- name: shift_mails_due
-- What goes out next: not told yet, or tried in vain.
SELECT l.shift_id, l.account_id, l.attempts, coalesce(l.due_at, l.claimed_at) AS due_at, coalesce(l.starts_at, l.told_starts_at) AS starts_at,
       coalesce(l.ends_at, l.told_ends_at) AS ends_at, e.titles, e.time_zone, s.names AS stand_names,
       CASE WHEN l.told_starts_at IS NULL OR (l.again AND l.starts_at IS NOT NULL) THEN 'given' WHEN l.starts_at IS NULL THEN 'taken'
           ELSE 'moved' END AS news
FROM shift_letters l
LEFT JOIN known_events e ON e.event_id = l.event_id LEFT JOIN known_stands s ON s.stand_id = l.stand_id
WHERE (:stand_id::uuid IS NULL OR l.stand_id = :stand_id) AND l.due_at IS NOT NULL
    AND ((l.starts_at, l.ends_at) IS DISTINCT FROM (l.told_starts_at, l.told_ends_at) OR (l.again AND l.starts_at IS NOT NULL))
ORDER BY l.due_at, l.shift_id, l.account_id LIMIT :most;

-- name: stand_of_shift_mails^
-- The stand whose mails are asked for, and its event.
SELECT s.stand_id, s.names, s.event_id, e.titles FROM known_stands s LEFT JOIN known_events e ON e.event_id = s.event_id
WHERE s.stand_id = :stand_id;

-- name: tell_of_shift_again$
-- An organiser asks for it: the host is told of the shift as it is now. No row: it is being told, there is nothing to tell, or a
-- later mail has settled it.
-- What the host was told stays: where the shift is taken away before the mail goes out, they are told that instead.
-- Of one that is taken away, whose mail settled what they were told, it is that mail's shift that they are told of.
UPDATE shift_letters AS l
SET again = true, due_at = :moment, attempts = 0, tried_since = NULL,
    told_starts_at = CASE WHEN l.starts_at IS NULL THEN m.starts_at ELSE l.told_starts_at END,
    told_ends_at = CASE WHEN l.starts_at IS NULL THEN m.ends_at ELSE l.told_ends_at END
FROM shift_mails m
WHERE m.id = :mail_id AND l.shift_id = m.shift_id AND l.account_id = m.account_id AND m.outcome IN ('failed', 'unknown')
    AND l.claim IS NULL AND l.due_at IS NULL
    AND coalesce(l.starts_at, CASE WHEN m.news = 'taken' THEN m.starts_at END) > :moment
    AND NOT EXISTS (
        SELECT FROM shift_mails later WHERE later.shift_id = m.shift_id AND later.account_id = m.account_id AND later.id > m.id
    )
RETURNING l.shift_id;

-- name: forget_shift_mails!
-- What hosts were told of shifts that were over long ago, or long ago at all.
DELETE FROM shift_mails WHERE happened_at < :before AND (ends_at IS NULL OR ends_at < :before);

-- name: story_of_shift^
-- What a mail about a shift says; no row until the event, the stand and the programme are known.
SELECT p.names AS programme_names, p.slug AS programme_slug, p.contact, p.language AS programme_language, e.titles, e.venue, e.time_zone,
       e.status AS event_status, s.names AS stand_names, s.number AS stand_number
FROM known_events e JOIN known_stands s ON s.stand_id = :stand_id JOIN known_programmes p ON p.programme_id = e.programme_id
WHERE e.event_id = :event_id;

-- name: forget_shift_letters!
-- Who stood where, long enough ago that nobody asks any more.
DELETE FROM shift_letters WHERE changed_at < :before AND (ends_at IS NULL OR ends_at < :before) AND due_at IS NULL;
