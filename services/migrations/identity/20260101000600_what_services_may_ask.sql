-- migrate:up
-- What another service needs of identity, and no more: who asks, which programmes there are, their people, the audit. What opens
-- an account (passwords, sessions, second factors, resets, tokens, invitations, mails, erasure) is for identity's own roles, so
-- that a hole in the service that strangers talk to does not reach everybody's account.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA identity FROM blest_services;
ALTER DEFAULT PRIVILEGES IN SCHEMA identity REVOKE EXECUTE ON FUNCTIONS FROM blest_services;
GRANT EXECUTE ON FUNCTION
    find_session, find_token,                                                   -- every request
    find_programme, list_programmes, register_programme,                        -- the directory
    list_members, names_of, hold_programme, roles_in, set_roles, create_account, -- a programme's people
    record_audit
TO blest_services;

-- migrate:down
