-- migrate:up
-- An answer may hold what a programme keeps behind its fence, and a key's row lies before it: answers are sealed by the
-- process that gives them. Those of the last day, in plain words, go; their calls are then the first again.
DELETE FROM idempotency_keys;
-- squawk-ignore ban-drop-column
ALTER TABLE idempotency_keys DROP COLUMN answer, DROP COLUMN content_type, DROP COLUMN location;
ALTER TABLE idempotency_keys ADD COLUMN answer bytea;
COMMENT ON COLUMN idempotency_keys.answer IS 'personal; retention=idempotency';

-- migrate:down
