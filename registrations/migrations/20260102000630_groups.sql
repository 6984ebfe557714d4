-- migrate:up

-- A school class, a company: one booking under one contact person, larger than a household may be.
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE bookings ADD COLUMN is_group boolean NOT NULL DEFAULT false;
ALTER TABLE bookings ADD COLUMN came integer CHECK (came >= 0); -- of a group, where somebody counted at the door; NULL: all
ALTER TABLE people.households ADD COLUMN group_name text; -- NULL: a household
COMMENT ON COLUMN people.households.group_name IS 'personal; retention=household';
ALTER TABLE event_rules ADD COLUMN largest_group integer CHECK (largest_group BETWEEN 2 AND 500); -- NULL: staff alone book groups

ALTER TABLE people.households
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT households_adults_check,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT households_children_0_2_check,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT households_children_3_5_check,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT households_children_6_12_check,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT households_children_13_17_check;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE people.households ADD CONSTRAINT households_size CHECK (
    adults BETWEEN 1 AND 500 AND children_0_2 BETWEEN 0 AND 500 AND children_3_5 BETWEEN 0 AND 500
    AND children_6_12 BETWEEN 0 AND 500 AND children_13_17 BETWEEN 0 AND 500);

-- migrate:down
