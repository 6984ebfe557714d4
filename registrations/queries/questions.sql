-- name: lock_event$
-- Whoever changes an event's questions does it one after the other: their order is one order.
SELECT id FROM events WHERE id = :id::uuid FOR UPDATE;

-- name: questions_of_events
-- What events ask, and what they asked, in order.
SELECT id, event_id, position, kind, required, labels, hints, options, longest, least, most, earliest, latest, shown_when,
       shown_for, wording, version, retired_at IS NOT NULL AS retired
FROM questions WHERE event_id = ANY (:events::uuid[]) ORDER BY event_id, position;

-- name: events_with_questions
-- Other events that ask something, which can be asked here as well; the newest first.
SELECT e.id, e.titles, e.starts_at, e.time_zone, count(*) AS questions FROM events e JOIN questions q ON q.event_id = e.id
WHERE e.id <> :event_id::uuid AND q.retired_at IS NULL GROUP BY e.id ORDER BY e.starts_at DESC, e.id LIMIT 50;

-- name: carry_questions$
-- The first time that a copied event is told of; no row: its questions and rules were carried over before.
INSERT INTO questions_carried (event_id, programme_id, from_event_id, carried_at)
VALUES (:event_id::uuid, :programme_id::uuid, :from_event_id::uuid, :moment::timestamptz)
ON CONFLICT (event_id) DO NOTHING RETURNING event_id;

-- name: still_to_carry$
-- What an event is a copy of, where it was not given that one's questions and rules yet.
SELECT copied_from FROM events e WHERE id = :event_id::uuid
    AND NOT EXISTS (SELECT FROM questions_carried c WHERE c.event_id = e.id);

-- name: keep_left_out!
-- What there was no room for, or cannot be asked, so that organisers are told.
UPDATE questions_carried SET left_out = :left_out::uuid[] WHERE event_id = :event_id::uuid;

-- name: questions_left_out^
-- What was left out of a copied event, where nobody has decided about it yet.
SELECT c.from_event_id, c.left_out, e.titles
FROM questions_carried c LEFT JOIN events e ON e.id = c.from_event_id
WHERE c.event_id = :event_id::uuid AND c.left_out <> '{}';

-- name: settle_left_out!
-- An organiser asked it, or left it out for good.
UPDATE questions_carried SET left_out = '{}' WHERE event_id = :event_id::uuid AND left_out <> '{}';

-- name: settle_left_out_of!
-- All that the first event asks is asked here now.
UPDATE questions_carried SET left_out = '{}'
WHERE event_id = :event_id::uuid AND from_event_id = :from_event_id::uuid AND left_out <> '{}';

-- name: events_lacking_questions
-- Copied events to come out of which something was left, the next first: for the organiser's home.
SELECT e.slug, e.titles, e.starts_at, e.time_zone, cardinality(c.left_out) AS many
FROM events e JOIN questions_carried c ON c.event_id = e.id
WHERE c.left_out <> '{}' AND e.status <> 'cancelled' AND e.ends_at >= :moment::timestamptz
ORDER BY e.starts_at, e.id;

-- name: add_question!
-- One more question, with the words it begins with.
WITH added AS (
    INSERT INTO questions (id, programme_id, event_id, position, kind, required, labels, hints, options, longest, least, most,
                           earliest, latest, shown_when, shown_for, wording, version)
    VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :position::integer, :kind::text, :required::boolean, :labels::jsonb,
            :hints::jsonb, :options::jsonb, :longest::integer, :least::numeric, :most::numeric, :earliest::date, :latest::date,
            :shown_when::uuid, :shown_for::text[], 1, 1)
    RETURNING id, programme_id, labels, hints, options
)
INSERT INTO question_wordings (question_id, wording, programme_id, labels, hints, options, since)
SELECT id, 1, programme_id, labels, hints, options, :moment::timestamptz FROM added;

-- name: change_question$
-- Everything of a question but its kind, if nobody changed it since it was read; its version then.
UPDATE questions SET required = :required::boolean, labels = :labels::jsonb, hints = :hints::jsonb, options = :options::jsonb,
       longest = :longest::integer, least = :least::numeric, most = :most::numeric, earliest = :earliest::date,
       latest = :latest::date, shown_when = :shown_when::uuid, shown_for = :shown_for::text[], wording = :wording::integer,
       version = version + 1
WHERE id = :id::uuid AND event_id = :event_id::uuid AND version = :version::integer
RETURNING version;

-- name: keep_wording!
-- The words of a question as they are from now on.
INSERT INTO question_wordings (question_id, wording, programme_id, labels, hints, options, since)
VALUES (:id::uuid, :wording::integer, :programme_id::uuid, :labels::jsonb, :hints::jsonb, :options::jsonb, :moment::timestamptz);

