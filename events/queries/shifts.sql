-- name: shifts_of_event
-- Who stands where and when at an event, in order of time.
SELECT {shifts} FROM shifts WHERE event_id = :event_id ORDER BY starts_at, ends_at, shift_id;

-- name: all_shifts
-- Every shift of the programme, to say its state anew.
SELECT {shifts} FROM shifts ORDER BY shift_id;

-- name: find_shift^
-- One shift.
SELECT {shifts} FROM shifts WHERE shift_id = :shift_id;

-- name: lock_shift^
-- One shift, kept still while it changes; its stand is locked.
SELECT {shifts} FROM shifts WHERE shift_id = :shift_id FOR UPDATE;

-- name: lock_shifts_of_event
-- Every shift at an event, kept still while all of them move.
SELECT {shifts} FROM shifts WHERE event_id = :event_id ORDER BY shift_id FOR UPDATE;

-- name: shifts_of_account
-- What somebody has before them: their shifts that are not over, with the stand and the event.
SELECT {shifts: shifts}, stands.names, stands.number, events.titles, events.time_zone, events.venue_name, events.slug
FROM shifts JOIN stands USING (stand_id) JOIN events ON events.event_id = shifts.event_id
WHERE shifts.account_id = :account_id AND shifts.ends_at > :moment
ORDER BY shifts.starts_at, shifts.shift_id
LIMIT :many;

-- name: insert_shift!
-- Somebody is put on a shift; shifts_apart refuses whoever stands elsewhere then.
INSERT INTO shifts (
    shift_id, programme_id, event_id, stand_id, version, account_id, starts_at, ends_at, created_at, updated_at
) VALUES (
    :shift_id, :programme_id, :event_id, :stand_id, 1, :account_id, :starts_at, :ends_at, :moment, :moment
);

-- name: update_shift!
-- Another person or another time; its row is locked.
UPDATE shifts
SET version = version + 1, account_id = :account_id, starts_at = :starts_at, ends_at = :ends_at, updated_at = :moment
WHERE shift_id = :shift_id;

-- name: move_shifts!
-- Other times for locked shifts, in one statement: shifts_apart is checked at its end, so they may move past each other.
UPDATE shifts
SET version = version + 1, starts_at = moved.starts_at, ends_at = moved.ends_at, updated_at = :moment
FROM unnest(:shift_ids::uuid[], :starts::timestamptz[], :ends::timestamptz[]) AS moved (shift_id, starts_at, ends_at)
WHERE shifts.shift_id = moved.shift_id;

-- name: delete_shift!
-- Somebody is taken off a shift.
DELETE FROM shifts WHERE shift_id = :shift_id;

-- name: delete_shifts_of_stand
-- A stand is taken away: nobody stands there. Who did, to be told.
DELETE FROM shifts WHERE stand_id = :stand_id RETURNING {shifts};

-- name: delete_shifts_of_event
-- An event is cancelled: its hosts are free for others. Who they were, to be told.
DELETE FROM shifts WHERE event_id = :event_id RETURNING {shifts};

-- name: forget_shifts!
-- Who stood where, long enough ago that nobody asks any more; across programmes.
DELETE FROM shifts WHERE ends_at < :before;
