-- migrate:up
-- Accounts: making and changing them, their passwords and second factors, resets, and the brake on guessing.

CREATE FUNCTION count_accounts()
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT count(*) FROM accounts
$$;

-- Makes an account; false where one has this address. With the_first it is made only while there is none at all: two who race
-- to set up the installation take turns on the lock, and the second finds an account.
CREATE FUNCTION create_account(the_id uuid, the_email text, the_name text, the_language text, the_hash text, the_operator boolean,
                               the_first boolean, the_moment timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
BEGIN
    IF the_first THEN
        LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE;
        IF EXISTS (SELECT FROM accounts) THEN
            RETURN false;
        END IF;
    END IF;
    INSERT INTO accounts (id, email, name, language, operator, password_hash, password_changed_at, created_at)
    VALUES (the_id, the_email, the_name, the_language, the_operator, the_hash,
            CASE WHEN the_hash IS NOT NULL THEN the_moment END, the_moment)
    ON CONFLICT (lower(email)) DO NOTHING;
    RETURN FOUND;
END
$$;

CREATE FUNCTION find_account(the_account uuid)
RETURNS TABLE (id uuid, email text, name text, language text, operator boolean, password_hash text, created_at timestamptz,
               used_at timestamptz, second_factor_at timestamptz, recovery_codes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.id, a.email, a.name, a.language, a.operator, a.password_hash, a.created_at, a.used_at, f.confirmed_at,
           (SELECT count(*) FROM recovery_codes c WHERE c.account_id = a.id AND c.used_at IS NULL)
    FROM accounts a LEFT JOIN second_factors f ON f.account_id = a.id
    WHERE a.id = the_account
$$;

-- What a login needs; the address in any spelling of upper and lower case.
CREATE FUNCTION find_credentials(the_email text)
RETURNS TABLE (account_id uuid, password_hash text, password_changed_at timestamptz, second_factor boolean, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.id, a.password_hash, a.password_changed_at,
           EXISTS (SELECT FROM second_factors f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL), a.language
    FROM accounts a WHERE lower(a.email) = lower(the_email)
$$;

-- What the second step of a login needs.
CREATE FUNCTION find_login(the_account uuid)
RETURNS TABLE (email text, password_changed_at timestamptz, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.email, a.password_changed_at, a.language FROM accounts a WHERE a.id = the_account
$$;

CREATE FUNCTION change_profile(the_account uuid, the_name text, the_language text)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE accounts SET name = the_name, language = the_language WHERE id = the_account
$$;

-- A new password: open reset links become worthless with it.
CREATE FUNCTION change_password(the_account uuid, the_hash text, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE accounts SET password_hash = the_hash, password_changed_at = the_moment WHERE id = the_account;
    UPDATE password_resets SET used_at = the_moment WHERE account_id = the_account AND used_at IS NULL;
$$;

-- The same password under stronger parameters, unless it was changed meanwhile.
CREATE FUNCTION rehash_password(the_account uuid, the_old text, the_new text)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE accounts SET password_hash = the_new WHERE id = the_account AND password_hash = the_old
$$;

-- Makes an account an operator of the installation, or no longer; the last operator stays. Returns changed, unchanged or last_operator.
CREATE FUNCTION set_operator(the_account uuid, the_operator boolean)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
BEGIN
    LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE;
    IF NOT the_operator AND NOT EXISTS (SELECT FROM accounts WHERE operator AND id <> the_account) THEN
        RETURN 'last_operator';
    END IF;
    UPDATE accounts SET operator = the_operator WHERE id = the_account AND operator <> the_operator;
    RETURN CASE WHEN FOUND THEN 'changed' ELSE 'unchanged' END;
END
$$;

-- Second factor ---------------------------------------------------------------------------------------------------------

-- Begins an enrolment, in place of one begun before; false where a confirmed second factor stands.
CREATE FUNCTION start_second_factor(the_account uuid, the_sealed bytea, the_moment timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH started AS (
        INSERT INTO second_factors AS f (account_id, sealed, started_at) VALUES (the_account, the_sealed, the_moment)
        ON CONFLICT (account_id) DO UPDATE SET sealed = excluded.sealed, started_at = excluded.started_at
        WHERE f.confirmed_at IS NULL
        RETURNING account_id
    )
    SELECT EXISTS (SELECT FROM started)
$$;

CREATE FUNCTION find_second_factor(the_account uuid)
RETURNS TABLE (sealed bytea, started_at timestamptz, confirmed_at timestamptz, last_step bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT f.sealed, f.started_at, f.confirmed_at, f.last_step FROM second_factors f WHERE f.account_id = the_account
$$;

-- Spends a time step: false where it, or a newer one, is spent. Two who send the same code take turns on the row.
CREATE FUNCTION spend_step(the_account uuid, the_step bigint)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH spent AS (
        UPDATE second_factors SET last_step = the_step
        WHERE account_id = the_account AND (last_step IS NULL OR last_step < the_step) RETURNING account_id
    )
    SELECT EXISTS (SELECT FROM spent)
$$;

CREATE FUNCTION confirm_second_factor(the_account uuid, the_codes bytea[], the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE second_factors SET confirmed_at = the_moment WHERE account_id = the_account AND confirmed_at IS NULL;
    DELETE FROM recovery_codes WHERE account_id = the_account;
    INSERT INTO recovery_codes (account_id, code_hash) SELECT the_account, unnest(the_codes);
$$;

-- Spends a recovery code; false where it is unknown or spent.
CREATE FUNCTION spend_recovery_code(the_account uuid, the_code bytea, the_moment timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH spent AS (
        UPDATE recovery_codes SET used_at = the_moment
        WHERE account_id = the_account AND code_hash = the_code AND used_at IS NULL RETURNING account_id
    )
    SELECT EXISTS (SELECT FROM spent)
$$;

CREATE FUNCTION remove_second_factor(the_account uuid)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH removed AS (DELETE FROM second_factors WHERE account_id = the_account RETURNING account_id)
    SELECT EXISTS (SELECT FROM removed)
$$;

-- Resets ----------------------------------------------------------------------------------------------------------------

-- A reset for whoever has this address; no row where nobody has.
CREATE FUNCTION open_reset(the_id uuid, the_email text, the_token bytea, the_moment timestamptz, the_expiry timestamptz)
RETURNS TABLE (account_id uuid, name text, language text)
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    INSERT INTO password_resets (id, account_id, token_hash, created_at, expires_at)
    SELECT the_id, a.id, the_token, the_moment, the_expiry FROM accounts a WHERE lower(a.email) = lower(the_email);
    SELECT a.id, a.name, a.language FROM accounts a WHERE lower(a.email) = lower(the_email);
$$;

CREATE FUNCTION find_reset(the_token bytea, the_moment timestamptz)
RETURNS TABLE (account_id uuid, email text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.id, a.email, a.name FROM password_resets r JOIN accounts a ON a.id = r.account_id
    WHERE r.token_hash = the_token AND r.used_at IS NULL AND r.expires_at > the_moment
$$;

-- Uses a reset: NULL where it is spent or past. Everything that was open under the old password ends.
CREATE FUNCTION use_reset(the_token bytea, the_hash text, the_moment timestamptz)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE
    whose uuid;
BEGIN
    UPDATE password_resets SET used_at = the_moment
    WHERE token_hash = the_token AND used_at IS NULL AND expires_at > the_moment
    RETURNING account_id INTO whose;
    IF whose IS NOT NULL THEN
        PERFORM change_password(whose, the_hash, the_moment);
        PERFORM end_sessions(whose, NULL, 'credentials', the_moment);
    END IF;
    RETURN whose;
END
$$;

-- Throttling ------------------------------------------------------------------------------------------------------------

-- Counts an attempt against every key before it is tried, and says how long to wait: zero lets it be tried. An attempt while a
-- key is closed is not counted. From the key's free number on, each failure closes it twice as long, to the_longest. Keys are
-- locked in order, so a hundred attempts at once are counted one after the other.
CREATE FUNCTION begin_attempt(the_keys bytea[], the_free integer[], the_moment timestamptz, the_first interval, the_longest interval,
                              the_memory interval)
RETURNS interval
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE
    wait interval;
BEGIN
    INSERT INTO throttles (key, failures, failed_at, closed_until)
    SELECT k, 0, the_moment, the_moment FROM unnest(the_keys) AS k ORDER BY k ON CONFLICT DO NOTHING;
    PERFORM FROM throttles WHERE key = ANY (the_keys) ORDER BY key FOR UPDATE;
    SELECT max(closed_until) - the_moment INTO wait FROM throttles WHERE key = ANY (the_keys);
    IF wait > interval '0' THEN
        RETURN wait;
    END IF;
    UPDATE throttles t
    SET failures = counted.failures,
        failed_at = the_moment,
        closed_until = CASE WHEN counted.failures < asked.free THEN the_moment
                       ELSE the_moment + least(the_longest, the_first * power(2, least(counted.failures - asked.free, 30))) END
    FROM (SELECT k AS key, f AS free FROM unnest(the_keys, the_free) AS pairs (k, f)) AS asked
    JOIN (SELECT b.key, CASE WHEN b.failed_at < the_moment - the_memory THEN 1 ELSE b.failures + 1 END AS failures
          FROM throttles b WHERE b.key = ANY (the_keys)) AS counted USING (key)
    WHERE t.key = asked.key;
    RETURN interval '0';
END
$$;

-- The attempt succeeded: its account's key is forgotten; the others only take back this one attempt, so that nobody opens the
-- brake on guessing with an account of their own.
CREATE FUNCTION end_attempt(the_forgotten bytea[], the_taken_back bytea[], the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    DELETE FROM throttles WHERE key = ANY (the_forgotten);
    UPDATE throttles SET failures = greatest(failures - 1, 0), closed_until = the_moment WHERE key = ANY (the_taken_back);
$$;

-- migrate:down
