-- migrate:up
-- Loosened for columns with constant defaults, which rewrite nothing; both tables are small.
-- squawk-ignore-file adding-field-with-default, adding-required-field, constraint-missing-not-valid

-- The hall of an event, in metres, to half a one. Its plan has a version of its own: no fact tells of it, and whoever edits the
-- event's texts meanwhile is not in its way.
ALTER TABLE events
    ADD COLUMN hall_width double precision NOT NULL DEFAULT 20
        CHECK (hall_width BETWEEN 2 AND 200 AND hall_width * 2 = floor(hall_width * 2)),
    ADD COLUMN hall_depth double precision NOT NULL DEFAULT 12
        CHECK (hall_depth BETWEEN 2 AND 200 AND hall_depth * 2 = floor(hall_depth * 2)),
    ADD COLUMN plan_version integer NOT NULL DEFAULT 1 CHECK (plan_version > 0);

-- Where a stand stands: of its upper left corner as it lies, from the hall's. Both NULL: not on the plan.
ALTER TABLE stands
    ADD COLUMN x double precision CHECK (x BETWEEN 0 AND 200 AND x * 2 = floor(x * 2)),
    ADD COLUMN y double precision CHECK (y BETWEEN 0 AND 200 AND y * 2 = floor(y * 2)),
    ADD COLUMN width double precision NOT NULL DEFAULT 3
        CHECK (width BETWEEN 0.5 AND 50 AND width * 2 = floor(width * 2)),
    ADD COLUMN depth double precision NOT NULL DEFAULT 2
        CHECK (depth BETWEEN 0.5 AND 50 AND depth * 2 = floor(depth * 2)),
    ADD COLUMN turned boolean NOT NULL DEFAULT false; -- by a quarter: its width lies along the hall's depth
ALTER TABLE stands ADD CONSTRAINT stands_whole_spot CHECK ((x IS NULL) = (y IS NULL));

-- No two stands take the same floor. Boxes that only touch overlap too in PostgreSQL, so each is taken a little smaller than it is.
-- Deferrable, so that one statement may let two change places; as in slots_apart, the event is the range that holds just it.
ALTER TABLE stands ADD CONSTRAINT spots_apart EXCLUDE USING gist (
    stand_range(event_id, event_id, '[]') WITH =,
    box(
        point(x + 0.1, y + 0.1),
        point(
            x + (CASE WHEN turned THEN depth ELSE width END) - 0.1,
            y + (CASE WHEN turned THEN width ELSE depth END) - 0.1
        )
    ) WITH &&
) WHERE (x IS NOT NULL AND NOT removed) DEFERRABLE INITIALLY IMMEDIATE;

-- migrate:down
