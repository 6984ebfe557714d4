-- name: counted_of_step
-- What a figure of a campaign (or of one placement of it) counts, one by one, the latest first: as many rows as it says.
SELECT v.happened_on, v.subject_id AS id, v.visitor_id, v.adults, v.children, p.id AS placement_id, p.names
FROM counted v JOIN clicks k ON k.id = v.click_id JOIN placements p ON p.id = k.placement_id
WHERE p.campaign_id = :campaign_id AND v.step = :step AND (:placement_id::uuid IS NULL OR p.id = :placement_id)
    AND (:before::date IS NULL OR (v.happened_on, v.subject_id) < (:before, :before_id::uuid))
ORDER BY v.happened_on DESC, v.subject_id DESC
LIMIT :many;

-- name: counted_visits
-- The visits that a figure counts, the latest first. Nothing is known of who they were.
SELECT k.clicked_at, k.id, k.source, k.device, p.id AS placement_id, p.names
FROM clicks k JOIN placements p ON p.id = k.placement_id
WHERE p.campaign_id = :campaign_id AND k.verdict = 'human' AND (:placement_id::uuid IS NULL OR p.id = :placement_id)
    AND (:before::timestamptz IS NULL OR (k.clicked_at, k.id) < (:before, :before_id::uuid))
ORDER BY k.clicked_at DESC, k.id DESC
LIMIT :many;

-- name: counted_without_link
-- What no click led to, one by one, the latest first: as many rows as the programme's figure says.
SELECT v.happened_on, v.subject_id AS id, v.visitor_id, v.adults, v.children
FROM counted v LEFT JOIN clicks k ON k.id = v.click_id
WHERE k.id IS NULL AND v.step = :step
    AND (:before::date IS NULL OR (v.happened_on, v.subject_id) < (:before, :before_id::uuid))
ORDER BY v.happened_on DESC, v.subject_id DESC
LIMIT :many;
