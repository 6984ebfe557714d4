"""What comes along to a copied event: what the first one asks, and how it gives its places out."""

from __future__ import annotations

from uuid import UUID

from registrations.commands import questions
from registrations.statements import queries
from services.database import Transaction


async def carry_over(tx: Transaction, event_id: UUID, from_event: UUID) -> None:
    """A copied event asks what the first one asked when we heard of it, and has that one's own rules, if it had any.
    Once only: what is changed there afterwards stays as it is, however often the event is told of.

    Where the copy has questions of its own already, it takes over what there is room for: a copy that asks less can be
    mended, and organisers are shown what was left out (`left_out`); one that takes no bookings loses them.

    Lots are drawn for one event at one moment, so that moment stays behind. A first one that is itself a copy, and was
    not given its own yet, is given it first: facts of two events come in any order.
    """
    carried = await queries.carry_questions(
        tx.connection, event_id=event_id, programme_id=tx.programme, from_event_id=from_event, moment=tx.moment
    )
    if carried is not None:
        further = await queries.still_to_carry(tx.connection, event_id=from_event)
        if further is not None:
            await carry_over(tx, from_event, further)
        left_out = await questions.copy_what_fits(tx, event_id, from_event)
        await queries.keep_left_out(tx.connection, event_id=event_id, left_out=left_out)
        await queries.carry_rules(tx.connection, event_id=event_id, from_event_id=from_event)
