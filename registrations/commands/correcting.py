"""A name, an address or a language was written down wrongly: staff put it right, since a visitor whom no mail reaches
has no link to do it by.

1. Lock the visitor, then their bookings, in the order in which wishes are decided.
2. An address that is another visitor's is refused: staff are led to them, and nobody becomes one with anybody.
3. With another address everything that was sent to the first one is worthless: links, tickets, what was asked of those
   who should come instead. Each booking that still stands is told anew, to the address as it is now.
The address that was wrong is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from registrations.commands import people, telling, tickets
from registrations.commands.ledgers import Elsewhere
from registrations.domain.records import LIVE
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus
from registrations.statements import queries
from services.database import Transaction
from services.keys import Keys
from services.words import sort_key

ADDRESSES = "visitors_programme_id_email_key_key"
"""The constraint that an address is one visitor's."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What it should be; None: that stays. All of it is cleaned and checked."""

    name: str | None = None
    email: str | None = None
    language: str | None = None
    everywhere: bool = False
    """The address may change though more than this booking hangs on it."""
    version: int | None = None
    """Of the visitor, as whoever corrects saw them; None: whatever they are."""


@dataclass(frozen=True, slots=True)
class Corrected:
    what: tuple[str, ...]
    """name, email, language: what was not so before."""
    told: int = 0
    """How many bookings are told anew by mail."""


async def correct(tx: Transaction, keys: Keys, booking_id: UUID, should: Correction) -> Corrected:
    """Put right whose booking it is. Raises `Refused` (address_taken with the other's id, ties, changed_meanwhile,
    over, unknown_booking), or `Elsewhere` where it came into other hands meanwhile."""
    seen = await queries.booking_page(tx.connection, id=booking_id)
    if seen is None or seen["erased_at"] is not None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    visitor = await queries.visitor_to_correct(tx.connection, id=seen["visitor_id"])
    booking = await queries.booking_page(tx.connection, id=booking_id)
    if booking["visitor_id"] != visitor["id"]:
        raise Elsewhere(str(booking_id))
    if booking["name"] is None:
        raise Refused(Reason.OVER)
    if should.version not in (None, visitor["version"]):
        raise Refused(Reason.CHANGED_MEANWHILE)
    what, told = [], 0
    if should.name not in (None, booking["name"]):
        what.append("name")
        await _rename(tx, booking, should.name or "")
    if should.email not in (None, visitor["email"]):
        what.append("email")
        told = await _readdress(tx, keys, booking_id, visitor, should)
    if should.language is not None and {should.language} != {booking["language"], visitor["language"]}:
        what.append("language")
        await people.set_language(tx, visitor["id"], should.language)
    if what:
        await queries.raise_visitor(tx.connection, id=visitor["id"])
    return Corrected(tuple(what), told)


async def _rename(tx: Transaction, booking: Any, name: str) -> None:
    await queries.correct_name(
        tx.connection,
        booking_id=booking["id"],
        visitor_id=booking["visitor_id"],
        before=booking["name"],
        name=name,
        sort_key=sort_key(f"{booking['group_name'] or ''} {name}".strip()),
        own_key=sort_key(name),
    )


async def _readdress(tx: Transaction, keys: Keys, booking_id: UUID, visitor: Any, should: Correction) -> int:
    email = should.email or ""
    key = email.lower()
    other = await queries.visitor_of_address(tx.connection, email_key=key)
    if other not in (None, visitor["id"]):
        raise Refused(Reason.ADDRESS_TAKEN, visitor_id=str(other))
    is_same = key == visitor["email_key"]
    if not is_same and visitor["email_key"] is not None and not should.everywhere:
        ties = await queries.count_ties(tx.connection, visitor_id=visitor["id"], booking_id=booking_id)
        if ties:
            raise Refused(Reason.TIES, count=ties)
    try:
        await queries.correct_address(tx.connection, id=visitor["id"], email=email, email_key=key)
    except asyncpg.UniqueViolationError as error:
        # Somebody came with it between our look and our writing; begun anew, we find them.
        if error.constraint_name != ADDRESSES:
            raise
        raise Elsewhere(str(booking_id)) from error
    return 0 if is_same else await _renew(tx, keys, visitor["id"])


async def _renew(tx: Transaction, keys: Keys, visitor_id: UUID) -> int:
    """What was sent about this visitor's bookings opens nothing any more. How many are told anew."""
    told = 0
    for row in await queries.bookings_to_renew(tx.connection, visitor_id=visitor_id):
        code = tickets.code(keys, row["id"], row["rotation"] + 1)
        renewed = await queries.renew_booking(tx.connection, id=row["id"], code=code, moment=tx.moment)
        await queries.drop_tokens(tx.connection, booking_id=row["id"])
        await tickets.issue(tx, keys, [row["id"]], renewed["rotation"])
        # Whom the reader of a wrong mail asked to come instead has no place from them.
        await queries.withdraw_hand_overs(tx.connection, booking_id=row["id"], moment=tx.moment)
        tx.publish(telling.of_row("renewed", renewed, tx.moment))
        told += BookingStatus(renewed["status"]) in LIVE and not renewed["walk_in"]
    await queries.withdraw_hand_overs_to(tx.connection, visitor_id=visitor_id, moment=tx.moment)
    return told
