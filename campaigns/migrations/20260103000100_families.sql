-- migrate:up
-- A family counts once for each step, however many conversations and outcomes are noted of it. Its id here is drawn for this
-- purpose alone: it stays with what was counted when the visitor is erased, and then leads nowhere.
CREATE TABLE families (
    visitor_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    family_id uuid -- NULL: the visitor is erased, and facts that arrive late are tied to nobody
);
SELECT fence('families');

ALTER TABLE conversions ADD COLUMN family_id uuid; -- NULL: of an erased visitor, heard of too late; counted by itself

-- What was counted before is given its families; the owner reads past the fence for these two statements only.
ALTER TABLE conversions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE families NO FORCE ROW LEVEL SECURITY;
INSERT INTO families (visitor_id, programme_id, family_id)
SELECT DISTINCT ON (visitor_id) visitor_id, programme_id, gen_random_uuid() FROM conversions WHERE visitor_id IS NOT NULL;
UPDATE conversions c SET family_id = f.family_id FROM families f WHERE f.visitor_id = c.visitor_id;
ALTER TABLE conversions FORCE ROW LEVEL SECURITY;
ALTER TABLE families FORCE ROW LEVEL SECURITY;

-- Each step once for whom it counts: bookings one by one, everything else once for a family. Where a family took a step
-- twice, the first that a link led to is credited. Whoever is still here after 24 months was so after 12.
CREATE VIEW counted WITH (security_invoker = true) AS
SELECT DISTINCT ON (programme_id, step, whom) programme_id, step, click_id, adults, children
FROM (
    SELECT v.programme_id, s.step, v.click_id, v.adults, v.children, v.happened_on, v.subject_id,
           CASE WHEN v.kind IN ('registration', 'check_in') THEN v.subject_id ELSE coalesce(v.family_id, v.subject_id) END AS whom
    FROM conversions v
    CROSS JOIN LATERAL (SELECT v.kind AS step UNION ALL SELECT 'still_here_12' WHERE v.kind = 'still_here_24') s
    WHERE v.counts
) steps
ORDER BY programme_id, step, whom, click_id IS NULL, happened_on, subject_id;

-- migrate:down
