-- name: take_clicks!
-- A click counts once, however often it is delivered and in whichever company.
INSERT INTO clicks (id, programme_id, placement_id, clicked_at, source, verdict, rule, ruleset, device, language)
SELECT one.id, :programme_id, one.placement_id, one.clicked_at, one.source, one.verdict, one.rule, one.ruleset, one.device,
    one.language
FROM unnest(:ids::uuid[], :placement_ids::uuid[], :moments::timestamptz[], :sources::text[], :verdicts::text[], :rules::text[],
        :rulesets::integer[], :devices::text[], :languages::text[])
    AS one (id, placement_id, clicked_at, source, verdict, rule, ruleset, device, language)
ON CONFLICT (id) DO NOTHING;

-- name: family_of$
-- The family's id for counting, drawn when first heard of; NULL where its visitor is erased.
INSERT INTO families (visitor_id, programme_id, family_id) VALUES (:visitor_id, :programme_id, :family_id)
ON CONFLICT (visitor_id) DO UPDATE SET family_id = families.family_id
RETURNING family_id;

-- name: set_conversion!
-- The state that the fact carries, whatever came before; a click or answer once known is not forgotten.
INSERT INTO conversions (kind, subject_id, programme_id, visitor_id, family_id, booking_id, click_id, heard_of, adults, children,
                         happened_on, counts)
VALUES (:kind, :subject_id, :programme_id, :visitor_id, :family_id, :booking_id, :click_id, :heard_of, :adults, :children,
        :happened_on, :counts)
ON CONFLICT (kind, subject_id) DO UPDATE
SET click_id = coalesce(excluded.click_id, conversions.click_id), heard_of = coalesce(excluded.heard_of, conversions.heard_of),
    family_id = coalesce(conversions.family_id, excluded.family_id),
    adults = excluded.adults, children = excluded.children, counts = excluded.counts;

-- name: uncount_conversion!
-- A check-in taken back: the row stays, it no longer counts.
UPDATE conversions SET counts = false WHERE kind = :kind AND subject_id = :subject_id;

-- name: click_of_booking$
-- A lead that names no click is credited to the click of its booking.
SELECT click_id FROM conversions WHERE kind = 'registration' AND subject_id = :booking_id;

-- name: forget_visitor!
-- The visitor is erased: the counts stay, what ties them to a person goes.
UPDATE conversions SET visitor_id = NULL, booking_id = NULL WHERE visitor_id = :visitor_id;

-- name: forget_family!
-- Remembered as erased, and as no more: a fact that arrives late, or once more, ties nothing to them again.
INSERT INTO families (visitor_id, programme_id, family_id) VALUES (:visitor_id, :programme_id, NULL)
ON CONFLICT (visitor_id) DO UPDATE SET family_id = NULL;

-- name: keep_terms!
-- The programme's words, for forms and headings.
INSERT INTO programme_terms (programme_id, slug, names, language, languages, time_zone, target_groups, selling_points)
VALUES (:programme_id, :slug, :names, :language, :languages, :time_zone, :target_groups, :selling_points)
ON CONFLICT (programme_id) DO UPDATE
SET slug = excluded.slug, names = excluded.names, language = excluded.language, languages = excluded.languages,
    time_zone = excluded.time_zone, target_groups = excluded.target_groups, selling_points = excluded.selling_points;

-- name: keep_landing_event!
-- Where links may lead, and what is printed of it.
INSERT INTO landing_events (event_id, programme_id, slug, titles, starts_at, status, cover, time_zone, venue)
VALUES (:event_id, :programme_id, :slug, :titles, :starts_at, :status, :cover, :time_zone, :venue)
ON CONFLICT (event_id) DO UPDATE
SET slug = excluded.slug, titles = excluded.titles, starts_at = excluded.starts_at, status = excluded.status,
    cover = excluded.cover, time_zone = excluded.time_zone, venue = excluded.venue;

-- name: programme_terms^
-- The one row of this programme.
SELECT {programme_terms} FROM programme_terms;

-- name: landing_events
-- Published events, the latest ones first; all of them where `many` is NULL.
SELECT {landing_events} FROM landing_events WHERE status = 'published' ORDER BY starts_at DESC LIMIT CAST(:many AS bigint);

-- name: landing_event^
-- Whatever state it is in: where a printed link leads already.
SELECT {landing_events} FROM landing_events WHERE slug = :slug;

-- name: credit_followers!
-- Leads and outcomes that arrived before their registration's click was known are credited to it now.
UPDATE conversions SET click_id = :click_id WHERE booking_id = :booking_id AND click_id IS NULL;

-- name: programmes_known
-- For the demo, which plays by the programme's slug; read by the system role.
SELECT programme_id, slug FROM programme_terms ORDER BY slug;
