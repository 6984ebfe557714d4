"""A copied event is not booked before it has the rules and questions of the first one, however they are late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.facts import EventPublished
from registrations.commands import copies, ledgers
from registrations.commands.answers import questions_of
from registrations.commands.rules import rules_for, set_rules
from registrations.domain.applications import Item
from registrations.domain.asking import Came, Choose, Move
from registrations.domain.ledger import Ledger
from registrations.domain.records import EventRules, LinePolicy
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Cause
from tests.registrations.asked import BED, ask_for
from tests.registrations.desks import Desk
from tests.registrations.test_api import FAMILY, ask
from tests.registrations.worlds import World

RULES = EventRules(line=LinePolicy.OFFER, approval=True)
REGISTER = "/en/register/again"


async def first_one(world: World) -> UUID:
    """An event that asks something, and at which staff approve each booking."""
    event = world.event("first", households=9)
    await world.programme()
    await world.hear(event)
    await ask_for(world, event.event_id, BED)
    async with world.database.transaction(world.programme_id) as tx:
        await set_rules(tx, event.event_id, RULES)
    return event.event_id


async def copied(world: World, from_event: UUID, slug: str = "again") -> EventPublished:
    """A copy that was put before the public, while what it was to be given is not there yet."""
    again = world.event(slug, households=9, days=20, copied_from=from_event)
    await world.hear(again, but="questions")
    return again


async def answer(world: World, item: Item) -> Reason | Came:
    (found,) = await world.decide(item)
    return found.reason if isinstance(found, Refused) else found.came


async def test_no_visitor_gets_by_the_rules_and_questions_that_are_still_to_come(world: World) -> None:
    plain = world.event("plain", households=9)
    await world.hear(plain)
    theirs = world.household(plain)
    await world.decide(theirs)
    again = await copied(world, await first_one(world))
    wishes: Sequence[Item] = (
        world.household(again, wait=False),
        world.household(again, wait=True),
        world.household(again, through="api", answers={}),
        Choose(uuid4(), again.event_id, None, 2, 0),
        Move(theirs.booking_id, None, Cause.VISITOR, again.event_id),
    )
    for wish in wishes:
        assert await answer(world, wish) is Reason.OPENS_SHORTLY, wish
    await world.hear(again)
    assert await answer(world, world.household(again, answers={})) is Reason.ANSWERS
    assert await answer(world, world.household(again)) is Came.BOOKED
    (row,) = await world.rows("SELECT awaits FROM bookings WHERE event_id = $1", again.event_id)
    assert row["awaits"] == "approval"


async def test_staff_who_say_yes_by_booking_put_somebody_in_all_the_same(world: World) -> None:
    again = await copied(world, await first_one(world))
    assert await answer(world, world.household(again, by_staff=True)) is Came.BOOKED


async def test_questions_that_come_while_a_booking_is_decided_are_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event is ready by the time that its window is read: what it asks must not have been read before."""
    first = await first_one(world)
    again = await copied(world, first)
    read = ledgers.read

    async def comes_between(*given: Any, **more: Any) -> Ledger:
        async with world.database.transaction(world.programme_id) as tx:
            await copies.carry_over(tx, again.event_id, first)
        return await read(*given, **more)

    monkeypatch.setattr(ledgers, "read", comes_between)
    assert await answer(world, world.household(again, answers={})) is Reason.ANSWERS


async def test_an_event_that_is_no_copy_or_whose_first_one_is_gone_is_booked(world: World) -> None:
    orphan = world.event("orphan", households=9, copied_from=uuid4())
    await world.hear(orphan)
    plain = world.event("plain", households=9, days=12)
    await world.hear(plain, but="questions")
    for event in (orphan, plain):
        assert await answer(world, world.household(event)) is Came.BOOKED


async def test_pages_and_programs_are_told_that_it_opens_shortly(desk: Desk) -> None:
    again = await copied(desk.world, await first_one(desk.world))
    page = await desk.get(REGISTER)
    assert page.status == 200 and "Opening shortly" in page.text and 'name="email"' not in page.text
    status, told = await ask(desk, "POST", "/api/v1/events/again/bookings", FAMILY)
    assert (status, told["code"]) == (409, "opens-shortly")
    await desk.world.hear(again)
    page = await desk.get(REGISTER)
    assert "Where do you sleep?" in page.text
    assert await desk.world.rows("SELECT 1 AS x FROM bookings") == []


async def test_a_copy_of_a_copy_has_what_the_first_one_was_still_to_be_given(world: World) -> None:
    between = await copied(world, await first_one(world), "between")
    last = world.event("last", households=9, days=30, copied_from=between.event_id)
    await world.hear(last)
    async with world.database.transaction(world.programme_id) as tx:
        for event in (between, last):
            assert [one.labels for one in await questions_of(tx, event.event_id)] == [BED.labels]
            assert await rules_for(tx, event.event_id) == RULES
    await world.hear(between)
    async with world.database.transaction(world.programme_id) as tx:
        assert len(await questions_of(tx, between.event_id)) == 1
