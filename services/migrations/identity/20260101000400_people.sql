-- migrate:up
-- People and roles of a programme: members and invitations.

CREATE FUNCTION list_members(the_programme uuid)
RETURNS TABLE (account_id uuid, name text, email text, roles text[], second_factor boolean, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.id, a.name, a.email, array_agg(m.role ORDER BY m.role),
           EXISTS (SELECT FROM second_factors f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL), a.used_at
    FROM memberships m JOIN accounts a ON a.id = m.account_id
    WHERE m.programme_id = the_programme
    GROUP BY a.id ORDER BY lower(a.name), a.id
$$;

-- Names of members, for services that keep an account's id (the owner of a lead, the host of a stand).
CREATE FUNCTION names_of(the_programme uuid, the_accounts uuid[])
RETURNS TABLE (account_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.id, a.name FROM accounts a
    WHERE a.id = ANY (the_accounts)
      AND EXISTS (SELECT FROM memberships m WHERE m.programme_id = the_programme AND m.account_id = a.id)
$$;

CREATE FUNCTION programmes_of(the_account uuid)
RETURNS TABLE (id uuid, slug text, name text, language text, status text, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT p.id, p.slug, p.name, p.language, p.status, array_agg(m.role ORDER BY m.role)
    FROM memberships m JOIN programme_directory p ON p.id = m.programme_id
    WHERE m.account_id = the_account
    GROUP BY p.id ORDER BY p.name, p.id
$$;

-- Takes a programme's turn: who changes roles on the ground of what they read holds this first.
CREATE FUNCTION hold_programme(the_programme uuid)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT FROM programme_directory WHERE id = the_programme FOR UPDATE
$$;

-- Gives an account exactly these roles in a programme (none: removes it), which keeps at least one owner. Changes of one
-- programme take turns on its directory row: two owners who remove each other at the same moment are not both let through.
-- Returns changed, unchanged, last_owner, or unknown (no such programme or account).
CREATE FUNCTION set_roles(the_programme uuid, the_account uuid, the_roles text[], the_granter uuid, the_moment timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE
    before text[];
BEGIN
    PERFORM FROM programme_directory WHERE id = the_programme FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM accounts WHERE id = the_account) THEN
        RETURN 'unknown';
    END IF;
    before := ARRAY(SELECT role FROM memberships WHERE programme_id = the_programme AND account_id = the_account);
    IF before @> the_roles AND before <@ the_roles THEN
        RETURN 'unchanged';
    END IF;
    IF 'owner' = ANY (before) AND NOT 'owner' = ANY (the_roles) AND NOT EXISTS (
        SELECT FROM memberships WHERE programme_id = the_programme AND account_id <> the_account AND role = 'owner'
    ) THEN
        RETURN 'last_owner';
    END IF;
    DELETE FROM memberships WHERE programme_id = the_programme AND account_id = the_account AND role <> ALL (the_roles);
    INSERT INTO memberships (programme_id, account_id, role, granted_at, granted_by)
    SELECT the_programme, the_account, r, the_moment, the_granter FROM unnest(the_roles) AS r
    ON CONFLICT DO NOTHING;
    IF cardinality(the_roles) = 0 THEN
        UPDATE api_tokens SET revoked_at = the_moment
        WHERE programme_id = the_programme AND account_id = the_account AND revoked_at IS NULL;
    END IF;
    RETURN 'changed';
END
$$;

-- The roles of one account in one programme.
CREATE FUNCTION roles_in(the_programme uuid, the_account uuid)
RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT ARRAY(SELECT role FROM memberships WHERE programme_id = the_programme AND account_id = the_account ORDER BY role)
$$;

-- Invitations -----------------------------------------------------------------------------------------------------------

-- The open invitation for an address is sent again with other roles rather than made twice; returns its id and rotation, from
-- which its token is derived. The hash is stored by seal_invitation in the same transaction.
CREATE FUNCTION invite(the_id uuid, the_programme uuid, the_email text, the_roles text[], the_language text, the_placeholder bytea,
                       the_granter uuid, the_moment timestamptz, the_expiry timestamptz)
RETURNS TABLE (id uuid, rotation integer)
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    INSERT INTO invitations AS i (id, programme_id, email, roles, language, token_hash, invited_by, created_at, expires_at)
    VALUES (the_id, the_programme, the_email, the_roles, the_language, the_placeholder, the_granter, the_moment, the_expiry)
    ON CONFLICT (programme_id, lower(email)) WHERE accepted_at IS NULL AND withdrawn_at IS NULL DO UPDATE
    SET roles = excluded.roles, language = excluded.language, rotation = i.rotation + 1, invited_by = excluded.invited_by,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    RETURNING i.id, i.rotation
$$;

CREATE FUNCTION seal_invitation(the_invitation uuid, the_token bytea)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE invitations SET token_hash = the_token WHERE id = the_invitation
$$;

CREATE FUNCTION list_invitations(the_programme uuid)
RETURNS TABLE (id uuid, email text, roles text[], language text, created_at timestamptz, expires_at timestamptz, mail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT i.id, i.email, i.roles, i.language, i.created_at, i.expires_at,
           coalesce((SELECT CASE WHEN o.sent_at IS NOT NULL THEN 'sent' WHEN o.given_up_at IS NOT NULL THEN 'given_up' ELSE 'waiting' END
                     FROM outgoing_mails o WHERE o.reference = i.id ORDER BY o.created_at DESC, o.id DESC LIMIT 1), 'sent')
    FROM invitations i
    WHERE i.programme_id = the_programme AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL
    ORDER BY i.created_at DESC, i.id
$$;

CREATE FUNCTION find_invitation(the_token bytea, the_moment timestamptz)
RETURNS TABLE (id uuid, email text, roles text[], language text, programme_id uuid, programme_slug text, programme_name text,
               invited_by text, account_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT i.id, i.email, i.roles, i.language, p.id, p.slug, p.name, coalesce(b.name, ''), a.id
    FROM invitations i JOIN programme_directory p ON p.id = i.programme_id
    LEFT JOIN accounts b ON b.id = i.invited_by
    LEFT JOIN accounts a ON lower(a.email) = lower(i.email)
    WHERE i.token_hash = the_token AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > the_moment
$$;

-- Takes an invitation for an account, which keeps the roles it had; false where the invitation is spent or past.
CREATE FUNCTION accept_invitation(the_invitation uuid, the_account uuid, the_moment timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE
    taken invitations;
BEGIN
    UPDATE invitations SET accepted_at = the_moment
    WHERE id = the_invitation AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > the_moment
    RETURNING * INTO taken;
    IF taken.id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO memberships (programme_id, account_id, role, granted_at, granted_by)
    SELECT taken.programme_id, the_account, r, the_moment, taken.invited_by FROM unnest(taken.roles) AS r
    ON CONFLICT DO NOTHING;
    RETURN true;
END
$$;

-- Takes an invitation back: its link is worthless at once. False where it is no longer open.
CREATE FUNCTION withdraw_invitation(the_programme uuid, the_invitation uuid, the_moment timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH withdrawn AS (
        UPDATE invitations SET withdrawn_at = the_moment
        WHERE programme_id = the_programme AND id = the_invitation AND accepted_at IS NULL AND withdrawn_at IS NULL RETURNING id
    )
    SELECT EXISTS (SELECT FROM withdrawn)
$$;

-- migrate:down
