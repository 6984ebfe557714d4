-- migrate:up
COMMENT ON COLUMN programmes.notes IS 'public; what the catalogue says about the entry, by language';

-- migrate:down
