"""What visitors may do with what we know of them: agree, take it back, change language, be forgotten everywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registrations.commands import ledgers, telling
from registrations.commands.ledgers import Elsewhere, packed
from registrations.domain.applications import Person
from registrations.domain.consents import CURRENT, Purpose
from registrations.facts import Cause, InterestRegistered, LeadChanged, VisitorErased
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id
from services.words import sort_key


async def give_consent(tx: Transaction, visitor_id: UUID, purpose: Purpose, language: str, through: str) -> None:
    """Write down that a visitor agreed to the wording shown now; what stands already is not given twice."""
    consent = {
        "id": new_id(tx.moment),
        "visitor_id": visitor_id,
        "purpose": purpose,
        "wording": CURRENT[purpose],
        "language": language,
        "given_through": through,
    }
    await queries.save_consents(tx.connection, programme_id=tx.programme, moment=tx.moment, rows=packed([consent]))


async def withdraw_consent(tx: Transaction, visitor_id: UUID, purpose: Purpose) -> None:
    """Take a consent back. Without the one for conversations, what was said is forgotten too."""
    await queries.withdraw_consent(tx.connection, visitor_id=visitor_id, purpose=purpose, moment=tx.moment)
    if purpose is Purpose.CONVERSATION:
        await _silence(tx, visitor_id)


async def set_language(tx: Transaction, visitor_id: UUID, language: str) -> None:
    """The language we write to a visitor in, about all of their bookings."""
    await queries.set_language(tx.connection, id=visitor_id, language=language)


async def my_data(tx: Transaction, visitor_id: UUID) -> dict[str, Any] | None:
    """Everything we keep of a visitor (GDPR, articles 15 and 20); None once they are forgotten."""
    row = await queries.data_of_visitor(tx.connection, id=visitor_id)
    return dict(row["data"]) if row is not None else None


async def erase(tx: Transaction, visitor_id: UUID, *, if_still: Callable[..., Awaitable[Any]] | None = None) -> None:
    """Forget a visitor (GDPR, article 17): give back their places, delete what is personal, and tell the others.

    `if_still` is the statement by which they were found: they stay who have come back since, and are not found now.
    Raises `Elsewhere` where one of their bookings changed pools meanwhile; a second time changes nothing.
    """
    live = [row["id"] for row in await queries.live_bookings_of_visitor(tx.connection, visitor_id=visitor_id)]
    pools = await ledgers.lock(tx, bookings=live)
    visitor = await queries.lock_visitor(tx.connection, id=visitor_id)
    if visitor is None or visitor["erased_at"] is not None:
        return
    if if_still is not None and not await if_still(tx.connection, only=visitor_id):
        return
    ledger = await ledgers.read(tx, pools, visitors=[visitor_id])
    ledger.release_ended()
    # What was attended stays counted; its places are taken for good, so its pools need no lock.
    for booking in sorted(ledger.of_visitor(visitor_id), key=lambda one: one.id):
        if booking.is_live:
            if not ledger.pools.keys() >= booking.places.keys():
                raise Elsewhere(str(booking.id))
            ledger.end(booking, Cause.ERASURE)
    await ledgers.write(tx, ledger)
    await _silence(tx, visitor_id)
    for statement in (queries.erase_households, queries.erase_interests, queries.erase_tokens):
        await statement(tx.connection, visitor_id=visitor_id)
    await queries.withdraw_all_consents(tx.connection, visitor_id=visitor_id, moment=tx.moment)
    await queries.withdraw_question_consents(tx.connection, visitor_id=visitor_id, moment=tx.moment)
    version = await queries.erase_visitor(tx.connection, id=visitor_id, moment=tx.moment)
    tx.publish(VisitorErased(programme_id=tx.programme, version=version, at=tx.moment, visitor_id=visitor_id))


async def _silence(tx: Transaction, visitor_id: UUID) -> None:
    for row in await queries.silence_leads(tx.connection, visitor_id=visitor_id, moment=tx.moment):
        tx.publish(telling.of_lead(LeadChanged, row, tx.moment))


@dataclass(frozen=True, slots=True)
class Wondering:
    """Someone who wants to hear more, without an event."""

    person: Person
    attempt: UUID
    through: str = "form"
    consents: tuple[Purpose, ...] = ()
    lives_in: str | None = None
    moving: str | None = None
    looking_for: tuple[str, ...] = ()
    message: str | None = None
    heard_of: str | None = None
    via: UUID | None = None
    target_groups: tuple[UUID, ...] = ()


async def register_interest(tx: Transaction, wondering: Wondering) -> None:
    """Write down who wants to hear more. The same form sent twice is one interest."""
    person = wondering.person
    row = {"id": new_id(tx.moment), "name": person.name, "email": person.email, "email_key": person.email_key}
    (met,) = await queries.meet_visitors(
        tx.connection,
        programme_id=tx.programme,
        moment=tx.moment,
        rows=packed([{**row, "language": person.language}]),
        by_themselves=True,
    )
    await queries.name_visitor(tx.connection, id=met["id"], sort_key=sort_key(person.name))
    interest_id = await queries.save_interest(
        tx.connection,
        id=new_id(tx.moment),
        programme_id=tx.programme,
        visitor_id=met["id"],
        lives_in=wondering.lives_in,
        moving=wondering.moving,
        looking_for=list(wondering.looking_for),
        message=wondering.message,
        heard_of=wondering.heard_of,
        via=wondering.via,
        target_groups=list(wondering.target_groups),
        attempt=wondering.attempt,
        moment=tx.moment,
    )
    if interest_id is None:
        return
    for purpose in wondering.consents:
        await give_consent(tx, met["id"], purpose, person.language, wondering.through)
    tx.publish(
        InterestRegistered(
            programme_id=tx.programme,
            version=1,
            at=tx.moment,
            interest_id=interest_id,
            visitor_id=met["id"],
            via=wondering.via,
            heard_of=wondering.heard_of,
            target_groups=wondering.target_groups,
        )
    )
