-- name: withdraw_hand_overs!
-- An earlier offer to someone else that was not answered: its link is worthless.
UPDATE hand_overs SET ends_by = :moment::timestamptz, ended = 'withdrawn'
WHERE booking_id = :booking_id::uuid AND accepted_at IS NULL AND ends_by > :moment::timestamptz;

-- name: save_hand_over!
-- Someone is asked to come instead; the directory finds it by the hash of its link.
WITH listed AS (
    INSERT INTO hand_over_directory (token_hash, programme_id, hand_over_id)
    VALUES (:token_hash::bytea, :programme_id::uuid, :id::uuid)
)
INSERT INTO hand_overs (id, programme_id, booking_id, from_visitor_id, to_visitor_id, token_hash, ends_by, asked_at)
VALUES (:id::uuid, :programme_id::uuid, :booking_id::uuid, :from_visitor_id::uuid, :to_visitor_id::uuid, :token_hash::bytea,
        :ends_by::timestamptz, :moment::timestamptz);

-- name: take_back_hand_over$
-- Its visitor comes after all: the link is worthless. No row: it was answered, its time is over, or the booking is another's by now.
UPDATE hand_overs o SET ends_by = :moment::timestamptz, ended = 'withdrawn'
FROM bookings b
WHERE b.id = o.booking_id AND b.id = :booking_id::uuid AND b.rotation = :rotation::integer
  AND o.accepted_at IS NULL AND o.ends_by > :moment::timestamptz
RETURNING o.id;

-- name: raise_version^
-- A step of a booking that changes no state of it, as its row stands then.
UPDATE bookings SET version = version + 1, changed_at = :moment::timestamptz WHERE id = :id::uuid RETURNING {bookings};

-- name: open_hand_overs
-- Which of these are still asked, locked: one that was withdrawn, answered or ended since its page was read hands nothing over.
SELECT id FROM hand_overs
WHERE id = ANY (:ids::uuid[]) AND accepted_at IS NULL AND ends_by > :moment::timestamptz ORDER BY id FOR UPDATE;

-- name: decline_hand_over!
-- They said no: the link is worthless from now on.
UPDATE hand_overs SET ends_by = :moment::timestamptz, ended = 'declined'
WHERE id = :id::uuid AND accepted_at IS NULL AND ends_by > :moment::timestamptz;

-- name: accept_hand_over!
-- They said yes.
UPDATE hand_overs SET accepted_at = :moment::timestamptz WHERE id = :id::uuid;

-- name: hand_over_of_token^
-- Which hand-over a link means, while nobody has named a programme.
SELECT programme_id, hand_over_id FROM hand_over_directory WHERE token_hash = :token_hash::bytea;

-- name: hand_over_page^
-- What is offered, to whom, and whether it still is.
SELECT o.id, o.booking_id, o.to_visitor_id, o.ends_by, o.accepted_at, o.ended, b.rotation, b.status, b.starts_at, b.ends_at, b.adults, b.children,
       e.titles, e.slug AS event_slug, e.time_zone, e.venue, s.names AS stand_names, l.titles AS session_titles, v.name, v.language, v.erased_at
FROM hand_overs o
JOIN bookings b ON b.id = o.booking_id
JOIN people.visitors v ON v.id = o.to_visitor_id
LEFT JOIN events e ON e.id = b.event_id
LEFT JOIN stands s ON s.id = b.stand_id
LEFT JOIN slots l ON l.id = b.slot_id
WHERE o.id = :id::uuid;

-- name: asked_by_visitor^
-- Whom the visitor of a booking asked last, by the address that they typed themselves: under what name we know it is not theirs to read.
SELECT o.ends_by, o.accepted_at, o.ended, v.email_key AS address FROM hand_overs o
JOIN bookings b ON b.id = o.booking_id AND b.visitor_id = o.from_visitor_id
JOIN people.visitors v ON v.id = o.to_visitor_id
WHERE o.booking_id = :booking_id::uuid ORDER BY o.id DESC LIMIT 1;

-- name: hand_overs_of_booking
-- Through whose hands a booking went, or was to go. Nothing of whom was asked: they are its visitor now, or are forgotten again.
SELECT o.asked_at, o.ends_by, o.accepted_at, o.ended, v.id AS giver_id, v.name AS giver FROM hand_overs o
LEFT JOIN people.visitors v ON v.id = o.from_visitor_id AND v.erased_at IS NULL
WHERE o.booking_id = :booking_id::uuid ORDER BY o.id;

-- name: never_answered
-- Who was asked to come instead, did not answer in time, and whom we know by nothing else: someone gave us their name. With `only`,
-- whether that is so of this one.
SELECT DISTINCT v.programme_id, v.id FROM hand_overs o JOIN people.visitors v ON v.id = o.to_visitor_id
WHERE o.ends_by <= :moment::timestamptz AND o.accepted_at IS NULL AND v.erased_at IS NULL AND (:only::uuid IS NULL OR v.id = :only::uuid)
  AND NOT EXISTS (SELECT FROM hand_overs n WHERE n.to_visitor_id = v.id AND (n.accepted_at IS NOT NULL OR n.ends_by > :moment::timestamptz))
  AND NOT EXISTS (SELECT FROM bookings b WHERE b.visitor_id = v.id)
  AND NOT EXISTS (SELECT FROM interests i WHERE i.visitor_id = v.id)
  AND NOT EXISTS (SELECT FROM leads l WHERE l.visitor_id = v.id)
ORDER BY v.id;

-- name: rename_household!
-- The booking goes by another name; where the first one lives, when they think of moving and what they look for is no longer its business.
UPDATE people.households SET visitor_id = :visitor_id::uuid, language = :language::text, name = :name::text, sort_key = :sort_key::text, lives_in = NULL,
       moving = NULL, looking_for = '{}'
WHERE booking_id = :booking_id::uuid;
