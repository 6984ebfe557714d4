-- migrate:up
-- When a consumer last took in something of an aggregate (real time): what has been quiet longer than any message can come
-- again needs no newest version any more, and clicks, each an aggregate of its own, would fill the table for ever.
-- squawk-ignore adding-field-with-default
ALTER TABLE seen ADD COLUMN seen_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX seen_quiet ON seen (seen_at);

-- migrate:down
