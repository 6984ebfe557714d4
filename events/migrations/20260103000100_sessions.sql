-- migrate:up
-- Loosened for readers that know of sessions; the table is small, and the transaction holds it for a moment only.
-- squawk-ignore-file ban-drop-not-null, ban-drop-constraint, constraint-missing-not-valid, adding-field-with-default, adding-foreign-key-constraint

-- A session is a slot of the event itself: it has no stand, but titles and a room.
ALTER TABLE slots ALTER COLUMN stand_id DROP NOT NULL;
ALTER TABLE slots ADD COLUMN titles jsonb NOT NULL DEFAULT '{}', ADD COLUMN room text NOT NULL DEFAULT '';
COMMENT ON COLUMN slots.room IS 'public; the room of a session; empty where none is named';
ALTER TABLE slots ADD CONSTRAINT slots_stand_or_session CHECK ((stand_id IS NULL) <> (titles = '{}'));
ALTER TABLE slots ADD CONSTRAINT slots_room_of_session CHECK (stand_id IS NULL OR room = '');
-- The key to the stand does not bind a session: NULL in one of its columns lets the whole of it through.
ALTER TABLE slots ADD CONSTRAINT slots_event FOREIGN KEY (programme_id, event_id) REFERENCES events (programme_id, event_id);

-- The range of "no stand" is the one without ends, which equals itself: unbounded, all sessions would exclude each other.
ALTER TABLE slots DROP CONSTRAINT slots_apart;
ALTER TABLE slots ADD CONSTRAINT slots_apart EXCLUDE USING gist (
    stand_range(stand_id, stand_id, '[]') WITH =,
    int4range(desk, desk, '[]') WITH =,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (status = 'open' AND stand_id IS NOT NULL) DEFERRABLE INITIALLY IMMEDIATE;

-- No room holds two sessions of an event at once. Where no room is named, nobody knows, so nothing is refused.
CREATE TYPE room_range AS RANGE (subtype = text);
ALTER TABLE slots ADD CONSTRAINT rooms_apart EXCLUDE USING gist (
    stand_range(event_id, event_id, '[]') WITH =,
    room_range(lower(room), lower(room), '[]') WITH =,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (status = 'open' AND stand_id IS NULL AND room <> '') DEFERRABLE INITIALLY IMMEDIATE;

-- migrate:down
