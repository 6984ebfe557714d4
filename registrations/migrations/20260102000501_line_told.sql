-- migrate:up

-- What was decided lately, to be told again.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX line_log_at ON line_log (at, decided);

-- migrate:down
