-- migrate:up
-- When a delivery was first tried: its three days of vain tries begin then, however long before it was planned.
ALTER TABLE deliveries ADD COLUMN tried_since timestamptz;

-- migrate:down
