"""On the day: families come at their time, walk in, and talk; what they look for is noted where they agree."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from registrations.commands import check_in, leads
from registrations.commands.check_in import Scan
from registrations.commands.leads import Conversation
from registrations.demo.dice import one_of
from registrations.demo.families import NEXT_STEPS, PROMISES, TALKS, family, language_for
from registrations.demo.stage import Event, Stage
from registrations.domain.applications import Application
from registrations.facts import Interest, OutcomeKind, OutcomeSource
from registrations.statements import queries
from services.database import Transaction
from services.identity import people as accounts
from services.ids import new_id
from services.routes import Role

COME = 0.86
AGREE = 0.62
"""How many of those we talk with say yes to being noted."""
WALK_INS = {"emigratiebeurs": 18, "apen-bygdehelg": 7}
NEWCOMERS = {"apen-bygdehelg": 2}
"""Walk-ins of the first day who moved here one year ago or two, in turn, and came to tell."""


async def receive(stage: Stage, event: Event, rolls: random.Random) -> None:
    """Everyone whose time is today, in the order of their times, and those who just come by."""
    hosts = await _hosts(stage)
    async with stage.context.database.transaction(stage.programme_id) as tx:
        rows = await queries.due_on_day(
            tx.connection,
            event_id=event.id,
            since=tx.moment - timedelta(hours=8),
            until=tx.moment + timedelta(hours=16),
        )
    for row in rows:
        if rolls.random() > COME:
            continue
        stage.move_to(row["starts_at"])
        async with stage.context.database.transaction(stage.programme_id) as tx:
            await check_in.check_in(tx, Scan(event.id, row["id"], new_id(tx.moment), tx.moment))
            if rolls.random() < AGREE:
                await _talk(tx, row["id"], row["language"], rolls, hosts)
    real = [stand.id for stand in event.stands if stand.id is not None]
    for number in range(WALK_INS.get(event.slug, 0) if real else 0):
        await _walk_in(stage, event, rolls.choice(real), number, rolls, hosts)


async def _walk_in(
    stage: Stage, event: Event, stand_id: UUID, number: int, rolls: random.Random, hosts: Sequence[UUID]
) -> None:
    stage.move_to(stage.context.clock.now() + timedelta(minutes=7))
    who = family(rolls, language_for(event.slug, rolls), stage.day, 50 + number, stage.groups)
    async with stage.context.database.transaction(stage.programme_id) as tx:
        application = Application(
            person=who.person,
            household=who.household,
            booking_id=new_id(tx.moment),
            event_id=event.id,
            slot_id=None,
            stand_id=stand_id,
            wait=False,
            attempt=new_id(tx.moment),
            through="stand",
            consents=who.consents,
            lives_in=who.lives_in,
            moving=who.moving,
            looking_for=who.looking_for,
            heard_of=who.heard_of,
            by_staff=True,
            walk_in=True,
        )
        booking_id = await check_in.walk_in(tx, stage.context.keys, application, None)
        newcomer = stage.day == event.starts_on and number < NEWCOMERS.get(event.slug, 0)
        if newcomer or rolls.random() < AGREE:
            lead_id = await _talk(tx, booking_id, who.person.language, rolls, hosts)
            if newcomer:
                await _moved_long_ago(tx, lead_id, 1 + number % 2, rolls)


async def _moved_long_ago(tx: Transaction, lead_id: UUID, years: int, rolls: random.Random) -> None:
    today = tx.moment.date()
    moved = today - timedelta(days=rolls.randrange(380, 460) + 365 * (years - 1))
    told = OutcomeSource.SELF_REPORTED
    await leads.log_outcome(tx, lead_id, OutcomeKind.MOVED, moved, source=told)
    for number, kind in enumerate((OutcomeKind.STILL_HERE_12, OutcomeKind.STILL_HERE_24)[:years], start=1):
        await leads.log_outcome(tx, lead_id, kind, min(today, moved + timedelta(days=370 * number)), source=told)


async def _talk(tx: Transaction, booking_id: UUID, language: str, rolls: random.Random, hosts: Sequence[UUID]) -> UUID:
    note, tags = rolls.choice(TALKS)
    has_step = rolls.random() < 0.75
    said = Conversation(
        interest=one_of(rolls, [(Interest.HOT, 3.0), (Interest.WARM, 5.0), (Interest.COLD, 2.0)]),
        tags=tuple(tag.strip() for tag in tags.split(",")),
        note=note,
        promise=rolls.choice(PROMISES),
        next_step=rolls.choice(NEXT_STEPS) if has_step else None,
        next_step_on=tx.moment.date() + timedelta(days=rolls.randrange(3, 24)) if has_step else None,
        owner_id=rolls.choice(hosts) if hosts else None,
    )
    return await leads.note_lead(tx, booking_id, said, consent_language=language, noted_by=said.owner_id)


async def _hosts(stage: Stage) -> list[UUID]:
    async with stage.context.database.transaction(stage.programme_id) as tx:
        members = await accounts.members(tx, stage.programme_id)
    return [one.account_id for one in members if one.roles & {Role.STAND_HOST, Role.ORGANISER}]
