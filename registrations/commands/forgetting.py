"""Erasing what no rule lets us keep: households and words first, then the visitors for whom nothing is left.

The task does it for all programmes by the clock; an organiser may do it for theirs at once. Both go this way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from registrations.commands import people
from registrations.commands.together import anew
from registrations.domain.retention import CONSENT_KEPT, HOUSEHOLD_KEPT, INTEREST_KEPT, VISITOR_KEPT
from registrations.statements import queries
from services.context import Context
from services.database import Transaction

AT_ONCE = 200
"""Visitors forgotten per run; the next run takes the next."""

Found = tuple[Callable[..., Awaitable[Any]], Any]
"""By which rule a visitor is to be forgotten, to be asked again once nobody can change it any more; and their row."""


async def expire(tx: Transaction) -> Sequence[Found]:
    """Erase households, conversations and what was written to hear more, where their time is over; the visitors whose
    own time is over too. Of one programme, or of all in a system transaction."""
    await queries.expire_households(tx.connection, before=tx.moment - HOUSEHOLD_KEPT)
    await queries.expire_leads(tx.connection, before=tx.moment - CONSENT_KEPT)
    await queries.expire_interests(tx.connection, before=tx.moment - INTEREST_KEPT)
    rules = by_rule(tx.moment, AT_ONCE), partial(queries.never_answered, moment=tx.moment)
    return [(find, row) for find in rules for row in await find(tx.connection, only=None)]


def by_rule(moment: datetime, many: int) -> Callable[..., Awaitable[Any]]:
    """Finds the visitors who must be forgotten by `moment`, if nothing new happens until then."""
    return partial(
        queries.visitors_to_forget,
        moment=moment,
        visitor_before=moment - VISITOR_KEPT,
        consent_before=moment - CONSENT_KEPT,
        interest_before=moment - INTEREST_KEPT,
        many=many,
    )


async def erase(context: Context, found: Sequence[Found]) -> None:
    """Forget visitors, each in a transaction of its own, where the rule still says so."""
    for find, row in found:
        await anew(context, row["programme_id"], partial(people.erase, visitor_id=row["id"], if_still=find))


SOON = timedelta(days=30)
MOST = 1000
"""How far a number of people is counted that nobody acts on one by one."""
