-- name: plan_delivery$
-- One delivery per recipient, booking, kind and cause: the same fact again, or two facts of one change, plan nothing
-- twice.
INSERT INTO deliveries (id, programme_id, visitor_id, booking_id, kind, channel, cause, status, due_at, ends_at, link_id, planned_at)
VALUES (:id, :programme_id, :visitor_id, :booking_id, :kind, 'email', :cause, 'planned', :due_at, :ends_at, :link_id, :moment)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: replan_reminder$
-- A reminder not sent yet follows its slot; one already sent stays sent.
UPDATE deliveries SET due_at = :due_at, ends_at = :ends_at, tried_since = NULL, version = version + 1
WHERE booking_id = :booking_id AND visitor_id = :visitor_id AND kind = 'reminder' AND status = 'planned'
RETURNING id;

-- name: reopen_reminder$
-- A reminder that was not wanted, or no longer so, is both again. An erased visitor's stays withheld.
UPDATE deliveries SET status = 'planned', due_at = :due_at, ends_at = :ends_at, reason = NULL, settled_at = NULL,
    attempts = 0, tried_since = NULL, version = version + 1
WHERE booking_id = :booking_id AND visitor_id = :visitor_id AND kind = 'reminder' AND cause = :cause
  AND (status = 'overtaken' OR (status = 'withheld' AND reason = 'not-wanted'))
RETURNING id;

-- name: planned_of_booking
-- What is still to be told about a booking, locked: a sender that has claimed one is waited for.
SELECT id, kind, visitor_id, booking_id, channel, version FROM deliveries
WHERE booking_id = :booking_id AND status = 'planned' FOR UPDATE;

-- name: planned_of_visitor
-- What is still to be told to a visitor.
SELECT id, kind, visitor_id, booking_id, channel, version FROM deliveries
WHERE visitor_id = :visitor_id AND status = 'planned' FOR UPDATE;

-- name: settle$
-- The end of a delivery that no sender holds.
UPDATE deliveries SET status = :status, reason = :reason, settled_at = :moment, version = version + 1
WHERE id = :id AND status = 'planned' RETURNING version;

-- name: add_step!
-- A line of its history.
INSERT INTO delivery_steps (programme_id, delivery_id, happened_at, step, detail)
VALUES (:programme_id, :delivery_id, :moment, :step, :detail);

-- name: wants_reminders$
-- No row: yes.
SELECT coalesce((SELECT reminders FROM preferences WHERE visitor_id = :visitor_id), true);

-- name: is_erased$
-- Whether this visitor asked to be forgotten.
SELECT EXISTS (SELECT FROM erased_visitors WHERE visitor_id = :visitor_id);

-- name: erase_visitor!
-- Remembered by id alone, so that a republished fact brings nobody back.
INSERT INTO erased_visitors (visitor_id, programme_id) VALUES (:visitor_id, :programme_id) ON CONFLICT DO NOTHING;

-- name: forget_preferences!
-- With their visitor.
DELETE FROM preferences WHERE visitor_id = :visitor_id;

-- name: forget_preference_link!
-- With their visitor.
DELETE FROM preference_directory WHERE visitor_id = :visitor_id;

-- name: forget_bookings!
-- With their visitor.
DELETE FROM known_bookings WHERE visitor_id = :visitor_id;

-- name: keep_preference_link!
-- So that the link in a mail finds its visitor.
INSERT INTO preference_directory (token_hash, programme_id, visitor_id) VALUES (:token_hash, :programme_id, :visitor_id)
ON CONFLICT DO NOTHING;
