-- migrate:up
-- squawk-ignore-file ban-drop-not-null

-- A session is a slot of the event itself, without a stand.
ALTER TABLE known_slots ALTER COLUMN stand_id DROP NOT NULL;

-- migrate:down
