-- migrate:up
-- Which booking, lead or outcome stands for a count, and when it was: a figure leads to the list of what it counts. The ids
-- are those of `conversions`, and the visitor's is gone there once the visitor is erased.
CREATE OR REPLACE VIEW counted WITH (security_invoker = true) AS
SELECT DISTINCT ON (programme_id, step, whom) programme_id, step, click_id, adults, children, happened_on, subject_id, visitor_id
FROM (
    SELECT v.programme_id, s.step, v.click_id, v.adults, v.children, v.happened_on, v.subject_id, v.visitor_id,
           CASE WHEN v.kind IN ('registration', 'check_in') THEN v.subject_id ELSE coalesce(v.family_id, v.subject_id) END AS whom
    FROM conversions v
    CROSS JOIN LATERAL (SELECT v.kind AS step UNION ALL SELECT 'still_here_12' WHERE v.kind = 'still_here_24') s
    WHERE v.counts
) steps
ORDER BY programme_id, step, whom, click_id IS NULL, happened_on, subject_id;

-- migrate:down
