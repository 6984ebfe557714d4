-- migrate:up

-- Places may be counted over a stand or an event as a whole too: whoever books there needs room in those as well.
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE places ADD COLUMN scope text NOT NULL DEFAULT 'place' CHECK (scope IN ('place', 'stand', 'event'));
ALTER TABLE places ADD COLUMN stand_id uuid;
-- squawk-ignore ban-drop-constraint
ALTER TABLE places DROP CONSTRAINT places_unit_check;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE places ADD CONSTRAINT places_unit_check CHECK (unit IN ('households', 'persons', 'children'));

-- migrate:down
