-- migrate:up
-- Exports -----------------------------------------------------------------------------------------------------------------

-- Who took whose data out, when, and how much of it. Append-only: while an export runs its rows are counted here, and then
-- never again. It says no name and no search, and so outlives those who were exported.
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    account_id uuid,                -- of the audit's kind: the row outlives the account
    token_id uuid,
    format text NOT NULL CHECK (format IN ('csv', 'csv-excel', 'xlsx')),
    columns text[] NOT NULL,
    states text[] NOT NULL,
    searched boolean NOT NULL,      -- whether it was narrowed by a name; by which is not written down
    expected integer NOT NULL CHECK (expected >= 0),
    rows integer NOT NULL DEFAULT 0 CHECK (rows >= 0),
    whole boolean NOT NULL DEFAULT false, -- false once ended: it broke off, and `rows` at most were sent
    began_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX exports_event ON exports (event_id, id DESC);
SELECT fence('exports');

CREATE FUNCTION refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = registrations, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'exports' AND to_jsonb(OLD) ->> 'ended_at' IS NULL
       AND to_jsonb(OLD) - '{rows,whole,ended_at}'::text[] = to_jsonb(NEW) - '{rows,whole,ended_at}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'this log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER exports_append_only BEFORE UPDATE OR DELETE ON exports FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();

-- Imports -----------------------------------------------------------------------------------------------------------------

-- A file that was read and is looked at before it is carried out. Gone as soon as that is done, and after an hour at most.
CREATE TABLE import_drafts (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    account_id uuid,
    digest text NOT NULL,           -- SHA-256 of the file, in hexadecimal: the same file is the same import
    header jsonb NOT NULL,          -- the names of its columns
    rows jsonb NOT NULL,            -- [[row number in the file, [cell, …]], …]
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN import_drafts.header IS 'personal; retention=import';
COMMENT ON COLUMN import_drafts.rows IS 'personal; retention=import';
CREATE INDEX import_drafts_age ON import_drafts (created_at);
SELECT fence('import_drafts');

-- What became of each row of a file. Append-only, and without a name: a row is its number, a person their booking.
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    account_id uuid,
    token_id uuid,
    digest text NOT NULL,
    booked integer NOT NULL CHECK (booked >= 0),
    waiting integer NOT NULL CHECK (waiting >= 0),
    left_out integer NOT NULL CHECK (left_out >= 0),
    fates jsonb NOT NULL,           -- [{"row": …, "fate": …, "field": …, "reason": …, "booking_id": …}, …]
    at timestamptz NOT NULL
);
CREATE INDEX imports_event ON imports (event_id, id DESC);
SELECT fence('imports');
CREATE TRIGGER imports_append_only BEFORE UPDATE OR DELETE ON imports FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();

-- migrate:down
