"""Who people are and what they may do, for every service: accounts, sessions, roles, API tokens, the audit."""
