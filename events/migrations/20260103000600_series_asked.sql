-- migrate:up

-- When the dates were to begin that a form asked for, in order of time: sent again with others, it is told so. NULL: made before
-- this was kept.
ALTER TABLE series ADD COLUMN asked timestamptz[];

-- migrate:down
