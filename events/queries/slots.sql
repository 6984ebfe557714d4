-- name: slots_of_event
-- Every slot at an event, also the closed ones, in the order in which a visitor reads them.
SELECT {slots} FROM slots WHERE event_id = :event_id ORDER BY starts_at, desk, slot_id;

-- name: find_slot^
-- Which event and stand a slot belongs to, to lock those first.
SELECT {slots} FROM slots WHERE slot_id = :slot_id;

-- name: open_slots_of_stand
-- The slots that visitors can choose at a stand.
SELECT {slots} FROM slots WHERE stand_id = :stand_id AND status = 'open' ORDER BY starts_at, desk, slot_id;

-- name: open_sessions
-- The sessions of an event that take place.
SELECT {slots} FROM slots WHERE event_id = :event_id AND stand_id IS NULL AND status = 'open' ORDER BY starts_at, slot_id;

-- name: sessions_of_events
-- What calendars hold of the sessions of public events: those that take place, and those called off after they were public.
SELECT {slots: slots} FROM slots JOIN events ON events.event_id = slots.event_id
WHERE slots.event_id = any(:events::uuid[]) AND slots.stand_id IS NULL
    AND (slots.status = 'open' OR slots.updated_at > events.published_at)
ORDER BY slots.starts_at, slots.slot_id;

-- name: change_session!
-- What an organiser may change of a session; its row is locked. Its places belong to registrations.
UPDATE slots
SET version = version + 1, titles = :titles, room = :room, starts_at = :starts_at, ends_at = :ends_at, updated_at = :moment
WHERE slot_id = :slot_id AND status = 'open';

-- name: lock_slots_of_stand
-- Every slot of a stand, also the closed ones, kept still while several of them change.
SELECT {slots} FROM slots WHERE stand_id = :stand_id ORDER BY slot_id FOR UPDATE;

-- name: lock_open_slots
-- The open slots of an event, kept still while all of them move, in the order in which everyone locks them.
SELECT {slots} FROM slots WHERE event_id = :event_id AND status = 'open' ORDER BY slot_id FOR UPDATE;

-- name: lock_slot^
-- The slot, kept still while it is moved or closed.
SELECT {slots} FROM slots WHERE slot_id = :slot_id FOR UPDATE;

-- name: insert_slots!
-- New slots, all or none: slots_apart refuses those that overlap at a table of a stand, rooms_apart sessions in one room.
INSERT INTO slots (
    slot_id, programme_id, event_id, stand_id, titles, room, version, status, starts_at, ends_at, desk, first_amount,
    first_unit, created_at, updated_at
)
SELECT
    made.slot_id, :programme_id, :event_id, made.stand_id, made.titles, made.room, 1, 'open', made.starts_at, made.ends_at,
    made.desk, made.first_amount, made.first_unit, :moment, :moment
FROM unnest(
    :slot_ids::uuid[], :stand_ids::uuid[], :titles::jsonb[], :rooms::text[], :starts::timestamptz[],
    :ends::timestamptz[], :desks::smallint[], :amounts::integer[], :units::text[]
) AS made (slot_id, stand_id, titles, room, starts_at, ends_at, desk, first_amount, first_unit);

-- name: move_slots!
-- Other times and tables for open slots, in one statement: slots_apart and rooms_apart are checked at its end, so they may
-- move past each other.
UPDATE slots
SET version = version + 1, starts_at = moved.starts_at, ends_at = moved.ends_at, desk = moved.desk, updated_at = :moment
FROM unnest(:slot_ids::uuid[], :starts::timestamptz[], :ends::timestamptz[], :desks::smallint[])
    AS moved (slot_id, starts_at, ends_at, desk)
WHERE slots.slot_id = moved.slot_id AND status = 'open';

-- name: close_slots!
-- open -> closed, of slots that are locked.
UPDATE slots SET version = version + 1, status = 'closed', updated_at = :moment
WHERE slot_id = any(:slot_ids::uuid[]) AND status = 'open';

-- name: all_slots
-- Every slot of the programme with its event's zone, to say its state anew.
SELECT {slots: slots}, events.time_zone FROM slots JOIN events USING (event_id) ORDER BY slot_id;
