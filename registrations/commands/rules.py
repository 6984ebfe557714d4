"""How an event gives out its places: its own rules, else what is usual in its programme."""

from __future__ import annotations

from datetime import datetime, timedelta
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

    Offers that are out keep the time they were given. Raises `Refused` for a draw in the past, before one can book, or
    once the first place has begun; `Overtaken` where `version` (0: none of its own) is not the one that was read.
    """
    if rules.draw_at is not None:
        await _check_draw(tx, event_id, rules.draw_at)
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


async def _check_draw(tx: Transaction, event_id: UUID, draw_at: datetime) -> None:
    if event_id == tx.programme:
        raise Refused(Reason.UNDRAWN)
    before = await queries.lock_rules(tx.connection, event_id=event_id)
    if draw_at <= tx.moment:
        if before is None or before["draw_at"] != draw_at:
            raise Refused(Reason.DRAW_PASSED)
        return
    may_be = await queries.when_drawn(tx.connection, event_id=event_id)
    if may_be is None or (before is not None and before["drawn_at"] is not None):
        return
    if may_be["opens_at"] is not None and draw_at <= may_be["opens_at"]:
        raise Refused(Reason.DRAW_TOO_EARLY, opens_at=may_be["opens_at"])
    if draw_at >= may_be["begins_at"]:
        raise Refused(Reason.DRAW_TOO_LATE, begins_at=may_be["begins_at"])


def _hours(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 3600)
