"""The pages of identity: logging in, one's own account, the people of a programme. Thin: each reads a form, runs one
command, and answers."""
