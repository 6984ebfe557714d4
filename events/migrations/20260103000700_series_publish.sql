-- migrate:up

-- Whether the dates were to be published at once: sent again with the other choice, the form is told so. NULL: made before this
-- was kept.
ALTER TABLE series ADD COLUMN publish boolean;

-- migrate:down
