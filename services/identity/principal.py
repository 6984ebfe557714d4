"""Who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.routes import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """A guest, an account with a session, or an API token. Roles are per programme."""

    kind: str = "guest"
    """guest, account or token."""
    account_id: UUID | None = None
    session_id: UUID | None = None
    token_id: UUID | None = None
    name: str = ""
    """The account's name, or the token's."""
    language: str = ""
    """The language its account has chosen for itself; empty for a guest."""
    operator: bool = False
    roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    """What an API token may do; empty for people."""
    csrf: str = ""
    """The session's token against forged forms."""

    def roles_in(self, programme_id: UUID | None) -> frozenset[Role]:
        return self.roles.get(programme_id, frozenset()) if programme_id else frozenset()

    def may_use(self, service: str, *, unsafe: bool) -> bool:
        """Whether its scopes reach this far: `read` or `write`, of every service or as `events:read` of one. People
        have no scopes and may; write includes read."""
        if self.kind != "token":
            return True
        wanted = {"write"} if unsafe else {"read", "write"}
        return any(scope in self.scopes or f"{service}:{scope}" in self.scopes for scope in wanted)


GUEST = Principal()
