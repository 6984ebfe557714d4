-- migrate:up
COMMENT ON COLUMN audit.details IS 'public; codes, numbers, moments and ids: what writes it refuses all else';

-- migrate:down
