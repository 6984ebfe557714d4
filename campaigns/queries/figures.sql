-- name: figures_of_campaign
-- One row per placement: what it cost, how many saw it, who clicked, and whom that brought. Clicks by bots and suspects are
-- counted apart, never dropped. A conversion is credited to the last click that led to it (its `via`), once; the
-- view `counted` says for whom.
WITH mine AS (SELECT id FROM placements WHERE campaign_id = :campaign_id),
spent AS (
    SELECT placement_id, currency, sum(amount_minor)::bigint AS amount
    FROM costs WHERE placement_id IN (SELECT id FROM mine) GROUP BY placement_id, currency
),
spent_by_placement AS (
    SELECT placement_id, jsonb_object_agg(currency, amount) AS costs FROM spent GROUP BY placement_id
),
saw AS (
    SELECT placement_id,
           sum(amount) FILTER (WHERE kind = 'impressions')::bigint AS impressions,
           max(amount) FILTER (WHERE kind = 'people')::bigint AS people,
           array_agg(DISTINCT source) AS sources
    FROM reach_figures WHERE placement_id IN (SELECT id FROM mine) GROUP BY placement_id
),
clicked AS (
    SELECT placement_id,
           count(*) FILTER (WHERE verdict = 'human') AS human,
           count(*) FILTER (WHERE verdict = 'suspect') AS suspect,
           count(*) FILTER (WHERE verdict = 'bot') AS bot,
           count(*) FILTER (WHERE verdict = 'human' AND source = 'qr') AS scans
    FROM clicks WHERE placement_id IN (SELECT id FROM mine) GROUP BY placement_id
),
brought AS (
    SELECT k.placement_id,
           count(*) FILTER (WHERE v.step = 'interest') AS interests,
           count(*) FILTER (WHERE v.step = 'registration') AS registrations,
           count(*) FILTER (WHERE v.step = 'check_in') AS check_ins,
           count(*) FILTER (WHERE v.step = 'lead') AS leads,
           count(*) FILTER (WHERE v.step = 'visit_trip') AS visit_trips,
           count(*) FILTER (WHERE v.step = 'job') AS jobs,
           count(*) FILTER (WHERE v.step = 'house') AS houses,
           count(*) FILTER (WHERE v.step = 'moved') AS moved,
           coalesce(sum(v.adults + v.children) FILTER (WHERE v.step = 'moved'), 0)::bigint AS moved_persons,
           count(*) FILTER (WHERE v.step = 'still_here_12') AS stayed_12,
           count(*) FILTER (WHERE v.step = 'still_here_24') AS stayed_24
    FROM counted v JOIN clicks k ON k.id = v.click_id
    WHERE k.placement_id IN (SELECT id FROM mine)
    GROUP BY k.placement_id
)
SELECT p.id, p.names, p.channel, p.place, p.copies, p.slug, p.starts_on, p.ends_on,
       coalesce(c.costs, '{}') AS costs, s.impressions, s.people, coalesce(s.sources, '{}') AS sources,
       coalesce(k.human, 0) AS human, coalesce(k.suspect, 0) AS suspect, coalesce(k.bot, 0) AS bot, coalesce(k.scans, 0) AS scans,
       coalesce(b.interests, 0) AS interests, coalesce(b.registrations, 0) AS registrations,
       coalesce(b.check_ins, 0) AS check_ins, coalesce(b.leads, 0) AS leads,
       coalesce(b.visit_trips, 0) AS visit_trips, coalesce(b.jobs, 0) AS jobs, coalesce(b.houses, 0) AS houses,
       coalesce(b.moved, 0) AS moved,
       coalesce(b.moved_persons, 0) AS moved_persons, coalesce(b.stayed_12, 0) AS stayed_12, coalesce(b.stayed_24, 0) AS stayed_24
FROM placements p
LEFT JOIN spent_by_placement c ON c.placement_id = p.id
LEFT JOIN saw s ON s.placement_id = p.id
LEFT JOIN clicked k ON k.placement_id = p.id
LEFT JOIN brought b ON b.placement_id = p.id
WHERE p.campaign_id = :campaign_id
ORDER BY p.id;