-- name: place_question!
-- Another place in the order.
UPDATE questions SET position = :position::integer WHERE id = :id::uuid;

-- name: retire_question$
-- Asked no more, or (without a moment) asked again at the end; if nobody changed it since it was read.
UPDATE questions SET retired_at = :retired_at::timestamptz, position = :position::integer, version = version + 1
WHERE id = :id::uuid AND event_id = :event_id::uuid AND version = :version::integer AND (retired_at IS NULL) <> (:retired_at::timestamptz IS NULL)
RETURNING version;

-- name: answers_counted
-- How many answered each question of an event.
SELECT q.id, count(*) AS answers FROM questions q JOIN people.answers a ON a.question_id = q.id
WHERE q.event_id = :event_id::uuid GROUP BY q.id;

-- Answers ---------------------------------------------------------------------------------------------------------------

-- name: save_answers!
-- What households answered; what they had answered before in the same words stays as it was given.
INSERT INTO people.answers (booking_id, question_id, programme_id, value, wording, language, given_at, given_through)
SELECT r.booking_id, r.question_id, :programme_id::uuid, r.value, r.wording, r.language, :moment::timestamptz, r.given_through
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    booking_id uuid, question_id uuid, value jsonb, wording integer, language text, given_through text)
ON CONFLICT (booking_id, question_id) DO UPDATE
SET value = excluded.value, wording = excluded.wording, language = excluded.language, given_at = excluded.given_at,
    given_through = excluded.given_through
WHERE (answers.value, answers.wording) IS DISTINCT FROM (excluded.value, excluded.wording);

-- name: save_question_consents!
-- What was agreed to where an event asked for it; one that stands already is not given twice.
INSERT INTO people.question_consents (id, programme_id, visitor_id, booking_id, question_id, wording, language, given_at, given_through)
SELECT r.id, :programme_id::uuid, r.visitor_id, r.booking_id, r.question_id, r.wording, r.language, :moment::timestamptz, r.given_through
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    id uuid, visitor_id uuid, booking_id uuid, question_id uuid, wording integer, language text, given_through text)
ON CONFLICT (booking_id, question_id) WHERE withdrawn_at IS NULL DO NOTHING;

-- name: end_question_consents!
-- Taken back, or given anew to other words; the row stays as proof of what was agreed to, and until when.
UPDATE people.question_consents SET withdrawn_at = :moment::timestamptz
WHERE booking_id = :booking_id::uuid AND question_id = ANY (:questions::uuid[]) AND withdrawn_at IS NULL;

-- name: drop_answers!
-- Answers that do not stand any more.
DELETE FROM people.answers WHERE booking_id = :booking_id::uuid AND question_id = ANY (:questions::uuid[]);

-- name: drop_all_answers!
-- Somebody else comes: what the first one answered is not theirs, and what they agreed to has ended.
WITH ended AS (
    UPDATE people.question_consents SET withdrawn_at = :moment::timestamptz
    WHERE booking_id = :booking_id::uuid AND withdrawn_at IS NULL
)
DELETE FROM people.answers WHERE booking_id = :booking_id::uuid;

-- name: drop_answers_elsewhere!
-- The booking went to another event: what the first one asked is not that one's business.
WITH strange AS (
    SELECT q.id, b.id AS booking_id FROM bookings b JOIN people.answers a ON a.booking_id = b.id JOIN questions q ON q.id = a.question_id
    WHERE b.id = ANY (:bookings::uuid[]) AND q.event_id <> b.event_id
), ended AS (
    UPDATE people.question_consents c SET withdrawn_at = :moment::timestamptz FROM strange s
    WHERE c.booking_id = s.booking_id AND c.question_id = s.id AND c.withdrawn_at IS NULL
)
DELETE FROM people.answers a USING strange s WHERE a.booking_id = s.booking_id AND a.question_id = s.id;

-- name: withdraw_question_consents!
-- Being forgotten takes back what was agreed to at every event.
UPDATE people.question_consents SET withdrawn_at = :moment::timestamptz WHERE visitor_id = :visitor_id::uuid AND withdrawn_at IS NULL;

-- name: answers_of_booking
-- What a household answered, with the words it read and those of today, in the order of the questions.
SELECT a.question_id, a.value, a.wording, a.language, a.given_at, q.kind, q.wording AS wording_now, q.retired_at,
       w.labels, q.options
FROM people.answers a
JOIN questions q ON q.id = a.question_id
JOIN question_wordings w ON w.question_id = a.question_id AND w.wording = a.wording
WHERE a.booking_id = :booking_id::uuid ORDER BY q.position;
