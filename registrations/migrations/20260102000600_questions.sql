-- migrate:up

-- What an event asks of those who book, in its order. Never deleted: answers and consents lead back to what was asked.
CREATE TABLE questions (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    kind text NOT NULL CHECK (kind IN ('text', 'choice', 'choices', 'number', 'date', 'consent')),
    required boolean NOT NULL,
    labels jsonb NOT NULL CHECK (jsonb_typeof(labels) = 'object' AND labels <> '{}'), -- by language
    hints jsonb NOT NULL CHECK (jsonb_typeof(hints) = 'object'),
    options jsonb NOT NULL CHECK (jsonb_typeof(options) = 'array'), -- [{"key": …, "labels": {…}, "gone": …}, …]
    longest integer CHECK (longest BETWEEN 1 AND 4000), -- characters of a text
    least numeric,
    most numeric,
    earliest date,
    latest date,
    shown_when uuid,                -- asked only after one of the answers `shown_for` to this question, which is asked before
    shown_for text[] NOT NULL,
    wording integer NOT NULL CHECK (wording > 0), -- grows when what visitors read changes
    version integer NOT NULL CHECK (version > 0), -- grows with every change
    retired_at timestamptz,         -- not asked any more
    UNIQUE (event_id, id),
    CONSTRAINT questions_in_order UNIQUE (event_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT questions_follow FOREIGN KEY (event_id, shown_when) REFERENCES questions (event_id, id),
    CONSTRAINT questions_text CHECK ((kind = 'text') = (longest IS NOT NULL)),
    CONSTRAINT questions_choice CHECK ((kind IN ('choice', 'choices')) = (options <> '[]')),
    CONSTRAINT questions_number CHECK ((kind = 'number' OR (least IS NULL AND most IS NULL)) AND least <= most),
    CONSTRAINT questions_date CHECK ((kind = 'date' OR (earliest IS NULL AND latest IS NULL)) AND earliest <= latest),
    CONSTRAINT questions_condition CHECK ((shown_when IS NULL) = (shown_for = '{}') AND shown_when <> id)
);
SELECT fence('questions');

-- Every wording of a question that visitors were shown: what they answered to, and agreed to, word for word.
CREATE TABLE question_wordings (
    question_id uuid NOT NULL REFERENCES questions,
    wording integer NOT NULL CHECK (wording > 0),
    programme_id uuid NOT NULL,
    labels jsonb NOT NULL,
    hints jsonb NOT NULL,
    options jsonb NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (question_id, wording)
);
SELECT fence('question_wordings');

-- What a household answered. It goes with the household, by wish and by rule.
CREATE TABLE people.answers (
    booking_id uuid NOT NULL REFERENCES people.households ON DELETE CASCADE,
    question_id uuid NOT NULL REFERENCES questions,
    programme_id uuid NOT NULL,
    value jsonb NOT NULL CHECK (jsonb_typeof(value) IN ('string', 'array', 'number', 'boolean')),
    wording integer NOT NULL CHECK (wording > 0),
    language text NOT NULL,         -- of the words that were read
    given_at timestamptz NOT NULL,
    given_through text NOT NULL,
    PRIMARY KEY (booking_id, question_id),
    FOREIGN KEY (question_id, wording) REFERENCES question_wordings
);
COMMENT ON COLUMN people.answers.value IS 'personal; retention=household';
CREATE INDEX answers_question ON people.answers (question_id);
SELECT fence('people.answers');
-- Asked for once per statement, not once per row, as those of the other large tables are: a file has every answer in it.
ALTER POLICY programme ON people.answers
    USING (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid))
    WITH CHECK (programme_id = (SELECT nullif(current_setting('blest.programme', true), '')::uuid));

-- What was agreed to where an event asked for it, as `consents` keeps it: no words of the visitor's own, so it stays as
-- proof after an erasure, of an id that leads to nobody.
CREATE TABLE people.question_consents (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    booking_id uuid NOT NULL,
    question_id uuid NOT NULL,
    wording integer NOT NULL,
    language text NOT NULL,
    given_at timestamptz NOT NULL,
    given_through text NOT NULL,
    withdrawn_at timestamptz,
    CHECK (withdrawn_at >= given_at),
    FOREIGN KEY (question_id, wording) REFERENCES question_wordings
);
CREATE UNIQUE INDEX question_consents_standing ON people.question_consents (booking_id, question_id) WHERE withdrawn_at IS NULL;
CREATE INDEX question_consents_visitor ON people.question_consents (visitor_id);
SELECT fence('people.question_consents');

-- What somebody looks for here, in the codes by which stands say what one can ask them about (events.facts.Topic).
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE people.households ADD COLUMN looking_for text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN people.households.looking_for IS 'personal; retention=household';
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE interests ADD COLUMN looking_for text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN interests.looking_for IS 'personal; retention=interest';

-- migrate:down
