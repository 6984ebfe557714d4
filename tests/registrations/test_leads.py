"""Consent, leads and outcomes: what hosts note, who follows it up, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from registrations.commands import leads, people
from registrations.commands.leads import Conversation, Overtaken
from registrations.domain.consents import Purpose
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Interest, OutcomeKind
from tests.registrations.noted import SAID, family, lead
from tests.registrations.worlds import World


async def test_a_conversation_is_noted_with_consent_and_told_without_its_words(world: World) -> None:
    await lead(world, await family(world))
    (row,) = await world.rows("SELECT note, tags, version FROM leads")
    assert row == {"note": "Looking for a small farm", "tags": ["nurse", "farm"], "version": 1}
    (consent,) = await world.rows("SELECT purpose, language, given_through FROM people.consents")
    assert consent == {"purpose": "conversation", "language": "nl", "given_through": "stand"}
    what, payload = (await world.told())[-1]
    assert (what, payload["interest"], payload["next_step_on"]) == ("lead.noted", "hot", "2026-04-20")
    assert "farm" not in str(payload)


async def test_without_consent_nothing_is_written(world: World) -> None:
    booking_id = await family(world)
    with pytest.raises(Refused) as caught:
        async with world.database.transaction(world.programme_id) as tx:
            await leads.note_lead(tx, booking_id, SAID, consent_language=None, noted_by=None)
    assert caught.value.reason is Reason.NO_CONSENT
    assert await world.rows("SELECT 1 FROM leads") == []


async def test_a_lead_is_followed_up_by_somebody_with_a_role_in_the_programme(world: World) -> None:
    booking_id = await family(world)
    strange = replace(SAID, owner_id=UUID(int=7))
    with pytest.raises(Refused) as caught:
        async with world.database.transaction(world.programme_id) as tx:
            await leads.note_lead(tx, booking_id, strange, consent_language="nl", noted_by=None)
    assert caught.value.reason is Reason.NOT_A_MEMBER
    assert await world.rows("SELECT 1 FROM leads") == await world.rows("SELECT 1 FROM people.consents") == []
    lead_id = await lead(world, booking_id)
    with pytest.raises(Refused):
        async with world.database.transaction(world.programme_id) as tx:
            await leads.change_lead(tx, lead_id, 1, strange)


async def test_two_hosts_who_change_one_lead_are_told_apart(world: World) -> None:
    lead_id = await lead(world, await family(world))
    async with world.database.transaction(world.programme_id) as tx:
        await leads.change_lead(tx, lead_id, 1, Conversation(Interest.WARM))
    with pytest.raises(Overtaken):
        async with world.database.transaction(world.programme_id) as tx:
            await leads.change_lead(tx, lead_id, 1, Conversation(Interest.COLD))
    (row,) = await world.rows("SELECT interest, version FROM leads")
    assert row == {"interest": "warm", "version": 2}


async def test_outcomes_come_in_their_order_and_not_before_their_time(world: World) -> None:
    lead_id = await lead(world, await family(world))

    async def log(kind: OutcomeKind, on: date) -> Reason | None:
        try:
            async with world.database.transaction(world.programme_id) as tx:
                await leads.log_outcome(tx, lead_id, kind, on)
        except Refused as refused:
            return refused.reason
        return None

    today = world.moment().date()
    assert await log(OutcomeKind.STILL_HERE_12, today) is Reason.TOO_EARLY, "never moved"
    assert await log(OutcomeKind.MOVED, today + timedelta(days=1)) is Reason.TOO_EARLY, "in the future"
    assert await log(OutcomeKind.MOVED, today) is None
    assert await log(OutcomeKind.MOVED, today) is Reason.ALREADY_LOGGED
    world.clock.move(timedelta(days=364))
    assert await log(OutcomeKind.STILL_HERE_12, world.moment().date()) is Reason.TOO_EARLY, "a day too soon"
    world.clock.move(timedelta(days=1))
    assert await log(OutcomeKind.STILL_HERE_12, world.moment().date()) is None
    rows = await world.rows("SELECT kind, adults, children FROM outcomes ORDER BY logged_at")
    assert [tuple(row.values()) for row in rows] == [("moved", 2, 2), ("still_here_12", 2, 2)]


async def test_a_mistaken_outcome_is_taken_back_and_may_be_logged_again(world: World) -> None:
    lead_id = await lead(world, await family(world))
    today = world.moment().date()
    async with world.database.transaction(world.programme_id) as tx:
        outcome_id = await leads.log_outcome(tx, lead_id, OutcomeKind.JOB, today)
    for _ in range(2):
        async with world.database.transaction(world.programme_id) as tx:
            await leads.withdraw_outcome(tx, lead_id, outcome_id)
    async with world.database.transaction(world.programme_id) as tx:
        await leads.log_outcome(tx, lead_id, OutcomeKind.JOB, today)
    told = [payload["withdrawn"] for what, payload in await world.told() if what == "outcome.logged"]
    assert told == [False, True, False]


async def test_consent_taken_back_forgets_what_was_said(world: World) -> None:
    await lead(world, await family(world))
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    async with world.database.transaction(world.programme_id) as tx:
        await people.withdraw_consent(tx, visitor["id"], Purpose.CONVERSATION)
    (row,) = await world.rows("SELECT note, promise, next_step, next_step_on, tags, owner_id FROM leads")
    assert list(row.values()) == [None, None, None, None, [], None]
    (proof,) = await world.rows("SELECT withdrawn_at FROM people.consents")
    assert proof["withdrawn_at"] == world.moment()


async def test_nothing_is_written_about_who_took_their_yes_back_until_they_say_it_again(world: World) -> None:
    lead_id = await lead(world, await family(world))
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    async with world.database.transaction(world.programme_id) as tx:
        await people.withdraw_consent(tx, visitor["id"], Purpose.CONVERSATION)
    assert await written(world, lead_id, 2) == [Reason.NO_CONSENT] * 3
    assert await world.rows("SELECT note, version FROM leads") == [{"note": None, "version": 2}]
    assert await world.rows("SELECT 1 FROM outcomes") == []
    async with world.database.transaction(world.programme_id) as tx:
        await leads.ask_again(tx, lead_id, "nl")
    assert await written(world, lead_id, 2) == [None] * 3


async def test_nothing_is_written_about_who_was_forgotten(world: World) -> None:
    lead_id = await lead(world, await family(world))
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    async with world.database.transaction(world.programme_id) as tx:
        await people.erase(tx, visitor["id"])
    told = len(await world.told())
    assert await written(world, lead_id, 2) == [Reason.ERASED] * 3
    with pytest.raises(Refused):
        async with world.database.transaction(world.programme_id) as tx:
            await leads.ask_again(tx, lead_id, "nl")
    assert len(await world.told()) == told
    assert await world.rows("SELECT note FROM leads") == [{"note": None}]
    assert await world.rows("SELECT 1 FROM outcomes") == []


async def written(world: World, lead_id: UUID, version: int) -> list[Reason | None]:
    """Why a note, a finished step and an outcome were refused, each in a transaction of its own; None: written."""
    found: list[Reason | None] = []
    for write in (
        lambda tx: leads.change_lead(tx, lead_id, version, SAID),
        lambda tx: leads.finish_step(tx, lead_id),
        lambda tx: leads.log_outcome(tx, lead_id, OutcomeKind.JOB, tx.moment.date()),
    ):
        try:
            async with world.database.transaction(world.programme_id) as tx:
                await write(tx)
            found.append(None)
        except Refused as refused:
            found.append(refused.reason)
    return found
