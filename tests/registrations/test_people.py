"""Being forgotten, by one's own wish and by the rules; and who is reached, in which language."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from registrations.commands import people
from registrations.commands.check_in import Scan, check_in
from registrations.commands.people import Wondering
from registrations.domain.applications import Person
from registrations.domain.consents import Purpose
from registrations.domain.retention import CONSENT_KEPT, HOUSEHOLD_KEPT
from services.database import Database
from services.keys import Keys
from tests.registrations.noted import family, lead
from tests.registrations.worlds import World


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
