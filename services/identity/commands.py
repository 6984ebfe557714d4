"""Accounts, programmes, roles and invitations: what every service may ask of identity, in a transaction of its own.

    await commands.register_programme(tx, programme_id, slug="blest", name="Blest", language="nb", status="open")
    await commands.grant(tx, call.principal, programme_id, account_id, Role.OWNER)

Each command raises a `Problem` where it refuses, and then nothing is stored. After a commit that registered a
programme, `access.announce(context)` tells all processes.
"""

from __future__ import annotations

from services.identity.accounts import address, create_account, erase_account, set_operator
from services.identity.invitations import Offer, OpenInvitation, accept, invitations, invite, offer, withdraw
from services.identity.people import (
    Listed,
    Member,
    grant,
    members,
    names,
    programmes,
    programmes_of,
    register_programme,
    revoke,
    roles_in,
    set_roles,
)

__all__ = [
    "Listed",
    "Member",
    "Offer",
    "OpenInvitation",
    "accept",
    "address",
    "create_account",
    "erase_account",
    "grant",
    "invitations",
    "invite",
    "members",
    "names",
    "offer",
    "programmes",
    "programmes_of",
    "register_programme",
    "revoke",
    "roles_in",
    "set_operator",
    "set_roles",
    "withdraw",
]
