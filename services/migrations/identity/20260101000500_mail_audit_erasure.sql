-- migrate:up
-- Mails on their way, the audit, and what is erased when its time has come.

-- Mails -----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION queue_mail(the_id uuid, the_kind text, the_recipient text, the_language text, the_reference uuid, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    INSERT INTO outgoing_mails (id, kind, recipient, language, reference, created_at, due_at)
    VALUES (the_id, the_kind, the_recipient, the_language, the_reference, the_moment, the_moment)
$$;

-- Takes due mails for one sender: until the_lease has passed nobody else takes them. A sender that dies sends nothing, or sends
-- and does not say so; the mail then goes out twice rather than never.
CREATE FUNCTION take_mails(the_number integer, the_moment timestamptz, the_lease interval)
RETURNS TABLE (id uuid, kind text, recipient text, language text, reference uuid, attempts integer)
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE outgoing_mails o SET due_at = the_moment + the_lease, attempts = o.attempts + 1
    WHERE o.id IN (SELECT w.id FROM outgoing_mails w
                   WHERE w.sent_at IS NULL AND w.given_up_at IS NULL AND w.due_at <= the_moment
                   ORDER BY w.due_at, w.id LIMIT the_number FOR UPDATE SKIP LOCKED)
    RETURNING o.id, o.kind, o.recipient, o.language, o.reference, o.attempts
$$;

-- What an invitation's mail says; no row where it is no longer open.
CREATE FUNCTION invitation_mail(the_invitation uuid, the_moment timestamptz)
RETURNS TABLE (rotation integer, programme_name text, invited_by text, roles text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT i.rotation, p.name, coalesce(b.name, ''), i.roles, i.expires_at
    FROM invitations i JOIN programme_directory p ON p.id = i.programme_id LEFT JOIN accounts b ON b.id = i.invited_by
    WHERE i.id = the_invitation AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > the_moment
$$;

-- The mail left, or there was nothing to send: its recipient is not kept.
CREATE FUNCTION settle_mail(the_mail uuid, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE outgoing_mails SET sent_at = the_moment, recipient = '(erased)', error = NULL WHERE id = the_mail
$$;

-- The mail did not leave: tried again at the_next, or given up where that is NULL.
CREATE FUNCTION fail_mail(the_mail uuid, the_error text, the_next timestamptz, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE outgoing_mails
    SET error = the_error, due_at = coalesce(the_next, due_at), given_up_at = CASE WHEN the_next IS NULL THEN the_moment END
    WHERE id = the_mail
$$;

-- Audit -----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION record_audit(the_programme uuid, the_actor text, the_account uuid, the_token uuid, the_action text,
                             the_subject text, the_details text, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    INSERT INTO audit (programme_id, actor, account_id, token_id, action, subject, details, at)
    VALUES (the_programme, the_actor, the_account, the_token, the_action, the_subject, the_details::jsonb, the_moment)
$$;

-- A programme's audit (NULL: what belongs to none), newest first, from before the_moment and the_before on.
CREATE FUNCTION list_audit(the_programme uuid, the_moment timestamptz, the_before bigint, the_number integer)
RETURNS TABLE (id bigint, at timestamptz, actor text, account_id uuid, account_name text, token_name text, action text, subject text,
               subject_name text, details text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT u.id, u.at, u.actor, u.account_id, a.name, t.name, u.action, u.subject, s.name, u.details::text
    FROM audit u LEFT JOIN accounts a ON a.id = u.account_id LEFT JOIN api_tokens t ON t.id = u.token_id
    LEFT JOIN accounts s ON s.id = CASE WHEN u.subject ~ '^account:[0-9a-f-]{36}$' THEN substr(u.subject, 9)::uuid END
    WHERE u.programme_id IS NOT DISTINCT FROM the_programme
      AND (the_moment IS NULL OR (u.at, u.id) < (the_moment, the_before))
    ORDER BY u.at DESC, u.id DESC LIMIT the_number
$$;

-- Erasure ---------------------------------------------------------------------------------------------------------------

-- Erases an account with all it has. Returns erased, unknown, last_owner (of some programme) or last_operator.
CREATE FUNCTION erase_account(the_account uuid)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE
    address text;
BEGIN
    -- The same locks in the same order as whoever changes roles, then operators.
    PERFORM FROM programme_directory p
    WHERE EXISTS (SELECT FROM memberships m WHERE m.programme_id = p.id AND m.account_id = the_account)
    ORDER BY p.id FOR UPDATE;
    LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE;
    SELECT email INTO address FROM accounts WHERE id = the_account;
    IF address IS NULL THEN
        RETURN 'unknown';
    END IF;
    IF EXISTS (SELECT FROM memberships m
               WHERE m.account_id = the_account AND m.role = 'owner'
                 AND NOT EXISTS (SELECT FROM memberships o WHERE o.programme_id = m.programme_id AND o.role = 'owner'
                                                             AND o.account_id <> the_account)) THEN
        RETURN 'last_owner';
    END IF;
    IF EXISTS (SELECT FROM accounts WHERE id = the_account AND operator)
       AND NOT EXISTS (SELECT FROM accounts WHERE operator AND id <> the_account) THEN
        RETURN 'last_operator';
    END IF;
    DELETE FROM outgoing_mails WHERE lower(recipient) = lower(address);
    DELETE FROM invitations WHERE lower(email) = lower(address);
    DELETE FROM accounts WHERE id = the_account;
    RETURN 'erased';
END
$$;

-- Accounts that belong nowhere and were not used since the_moment; operators belong to the installation.
CREATE FUNCTION idle_accounts(the_moment timestamptz, the_number integer)
RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.id FROM accounts a
    WHERE NOT a.operator AND coalesce(a.used_at, a.created_at) < the_moment
      AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id)
    ORDER BY a.id LIMIT the_number
$$;

-- Each of these erases what is older than its moment and returns how many rows that were.
CREATE FUNCTION erase_sessions(the_moment timestamptz, the_absolute interval)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH gone AS (DELETE FROM sessions WHERE coalesce(ended_at, created_at + the_absolute) < the_moment RETURNING id)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION erase_tokens(the_moment timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH gone AS (DELETE FROM api_tokens WHERE least(revoked_at, expires_at) < the_moment RETURNING id)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION erase_invitations(the_moment timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH gone AS (DELETE FROM invitations WHERE coalesce(accepted_at, withdrawn_at, expires_at) < the_moment RETURNING id)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION erase_resets(the_moment timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH gone AS (DELETE FROM password_resets WHERE coalesce(used_at, expires_at) < the_moment RETURNING id)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION erase_throttles(the_moment timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH gone AS (DELETE FROM throttles WHERE failed_at < the_moment AND closed_until < the_moment RETURNING key)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION erase_mails(the_moment timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH gone AS (DELETE FROM outgoing_mails WHERE coalesce(sent_at, given_up_at) < the_moment RETURNING id)
    SELECT count(*) FROM gone
$$;

-- Checks: how many rows break what must always hold ----------------------------------------------------------------------

-- Programmes with members of whom none is an owner.
CREATE FUNCTION count_ownerless()
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT count(*) FROM (SELECT FROM memberships GROUP BY programme_id HAVING bool_and(role <> 'owner')) AS ownerless
$$;

-- Mails that have been given up in the week before the_moment, or should have left an hour ago.
CREATE FUNCTION count_stuck_mails(the_moment timestamptz)
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT count(*) FROM outgoing_mails
    WHERE given_up_at > the_moment - interval '7 days'
       OR (sent_at IS NULL AND given_up_at IS NULL AND created_at < the_moment - interval '1 hour')
$$;

-- migrate:down
