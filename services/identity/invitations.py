"""Invitations: an owner asks someone by mail to take part; whoever holds the link says yes, once.

open ──a──> accepted    a: the holder of the link took it for their account
     ──b──> withdrawn   b: an owner took it back
     ──c──> past        c: two weeks went by; sending it again opens it anew, with another link
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.database import Transaction
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit, functions, mail
from services.identity.accounts import address
from services.identity.people import as_roles
from services.identity.principal import Principal
from services.identity.sessions import new_token
from services.ids import new_id
from services.keys import Keys, token_hash
from services.pages.languages import LANGUAGES, msgid
from services.routes import Role

INVITED_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    id: UUID
    email: str
    roles: frozenset[Role]
    language: str
    created_at: datetime
    expires_at: datetime
    mail: str
    """waiting, sent or given_up."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the holder of an invitation's link is offered. `account_id` is the account that has the invited address,
    if any."""

    id: UUID
    email: str
    roles: frozenset[Role]
    language: str
    programme_id: UUID
    programme_slug: str
    programme_name: str
    invited_by: str
    account_id: UUID | None


async def invite(
    tx: Transaction,
    keys: Keys,
    by: Principal | None,
    programme_id: UUID,
    *,
    email: str,
    roles: Iterable[Role],
    language: str,
) -> UUID:
    """Invite an address to a programme; an open invitation for it is sent anew with these roles, its older link
    worthless.

    The answer is the same whether or not the address has an account. Raises `Invalid` per wrong field."""
    email, wanted = address(email), sorted(role.value for role in roles)
    errors: dict[str, str] = {}
    if not wanted:
        errors["roles"] = msgid("Choose at least one.")
    if language not in LANGUAGES:
        errors["language"] = msgid("Choose one of the options.")
    if errors:
        raise Invalid(errors)
    made = await functions.row(
        tx.connection,
        "invite",
        new_id(tx.moment),
        programme_id,
        email,
        wanted,
        language,
        token_hash(new_token()),
        by.account_id if by else None,
        tx.moment,
        tx.moment + INVITED_FOR,
    )
    assert made is not None
    invitation_id: UUID = made["id"]
    token = keys.token(mail.INVITATION, invitation_id, made["rotation"])
    await functions.value(tx.connection, "seal_invitation", invitation_id, token_hash(token))
    await mail.queue(tx, mail.INVITATION, email, language, invitation_id)
    await audit.record_for(tx, by, programme_id, "invitation.sent", f"invitation:{invitation_id}", roles=wanted)
    return invitation_id


async def invitations(tx: Transaction, programme_id: UUID) -> list[OpenInvitation]:
    """A programme's open invitations, past ones among them, the newest first."""
    found = await functions.rows(tx.connection, "list_invitations", programme_id)
    return [OpenInvitation(**{**row, "roles": as_roles(row["roles"])}) for row in found]


async def withdraw(tx: Transaction, by: Principal | None, programme_id: UUID, invitation_id: UUID) -> None:
    """Take an invitation back. Raises `NotFound` where it is not open."""
    if not await functions.value(tx.connection, "withdraw_invitation", programme_id, invitation_id, tx.moment):
        raise NotFound("invitation")
    await audit.record_for(tx, by, programme_id, "invitation.withdrawn", f"invitation:{invitation_id}")


async def offer(tx: Transaction, token: str) -> Offer | None:
    """What an invitation's link offers; None where it is spent, taken back, past or was never given."""
    found = await functions.row(tx.connection, "find_invitation", token_hash(token), tx.moment)
    return Offer(**{**found, "roles": as_roles(found["roles"])}) if found else None


async def accept(tx: Transaction, offered: Offer, account_id: UUID) -> None:
    """Take an invitation for an account. Raises `Conflict` where it was taken or taken back meanwhile."""
    if not await functions.value(tx.connection, "accept_invitation", offered.id, account_id, tx.moment):
        raise Conflict("invitation-spent", msgid("This invitation is no longer open. Ask for a new one."))
    await audit.record_for(
        tx,
        Principal(kind="account", account_id=account_id),
        offered.programme_id,
        "invitation.accepted",
        f"invitation:{offered.id}",
        roles=sorted(role.value for role in offered.roles),
    )
