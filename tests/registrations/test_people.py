"""Consent, leads and outcomes, and being forgotten: by one's own wish and by the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from registrations.commands import leads, people
from registrations.commands.check_in import Scan, check_in
from registrations.commands.leads import Conversation, Overtaken
from registrations.commands.people import Wondering
from registrations.domain.applications import Person
from registrations.domain.consents import Purpose
from registrations.domain.household import Household
from registrations.domain.refusals import Reason, Refused
from registrations.domain.retention import CONSENT_KEPT, HOUSEHOLD_KEPT
from registrations.facts import Interest, OutcomeKind
from services.database import Database
from services.keys import Keys
from tests.registrations.worlds import World

SAID = Conversation(
    Interest.HOT,
    tags=("nurse", "farm"),
    note="Looking for a small farm",
    promise="Send the list of farms",
    next_step="Call",
    next_step_on=date(2026, 4, 20),
)


async def family(world: World, **more: object) -> UUID:
    event = world.event(f"event-{uuid4().hex[:6]}", households=5)
    await world.hear(event)
    application = world.household(event, household=Household(2, children_3_5=2), **more)
    await world.decide(application)
    return application.booking_id


async def lead(world: World, booking_id: UUID) -> UUID:
    async with world.database.transaction(world.programme_id) as tx:
        return await leads.note_lead(tx, booking_id, SAID, consent_language="nl", noted_by=UUID(int=7))


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


async def test_who_asks_to_be_forgotten_is_and_their_place_goes_on(world: World) -> None:
    event = world.event("fair")
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    one, waits = world.household(slot, "sanne@example.org"), world.household(slot)
    await world.decide(one, waits)
    await lead(world, one.booking_id)
    (visitor,) = await world.rows("SELECT id FROM people.visitors WHERE email_key = 'sanne@example.org'")
    for _ in range(2):
        async with world.database.transaction(world.programme_id) as tx:
            await people.erase(tx, visitor["id"])
    (left,) = await world.rows(
        "SELECT name, email, email_key, sort_key FROM people.visitors WHERE id = $1", visitor["id"]
    )
    assert list(left.values()) == [None, None, None, None]
    assert await world.rows("SELECT 1 FROM people.households WHERE visitor_id = $1", visitor["id"]) == []
    (words,) = await world.rows("SELECT note, tags FROM leads")
    assert words == {"note": None, "tags": []}
    assert await world.rows("SELECT 1 FROM token_directory WHERE booking_id = $1", one.booking_id) == []
    rows = {
        row["id"]: (row["status"], row["cause"]) for row in await world.rows("SELECT id, status, cause FROM bookings")
    }
    assert rows == {one.booking_id: ("cancelled", "erasure"), waits.booking_id: ("confirmed", "promotion")}
    told = await world.told()
    assert [what for what, _ in told].count("visitor.erased") == 1
    assert "sanne" not in str(told).lower()
    again = world.household(slot, "sanne@example.org")
    await world.decide(again)
    assert len(await world.rows("SELECT 1 FROM people.visitors WHERE email_key = 'sanne@example.org'")) == 1


async def test_who_came_and_asks_to_be_forgotten_is_still_counted_as_one_who_came(world: World) -> None:
    event = world.event("day", households=2, days=0.1)
    await world.hear(event)
    family_of = world.household(event)
    await world.decide(family_of)
    async with world.database.transaction(world.programme_id) as tx:
        await check_in(tx, Scan(event.event_id, family_of.booking_id, uuid4(), tx.moment))
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    async with world.database.transaction(world.programme_id) as tx:
        await people.erase(tx, visitor["id"])
    assert await world.rows("SELECT status, adults FROM bookings") == [{"status": "attended", "adults": 2}]
    assert await world.rows("SELECT used FROM pools") == [{"used": 1}]


async def test_notifications_reaches_a_visitor_of_its_own_programme_and_nobody_else(
    world: World, database: str, keys: Keys
) -> None:
    await family(world)
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    notifications = Database("notifications", database, keys, world.clock)
    await notifications.open()
    try:
        contact = "SELECT * FROM people.contact_for($1, NULL)"
        async with notifications.transaction(world.programme_id) as tx:
            assert (await tx.connection.fetchrow(contact, visitor["id"]))["name"] == "Sanne de Vries"
        async with notifications.transaction(uuid4()) as tx:
            assert await tx.connection.fetchrow(contact, visitor["id"]) is None
        async with world.database.transaction(world.programme_id) as tx:
            await people.erase(tx, visitor["id"])
        async with notifications.transaction(world.programme_id) as tx:
            assert await tx.connection.fetchrow(contact, visitor["id"]) is None
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with notifications.transaction(world.programme_id) as tx:
                await tx.connection.fetch("SELECT * FROM people.visitors")
    finally:
        await notifications.close()


async def test_each_bookings_mails_are_in_the_language_and_under_the_name_it_was_made_in(
    world: World, database: str, keys: Keys
) -> None:
    spring = await family(world, person=Person("Sane de Vries", "sanne@example.org", "en"))
    autumn = await family(world, person=Person("Sanne de Vries", "Sanne@example.org", "nl"))
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    notifications = Database("notifications", database, keys, world.clock)
    await notifications.open()

    async def contact(booking_id: UUID | None) -> tuple[str, str]:
        async with notifications.transaction(world.programme_id) as tx:
            row = await tx.connection.fetchrow("SELECT * FROM people.contact_for($1, $2)", visitor["id"], booking_id)
        return row["name"], row["language"]

    try:
        assert await contact(spring) == ("Sane de Vries", "en")
        assert await contact(autumn) == ("Sanne de Vries", "nl")
        assert await contact(None) == ("Sane de Vries", "nl"), "the language of their last wish"
        async with world.database.transaction(world.programme_id) as tx:
            await people.set_language(tx, visitor["id"], "nb")
        assert [language for _, language in [await contact(one) for one in (spring, autumn)]] == ["nb", "nb"]
    finally:
        await notifications.close()


async def test_the_rules_forget_who_has_no_reason_to_be_kept_and_keep_who_has(world: World) -> None:
    await family(world)
    await family(world, consents=(Purpose.FOLLOW_UP,))
    lead_of = await family(world)
    await lead(world, lead_of)
    world.clock.move(timedelta(days=11) + HOUSEHOLD_KEPT)
    await world.run("forget")
    assert await world.rows("SELECT 1 FROM people.households") == []
    rows = await world.rows(
        "SELECT count(*) FILTER (WHERE erased_at IS NULL) AS kept, count(*) AS every FROM people.visitors"
    )
    assert rows == [{"kept": 2, "every": 3}]
    assert [what for what, _ in await world.told()].count("visitor.erased") == 1
    world.clock.move(CONSENT_KEPT)
    await world.run("forget")
    (left,) = await world.rows("SELECT count(*) FILTER (WHERE erased_at IS NULL) AS kept FROM people.visitors")
    assert left == {"kept": 0}
    (words,) = await world.rows("SELECT note, tags FROM leads")
    assert words == {"note": None, "tags": []}


async def test_wanting_to_hear_more_is_kept_once_however_often_it_is_sent(world: World) -> None:
    wondering = Wondering(
        Person("Ola", "ola@example.org", "nb"), uuid4(), consents=(Purpose.FOLLOW_UP,), message="Is there a school?"
    )
    for _ in range(2):
        async with world.database.transaction(world.programme_id) as tx:
            await people.register_interest(tx, wondering)
    assert [what for what, _ in await world.told()] == ["interest.registered"]
    (row,) = await world.rows("SELECT message FROM interests")
    assert row == {"message": "Is there a school?"}


async def test_my_data_says_everything_that_is_kept(world: World) -> None:
    await lead(world, await family(world))
    (visitor,) = await world.rows("SELECT id FROM people.visitors")
    async with world.database.transaction(world.programme_id) as tx:
        data = await people.my_data(tx, visitor["id"])
    assert data is not None
    assert data["name"] == "Sanne de Vries"
    assert data["bookings"][0]["children_3_5"] == 2
    assert data["conversations"][0]["note"] == "Looking for a small farm"
    assert data["consents"][0]["purpose"] == "conversation"
