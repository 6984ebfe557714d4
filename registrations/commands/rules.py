"""How an event gives out its places: its own rules, else what is usual in its programme."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from registrations.commands.ledgers import rules_of
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.statements import queries
from services.database import Transaction


async def rules_for(tx: Transaction, event_id: UUID) -> EventRules:
    """The rules of an event as they are now; the usual ones where nothing was set."""
    rows = await queries.windows(tx.connection, events=[event_id])
    return rules_of(rows[0]) if rows else EventRules()


class Overtaken(Exception):
    """Somebody else changed the rules since they were read."""


async def usual_rules(tx: Transaction) -> EventRules:
    """What is usual in the programme."""
    row = await queries.usual_rules(tx.connection, programme_id=tx.programme)
    return rules_of(row) if row is not None else EventRules()


async def set_rules(tx: Transaction, event_id: UUID, rules: EventRules, *, version: int | None = None) -> None:
    """How an event (or, by its programme's id, every event without rules of its own) gives out its places from now on.

    Offers that are out keep the time they were given. Raises `Refused` for a draw in the past, or after the event's
    lots were drawn; `Overtaken` where `version` (0: none of its own) is not the one that was read.
    """
    if rules.draw_at is not None and event_id == tx.programme:
        raise Refused(Reason.UNDRAWN)
    if rules.draw_at is not None and rules.draw_at <= tx.moment:
        before = await queries.lock_rules(tx.connection, event_id=event_id)
        if before is None or before["draw_at"] != rules.draw_at:
            raise Refused(Reason.STARTED)
    if version and await queries.lock_rules(tx.connection, event_id=event_id) is None:
        raise Overtaken
    saved = await queries.save_rules(
        tx.connection,
        event_id=event_id,
        programme_id=tx.programme,
        line=rules.line,
        offer_hours=int(rules.offer_for.total_seconds() // 3600),
        largest_household=rules.largest_household,
        largest_group=rules.largest_group,
        confirm_address=rules.confirm_address,
        approval=rules.approval,
        change_until_hours=_hours(rules.change_until),
        cancel_until_hours=_hours(rules.cancel_until),
        draw_at=rules.draw_at,
        version=version,
    )
    if saved is None:
        raise Overtaken


def _hours(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 3600)
