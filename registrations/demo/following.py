"""After the event: calls are made, some are put off; through the year families visit, find work and homes, and move."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from registrations.commands import leads, people
from registrations.commands.leads import Conversation
from registrations.demo.families import NEXT_STEPS
from registrations.demo.stage import Stage
from registrations.domain.consents import Purpose
from registrations.facts import Interest, OutcomeKind, OutcomeSource
from registrations.statements import queries

CALLED = 0.14
"""How many of the day's steps are taken that day; the others are late the next."""
STEPS = (
    # (what, how often on a day while anybody could, what comes before it: one of these, or nothing)
    (OutcomeKind.VISIT_TRIP, 0.09, ()),
    (OutcomeKind.JOB, 0.045, (OutcomeKind.VISIT_TRIP,)),
    (OutcomeKind.HOUSE, 0.04, (OutcomeKind.VISIT_TRIP, OutcomeKind.JOB)),
    (OutcomeKind.MOVED, 0.045, (OutcomeKind.JOB, OutcomeKind.HOUSE)),
)


async def follow_up(stage: Stage, rolls: random.Random) -> None:
    """The day's calls, and what became of some."""
    async with stage.context.database.transaction(stage.programme_id) as tx:
        today = tx.moment.date()
        due = await queries.leads_due(tx.connection, day=today, owner=None, many=40)
        if not due and not await queries.any_lead(tx.connection):
            return
        for row in due:
            if rolls.random() < CALLED:
                await leads.finish_step(tx, row["id"])
                if rolls.random() < 0.9:
                    await _plan_again(tx, row, rolls)
        for kind, often, before in STEPS:
            if rolls.random() < often:
                await _become(tx, kind, [str(one) for one in before], rolls)


async def _plan_again(tx: Any, row: Mapping[str, Any], rolls: random.Random) -> None:
    lead = await queries.find_lead(tx.connection, id=row["id"])
    said = Conversation(
        interest=Interest(lead["interest"]),
        tags=tuple(lead["tags"]),
        note=lead["note"],
        promise=lead["promise"],
        next_step=rolls.choice(NEXT_STEPS),
        next_step_on=tx.moment.date() + timedelta(days=rolls.randrange(14, 60)),
        owner_id=lead["owner_id"],
    )
    await leads.change_lead(tx, row["id"], lead["version"], said)


async def _become(tx: Any, kind: OutcomeKind, before: list[str], rolls: random.Random) -> None:
    """Somebody of those for whom it may come next; the keen ones first."""
    rows = await queries.leads_ready_for(tx.connection, kind=kind, before=before)
    if rows:
        lead = rows[min(int(rolls.expovariate(0.4)), len(rows) - 1)]
        told = rolls.choice((OutcomeSource.SELF_REPORTED, OutcomeSource.STAFF))
        await leads.log_outcome(tx, lead["id"], kind, tx.moment.date(), source=told)
        await people.give_consent(tx, lead["visitor_id"], Purpose.FOLLOW_UP, lead["language"], "stand")
