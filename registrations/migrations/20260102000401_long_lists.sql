-- migrate:up
-- The list of an event with a hundred thousand bookings.

-- The list is sorted by what `people` has (the name) and filtered by what `bookings` has (event and state). One index serves both
-- only where they stand in one row, so a household keeps its booking's event and state. Two triggers see to it, whoever writes.
ALTER TABLE people.households ADD COLUMN event_id uuid, ADD COLUMN status text;
-- The fences hold for their owner too, who for once must reach the rows of all programmes.
ALTER TABLE people.households NO FORCE ROW LEVEL SECURITY;
ALTER TABLE bookings NO FORCE ROW LEVEL SECURITY;
UPDATE people.households h SET event_id = b.event_id, status = b.status FROM bookings b WHERE b.id = h.booking_id;
-- Whose household is gone, by wish or by rule, stands last in the list; found by a mark, not by looking for what is missing.
ALTER TABLE bookings ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
UPDATE bookings b SET forgotten = true WHERE NOT EXISTS (SELECT FROM people.households h WHERE h.booking_id = b.id);
ALTER TABLE people.households FORCE ROW LEVEL SECURITY;
ALTER TABLE bookings FORCE ROW LEVEL SECURITY;

CREATE FUNCTION people.place_household() RETURNS trigger
LANGUAGE plpgsql SET search_path = registrations, pg_temp AS $$
BEGIN
    SELECT b.event_id, b.status INTO NEW.event_id, NEW.status FROM bookings b WHERE b.id = NEW.booking_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER placed BEFORE INSERT ON people.households FOR EACH ROW EXECUTE FUNCTION people.place_household();

-- Once per statement, not per row: a batch of bookings costs one look at the households of those that changed.
CREATE FUNCTION households_follow() RETURNS trigger
LANGUAGE plpgsql SET search_path = registrations, pg_temp AS $$
BEGIN
    UPDATE people.households h SET event_id = a.event_id, status = a.status
    FROM after a
    WHERE h.booking_id = a.id AND (h.event_id IS DISTINCT FROM a.event_id OR h.status IS DISTINCT FROM a.status);
    RETURN NULL;
END
$$;
CREATE TRIGGER followed AFTER UPDATE ON bookings REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION households_follow();

CREATE FUNCTION people.forget_household() RETURNS trigger
LANGUAGE plpgsql SET search_path = registrations, pg_temp AS $$
BEGIN
    UPDATE bookings b SET forgotten = true FROM gone g WHERE b.id = g.booking_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER forgotten AFTER DELETE ON people.households REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION people.forget_household();

-- programme_id comes along so that the fence is judged within the index: what is searched for by a function that might leak
-- (LIKE) is looked at after it, and would else be looked up in the table, row by row.
CREATE INDEX households_listed ON people.households (event_id, status, sort_key, booking_id) INCLUDE (programme_id);
-- With how many come, so that counting the states of an event reads the index alone.
CREATE INDEX bookings_listed ON bookings (event_id, status, id) INCLUDE (programme_id, adults, children);
DROP INDEX bookings_event;
CREATE INDEX bookings_forgotten ON bookings (event_id, id) WHERE forgotten;

-- The fences of the three large tables ask for the programme once per statement: as a subquery it is an InitPlan, while
-- `current_setting` itself is called for every row, which is most of what reading a hundred thousand costs.
ALTER POLICY programme ON bookings
    USING (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid))
    WITH CHECK (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid));
ALTER POLICY programme ON people.households
    USING (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid))
    WITH CHECK (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid));
ALTER POLICY programme ON people.visitors
    USING (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid))
    WITH CHECK (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid));

-- migrate:down
