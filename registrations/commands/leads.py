"""Conversations and what becomes of them: noted with consent, followed up by someone, with outcomes years later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from registrations.commands import telling
from registrations.commands.people import give_consent
from registrations.domain.consents import Purpose
from registrations.domain.outcomes import check_outcome
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Interest, LeadChanged, LeadNoted, OutcomeKind, OutcomeSource
from registrations.statements import queries
from services.database import Transaction
from services.identity import people as accounts
from services.ids import new_id


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the host notes. `next_step_on` needs a `next_step`."""

    interest: Interest
    tags: tuple[str, ...] = ()
    note: str | None = None
    promise: str | None = None
    next_step: str | None = None
    next_step_on: date | None = None
    owner_id: UUID | None = None


class Overtaken(Exception):
    """Somebody else changed it since it was read."""


async def note_lead(
    tx: Transaction,
    booking_id: UUID,
    said: Conversation,
    *,
    consent_language: str | None,
    noted_by: UUID | None,
    attempt: UUID | None = None,
) -> UUID:
    """Note a conversation with the visitor of a booking. `consent_language` is the language in which they were asked
    and said yes; None means they did not, and then nothing may be written: `Refused`. The same `attempt` again is the
    lead that it was the first time."""
    # Before the booking: whoever forgets them, or decides about both, has locked them in this order.
    await queries.lock_visitors(tx.connection, bookings=[booking_id], visitors=[])
    booking = await queries.lock_booking(tx.connection, id=booking_id)
    if booking is None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    if consent_language is None:
        raise Refused(Reason.NO_CONSENT)
    # The same one, unless the booking changed hands between the two.
    visitor = await queries.lock_visitor(tx.connection, id=booking["visitor_id"])
    if visitor["erased_at"] is not None:
        raise Refused(Reason.ERASED)
    await _check_owner(tx, said.owner_id)
    await give_consent(tx, booking["visitor_id"], Purpose.CONVERSATION, consent_language, "stand")
    row = await queries.save_lead(
        tx.connection,
        id=new_id(tx.moment),
        programme_id=tx.programme,
        visitor_id=booking["visitor_id"],
        booking_id=booking_id,
        event_id=booking["event_id"],
        stand_id=booking["stand_id"],
        via=booking["via"],
        target_groups=list(booking["target_groups"]),
        attempt=attempt,
        noted_by=noted_by,
        moment=tx.moment,
        **_columns(said),
    )
    if row is None:
        known: UUID = await queries.lead_of_attempt(tx.connection, attempt=attempt)
        return known
    tx.publish(telling.of_lead(LeadNoted, row, tx.moment))
    lead_id: UUID = row["id"]
    return lead_id


async def change_lead(tx: Transaction, lead_id: UUID, version: int, said: Conversation) -> None:
    """Another word on a lead. Raises `Overtaken` where it is no longer at the version that was read, and `Refused`
    where nothing may be written about its visitor any more."""
    before = await _lock(tx, lead_id)
    await _check_agreed(tx, before)
    if before["version"] != version:
        raise Overtaken(str(lead_id))
    if said.owner_id != before["owner_id"]:  # whoever has left keeps theirs until somebody else takes them over
        await _check_owner(tx, said.owner_id)
    row = await queries.change_lead(tx.connection, id=lead_id, moment=tx.moment, **_columns(said))
    tx.publish(telling.of_lead(LeadChanged, row, tx.moment))


async def finish_step(tx: Transaction, lead_id: UUID) -> None:
    """The next step was taken; a second time changes nothing."""
    before = await _lock(tx, lead_id)
    await _check_agreed(tx, before)
    if before["next_step_on"] is not None and before["done_at"] is None:
        row = await queries.finish_step(tx.connection, id=lead_id, moment=tx.moment)
        tx.publish(telling.of_lead(LeadChanged, row, tx.moment))


async def log_outcome(
    tx: Transaction,
    lead_id: UUID,
    kind: OutcomeKind,
    on: date,
    *,
    adults: int | None = None,
    children: int | None = None,
    source: OutcomeSource = OutcomeSource.STAFF,
    logged_by: UUID | None = None,
) -> UUID:
    """Log what became of a lead, of as many as were booked unless told. Raises `Refused` where it cannot be so yet,
    or nothing may be written about its visitor any more."""
    lead = await _lock(tx, lead_id)
    await _check_agreed(tx, lead)
    logged = {
        OutcomeKind(row["kind"]): row["happened_on"]
        for row in await queries.outcomes_of_lead(tx.connection, lead_id=lead_id)
    }
    check_outcome(kind, on, tx.moment.date(), logged)
    booked = await queries.outcome_people(tx.connection, id=lead_id)
    row = await queries.save_outcome(
        tx.connection,
        id=new_id(tx.moment),
        programme_id=tx.programme,
        lead_id=lead_id,
        visitor_id=lead["visitor_id"],
        booking_id=lead["booking_id"],
        kind=kind,
        source=source,
        happened_on=on,
        adults=booked["adults"] if adults is None else adults,
        children=booked["children"] if children is None else children,
        via=lead["via"],
        logged_by=logged_by,
        moment=tx.moment,
    )
    tx.publish(telling.of_outcome(row, tx.moment))
    outcome_id: UUID = row["id"]
    return outcome_id


async def withdraw_outcome(tx: Transaction, lead_id: UUID, outcome_id: UUID) -> None:
    """Take a mistaken step back; a second time changes nothing."""
    await _lock(tx, lead_id)
    row = await queries.withdraw_outcome(tx.connection, id=outcome_id, lead_id=lead_id)
    if row is not None:
        tx.publish(telling.of_outcome(row, tx.moment))


async def ask_again(tx: Transaction, lead_id: UUID, language: str) -> None:
    """The visitor of a lead was asked once more, in this language, and said yes: words may be written again."""
    lead = await queries.find_lead(tx.connection, id=lead_id)
    if lead is None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    # The visitor before the lead, as where they are erased: a lead keeps its visitor, so nothing changes in between.
    visitor = await queries.lock_visitor(tx.connection, id=lead["visitor_id"])
    await _lock(tx, lead_id)
    if visitor["erased_at"] is not None:
        raise Refused(Reason.ERASED)
    await give_consent(tx, lead["visitor_id"], Purpose.CONVERSATION, language, "stand")


async def _check_agreed(tx: Transaction, lead: Mapping[str, Any]) -> None:
    """Asked once the lead is locked: whoever takes their yes back must lock it too, to forget what was said."""
    visitor = await queries.may_write(tx.connection, visitor_id=lead["visitor_id"])
    if visitor["erased_at"] is not None:
        raise Refused(Reason.ERASED)
    if not visitor["agreed"]:
        raise Refused(Reason.NO_CONSENT)


async def _check_owner(tx: Transaction, owner_id: UUID | None) -> None:
    if owner_id is not None and not await accounts.roles_in(tx, tx.programme, owner_id):
        raise Refused(Reason.NOT_A_MEMBER)


async def _lock(tx: Transaction, lead_id: UUID) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = await queries.lock_lead(tx.connection, id=lead_id)
    if row is None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    return row


def _columns(said: Conversation) -> dict[str, Any]:
    return {
        "interest": said.interest,
        "tags": list(said.tags),
        "note": said.note,
        "promise": said.promise,
        "next_step": said.next_step,
        "next_step_on": said.next_step_on,
        "owner_id": said.owner_id,
    }
