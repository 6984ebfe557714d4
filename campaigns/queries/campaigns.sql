-- name: add_campaign!
-- A new campaign begins as a draft.
INSERT INTO campaigns (id, programme_id, names, objectives, status, starts_on, ends_on, budget_minor, currency,
                       goal_registrations, target_groups, selling_points, created_at)
VALUES (:id, :programme_id, :names, :objectives, 'draft', :starts_on, :ends_on, :budget_minor, :currency,
        :goal_registrations, :target_groups, :selling_points, :moment);

-- name: lock_campaign^
-- Taken first by every change, so that facts of one campaign leave in the order of its versions.
SELECT {campaigns} FROM campaigns WHERE id = :id FOR UPDATE;

-- name: change_campaign$
-- The version guards against two editors: no row where somebody saved in between.
UPDATE campaigns
SET names = :names, objectives = :objectives, starts_on = :starts_on, ends_on = :ends_on, budget_minor = :budget_minor,
    currency = :currency, goal_registrations = :goal_registrations, target_groups = :target_groups,
    selling_points = :selling_points, version = version + 1
WHERE id = :id AND version = :version
RETURNING version;

-- name: set_campaign_status$
-- One step of the state machine; the allowed steps are in domain.py.
UPDATE campaigns SET status = :status, version = version + 1 WHERE id = :id RETURNING version;

-- name: find_campaign^
-- For its page.
SELECT {campaigns} FROM campaigns WHERE id = :id;

-- name: list_campaigns
-- Newest first; the fence keeps it to one programme.
SELECT {campaigns} FROM campaigns ORDER BY starts_on DESC, id DESC;

-- name: all_placements
-- For restating, and for the programme's totals.
SELECT {placements} FROM placements ORDER BY id;

-- name: add_placement!
-- A concrete appearance with a link of its own.
INSERT INTO placements (id, programme_id, campaign_id, names, channel, place, copies, starts_on, ends_on, slug, created_at)
VALUES (:id, :programme_id, :campaign_id, :names, :channel, :place, :copies, :starts_on, :ends_on, :slug, :moment);

-- name: lock_placement^
-- Taken first by every change of a placement.
SELECT {placements} FROM placements WHERE id = :id FOR UPDATE;

-- name: find_placement^
-- With its link, for its page and its QR code.
SELECT {p: placements}, l.target, l.language FROM placements p JOIN link_directory l ON l.placement_id = p.id WHERE p.id = :id;

-- name: change_placement$
-- The slug never changes: it may be printed already.
UPDATE placements
SET names = :names, channel = :channel, place = :place, copies = :copies, starts_on = :starts_on, ends_on = :ends_on,
    version = version + 1
WHERE id = :id AND version = :version
RETURNING version;

-- name: set_printed$
-- What its posters and labels say, guarded by the version as every change of a placement.
UPDATE placements SET headlines = :headlines, lines = :lines, version = version + 1
WHERE id = :id AND version = :version
RETURNING version;

-- name: list_placements
-- Of one campaign, in the order in which they were made.
SELECT {p: placements}, l.target, l.language
FROM placements p JOIN link_directory l ON l.placement_id = p.id
WHERE p.campaign_id = :campaign_id ORDER BY p.id;

-- name: add_cost!
-- What it cost, line by line, in the currency in which it was paid.
INSERT INTO costs (id, programme_id, placement_id, what, amount_minor, currency, incurred_on)
VALUES (:id, :programme_id, :placement_id, :what, :amount_minor, :currency, :incurred_on);

-- name: list_costs
-- The cost lines of a placement.
SELECT {costs} FROM costs WHERE placement_id = :placement_id ORDER BY incurred_on, id;

-- name: remove_cost$
-- A line entered by mistake; its id, or NULL where it was gone already.
DELETE FROM costs WHERE id = :id AND placement_id = :placement_id RETURNING id;

-- name: set_reach$
-- A figure for the same kind and period replaces the earlier one: importing a report twice changes nothing.
INSERT INTO reach_figures (id, programme_id, placement_id, kind, amount, source, origin, period, entered_at)
VALUES (:id, :programme_id, :placement_id, :kind, :amount, :source, :origin, daterange(:first_day, :last_day, '[]'), :moment)
ON CONFLICT (placement_id, kind, period)
DO UPDATE SET amount = excluded.amount, source = excluded.source, origin = excluded.origin, entered_at = excluded.entered_at
RETURNING id;

-- name: list_reach
-- The figures of a placement, oldest first.
SELECT id, kind, amount, source, origin, lower(period) AS first_day, upper(period) - 1 AS last_day
FROM reach_figures WHERE placement_id = :placement_id ORDER BY lower(period), kind;
