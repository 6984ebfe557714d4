"""A booking's tokens: the link to it, its ticket, and the short code. Only hashes and the code are stored."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from registrations.commands.ledgers import packed
from registrations.domain.check_in import code_of
from registrations.statements import queries
from services.database import Transaction
from services.keys import Keys, token_hash

PURPOSES = ("booking", "ticket")


def code(keys: Keys, booking_id: UUID, rotation: int) -> str:
    return code_of(keys.token("ticket", booking_id, rotation))


async def issue(tx: Transaction, keys: Keys, bookings: Iterable[UUID], rotation: int = 0) -> None:
    """Let the links and tickets of these bookings be found."""
    rows = [
        {
            "token_hash": f"\\x{token_hash(keys.token(purpose, booking_id, rotation)).hex()}",
            "purpose": purpose,
            "booking_id": booking_id,
        }
        for booking_id in bookings
        for purpose in PURPOSES
    ]
    await queries.save_tokens(tx.connection, programme_id=tx.programme, rows=packed(rows))