-- name: unattributed^
-- What no click led to: its own row beside the placements, so that the sum is the whole.
SELECT count(*) FILTER (WHERE v.step = 'interest') AS interests,
       count(*) FILTER (WHERE v.step = 'registration') AS registrations,
       count(*) FILTER (WHERE v.step = 'check_in') AS check_ins,
       count(*) FILTER (WHERE v.step = 'lead') AS leads,
       count(*) FILTER (WHERE v.step = 'visit_trip') AS visit_trips,
       count(*) FILTER (WHERE v.step = 'job') AS jobs,
       count(*) FILTER (WHERE v.step = 'house') AS houses,
       count(*) FILTER (WHERE v.step = 'moved') AS moved,
       coalesce(sum(v.adults + v.children) FILTER (WHERE v.step = 'moved'), 0)::bigint AS moved_persons,
       count(*) FILTER (WHERE v.step = 'still_here_12') AS stayed_12,
       count(*) FILTER (WHERE v.step = 'still_here_24') AS stayed_24
FROM counted v LEFT JOIN clicks k ON k.id = v.click_id
WHERE k.id IS NULL;

-- name: heard_of
-- What visitors without a click said of how they heard of us: stated, not measured.
SELECT heard_of, count(*) AS registrations FROM conversions
WHERE counts AND kind = 'registration' AND click_id IS NULL AND heard_of IS NOT NULL
GROUP BY heard_of ORDER BY 2 DESC, 1;

-- name: clicks_by_day
-- For the curve on a placement's or campaign's page; days in the programme's zone.
SELECT (clicked_at AT TIME ZONE :zone)::date AS day, count(*) FILTER (WHERE verdict = 'human') AS human,
       count(*) FILTER (WHERE verdict <> 'human') AS others
FROM clicks JOIN placements p ON p.id = clicks.placement_id
WHERE p.campaign_id = :campaign_id AND (CAST(:placement_id AS uuid) IS NULL OR p.id = :placement_id)
GROUP BY 1 ORDER BY 1;

-- name: last_clicks
-- The last clicks of a placement with their verdicts and the rules behind them.
SELECT id, clicked_at, source, verdict, rule, ruleset, device, language
FROM clicks WHERE placement_id = :placement_id ORDER BY clicked_at DESC, id DESC LIMIT :most;

-- name: totals_by_campaign
-- The list of campaigns with what each cost and brought.
WITH brought AS (
    SELECT p.campaign_id,
           count(*) FILTER (WHERE v.step = 'interest') AS interests,
           count(*) FILTER (WHERE v.step = 'registration') AS registrations,
           count(*) FILTER (WHERE v.step = 'check_in') AS check_ins,
           count(*) FILTER (WHERE v.step = 'moved') AS moved
    FROM counted v JOIN clicks k ON k.id = v.click_id JOIN placements p ON p.id = k.placement_id
    GROUP BY p.campaign_id
)
SELECT c.id, c.names, c.status, c.starts_on, c.ends_on, c.budget_minor, c.currency, c.goal_registrations,
       (SELECT count(*) FROM placements p WHERE p.campaign_id = c.id) AS placements,
       (SELECT coalesce(jsonb_object_agg(x.currency, x.amount), '{}') FROM (
            SELECT s.currency, sum(s.amount_minor)::bigint AS amount FROM costs s JOIN placements p ON p.id = s.placement_id
            WHERE p.campaign_id = c.id GROUP BY s.currency) x) AS costs,
       (SELECT count(*) FROM clicks k JOIN placements p ON p.id = k.placement_id
         WHERE p.campaign_id = c.id AND k.verdict = 'human') AS human,
       coalesce(b.interests, 0) AS interests, coalesce(b.registrations, 0) AS registrations,
       coalesce(b.check_ins, 0) AS check_ins, coalesce(b.moved, 0) AS moved
FROM campaigns c LEFT JOIN brought b ON b.campaign_id = c.id
ORDER BY c.starts_on DESC, c.id DESC;
