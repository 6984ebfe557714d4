-- migrate:up
-- Which programme and placement a tracked link belongs to: read before the programme is known, and kept in memory by every
-- process. It holds no personal data. A slug is never given to another placement: printed paper lives long.
CREATE TABLE link_directory (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z2-9][a-z0-9-]{2,31}$'),
    programme_id uuid NOT NULL,
    placement_id uuid NOT NULL UNIQUE,
    target text NOT NULL CHECK (target ~ '^/[a-z]'), -- a path of ours without its language: no link of ours leads to a stranger's site
    language text,                                    -- the language the landing page opens in; NULL asks the browser
    changed_at timestamptz NOT NULL
);
CREATE INDEX link_directory_changed ON link_directory (changed_at);
SELECT fence('link_directory', true);

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    names jsonb NOT NULL,
    objectives jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL CHECK (status IN ('draft', 'running', 'paused', 'finished')),
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    budget_minor bigint NOT NULL DEFAULT 0 CHECK (budget_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    goal_registrations integer CHECK (goal_registrations > 0), -- households
    target_groups uuid[] NOT NULL DEFAULT '{}',
    selling_points uuid[] NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CHECK (starts_on <= ends_on),
    UNIQUE (programme_id, id)
);
CREATE INDEX campaigns_of_programme ON campaigns (programme_id, starts_on DESC);
SELECT fence('campaigns');

-- One concrete appearance: an ad, a poster at a shop, a print run of a brochure.
CREATE TABLE placements (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    names jsonb NOT NULL,
    channel text NOT NULL CHECK (channel IN ('brochure', 'poster', 'print_ad', 'online_ad', 'social', 'radio', 'newsletter', 'stand', 'other')),
    place text NOT NULL DEFAULT '',
    copies integer CHECK (copies > 0),
    starts_on date,
    ends_on date,
    slug text NOT NULL UNIQUE,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CHECK (starts_on <= ends_on),
    UNIQUE (programme_id, id),
    FOREIGN KEY (programme_id, campaign_id) REFERENCES campaigns (programme_id, id)
);
CREATE INDEX placements_of_campaign ON placements (campaign_id);
COMMENT ON COLUMN placements.place IS 'public; where it hangs or lies';
SELECT fence('placements');

CREATE TABLE costs (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    placement_id uuid NOT NULL,
    what text NOT NULL CHECK (what <> ''),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    incurred_on date NOT NULL,
    FOREIGN KEY (programme_id, placement_id) REFERENCES placements (programme_id, id)
);
CREATE INDEX costs_of_placement ON costs (placement_id);
SELECT fence('costs');

-- How many saw it. Every figure says where it comes from; two figures of one kind for one period replace each other.
CREATE TABLE reach_figures (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    placement_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('impressions', 'people')),
    amount bigint NOT NULL CHECK (amount >= 0),
    source text NOT NULL CHECK (source IN ('measured', 'imported', 'estimated')),
    origin text NOT NULL DEFAULT '', -- which report, or how it was estimated
    period daterange NOT NULL CHECK (NOT isempty(period) AND lower(period) IS NOT NULL AND upper(period) IS NOT NULL),
    entered_at timestamptz NOT NULL,
    UNIQUE (placement_id, kind, period),
    FOREIGN KEY (programme_id, placement_id) REFERENCES placements (programme_id, id)
);
SELECT fence('reach_figures');

-- One visit through a tracked link, with the verdict that was given then. No address, no user agent.
CREATE TABLE clicks (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    placement_id uuid NOT NULL,
    clicked_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('qr', 'link')),
    verdict text NOT NULL CHECK (verdict IN ('human', 'suspect', 'bot')),
    rule text NOT NULL,
    ruleset integer NOT NULL,
    device text NOT NULL,
    language text
);
CREATE INDEX clicks_of_placement ON clicks (placement_id, clicked_at);
SELECT fence('clicks');

-- A registration, check-in, lead or outcome, by the ids that facts carry. Which placement it is credited to is read from its
-- click when asked, so it does not matter which of the two arrived first.
CREATE TABLE conversions (
    kind text NOT NULL CHECK (kind IN ('registration', 'check_in', 'lead', 'visit_trip', 'job', 'house', 'moved', 'still_here_12', 'still_here_24')),
    subject_id uuid NOT NULL,      -- the booking, lead or outcome
    programme_id uuid NOT NULL,
    visitor_id uuid,               -- to drop the tie when the visitor is erased; the count stays
    booking_id uuid,
    click_id uuid,
    heard_of text,
    adults integer NOT NULL,
    children integer NOT NULL,
    happened_on date NOT NULL,
    counts boolean NOT NULL,       -- false: cancelled, undone, withdrawn
    PRIMARY KEY (kind, subject_id)
);
CREATE INDEX conversions_of_click ON conversions (click_id) WHERE click_id IS NOT NULL;
CREATE INDEX conversions_of_visitor ON conversions (visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX conversions_of_programme ON conversions (programme_id, kind, happened_on);
SELECT fence('conversions');

-- What campaigns needs of others, from their facts.
CREATE TABLE programme_terms (
    programme_id uuid PRIMARY KEY,
    slug text NOT NULL,
    names jsonb NOT NULL,
    language text NOT NULL,
    languages text[] NOT NULL,
    time_zone text NOT NULL,
    target_groups jsonb NOT NULL,  -- [{"id", "names"}]
    selling_points jsonb NOT NULL
);
SELECT fence('programme_terms');

CREATE TABLE landing_events (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    slug text NOT NULL,
    titles jsonb NOT NULL,
    starts_at timestamptz NOT NULL,
    status text NOT NULL
);
CREATE INDEX landing_events_of_programme ON landing_events (programme_id, starts_at DESC);
SELECT fence('landing_events');

-- migrate:down
