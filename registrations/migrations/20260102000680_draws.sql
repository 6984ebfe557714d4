-- migrate:up

-- When an event's lots are drawn that were to be drawn at a moment: then; or a day before its first open place begins, where that has
-- come to be before the draw since it was chosen. A place that has begun is given to nobody, so nobody waits for a draw after it.
CREATE FUNCTION drawn_by(event uuid, chosen timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
    SELECT coalesce(CASE WHEN chosen >= min(starts_at) THEN min(starts_at) - interval '1 day' END, chosen)
    FROM pools WHERE event_id = event AND scope = 'place' AND open;
END;

-- migrate:down
