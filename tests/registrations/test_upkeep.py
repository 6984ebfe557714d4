"""By the clock: offers end and go on; the invariants are counted; a new consumer is told where everything stands."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from registrations.commands import opening, rules
from registrations.domain.asking import Cancel
from registrations.domain.records import EventRules, LinePolicy
from registrations.facts import Cause
from registrations.upkeep import CHECKS, restate
from tests.registrations.worlds import World


async def broken(world: World) -> dict[str, int]:
    async with world.database.system() as tx:
        return {check.name: count for check in CHECKS if (count := await check.count(tx))}


async def test_an_offer_that_nobody_answers_goes_to_the_next_by_the_clock(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand)
    await world.hear(event, stand, slot)
    async with world.database.transaction(world.programme_id) as tx:
        await rules.set_rules(tx, event.event_id, EventRules(LinePolicy.OFFER, timedelta(hours=5), 6))
    has, first, second = (world.household(slot) for _ in range(3))
    await world.decide(has, first, second)
    await world.decide(Cancel(has.booking_id, Cause.VISITOR))
    await world.run("move-lines")
    world.clock.move(timedelta(hours=5))
    await world.run("move-lines")
    rows = {
        row["id"]: (row["status"], row["cause"]) for row in await world.rows("SELECT id, status, cause FROM bookings")
    }
    assert rows[first.booking_id] == ("cancelled", "expiry")
    assert rows[second.booking_id] == ("offered", "promotion")
    assert await broken(world) == {}


async def test_the_capacity_is_ours_once_it_is_opened_and_never_below_what_is_taken(world: World) -> None:
    import pytest

    from registrations.domain.refusals import Refused

    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=2)
    await world.hear(event, stand, slot)
    one, two, three = (world.household(slot) for _ in range(3))
    await world.decide(one, two, three)
    (pool,) = await world.rows("SELECT id FROM pools")
    with pytest.raises(Refused):
        async with world.database.transaction(world.programme_id) as tx:
            await opening.set_capacity(tx, pool["id"], 1)
    async with world.database.transaction(world.programme_id) as tx:
        await opening.set_capacity(tx, pool["id"], 3)
    await world.hear(slot)
    (row,) = await world.rows("SELECT capacity, used, waiting FROM pools")
    assert row == {"capacity": 3, "used": 3, "waiting": 0}


async def test_each_invariant_is_found_broken_when_it_is(world: World, admin: object) -> None:
    """The checks would prove nothing if they could not fail: each is broken by hand, past every guard."""
    event = world.event()
    one_stand, other_stand = world.stand(event), world.stand(event)
    slot, other = world.slot(one_stand, 1), world.slot(other_stand, 1)
    await world.hear(event, one_stand, other_stand, slot, other)
    has, waits, third = world.household(slot), world.household(slot), world.household(other)
    await world.decide(has, waits, third)
    assert await broken(world) == {}
    execute = admin.execute  # type: ignore[attr-defined]
    await execute("ALTER TABLE registrations.pools DROP CONSTRAINT pools_not_oversold")
    await execute("UPDATE registrations.pools SET used = 2 WHERE slot_id = $1", slot.slot_id)
    assert await broken(world) == {"oversold": 1, "miscounted": 1}
    await execute("UPDATE registrations.pools SET used = 1, capacity = 5 WHERE slot_id = $1", slot.slot_id)
    assert await broken(world) == {}, "within a minute the line may still be moving"
    world.clock.move(timedelta(minutes=2))
    assert await broken(world) == {"forgotten-in-line": 1}
    await execute(
        "UPDATE registrations.bookings b SET visitor_id = o.visitor_id FROM registrations.bookings o"
        " WHERE o.id = $1 AND b.id = $2",
        has.booking_id,
        third.booking_id,
    )
    assert await broken(world) == {"forgotten-in-line": 1, "doubled": 1}
    await world.run("move-lines")
    assert await broken(world) == {"doubled": 1}


async def test_a_new_consumer_is_told_where_everything_stands(world: World) -> None:
    event = world.event(households=1)
    await world.hear(event)
    one, two = world.household(event), world.household(event)
    await world.decide(one, two)
    await world.decide(Cancel(one.booking_id, Cause.VISITOR))
    async with world.database.transaction(world.programme_id) as tx:
        said = [fact async for fact in restate(tx)]
    places, *bookings = said
    assert type(places).__name__ == "PlacesChanged"
    assert {fact.identifier: type(fact).__name__ for fact in bookings} == {
        one.booking_id: "BookingCancelled",
        two.booking_id: "BookingConfirmed",
    }
    latest = {
        payload["booking_id"]: payload["version"] for what, payload in await world.told() if what.startswith("booking")
    }
    assert {str(fact.identifier): fact.version for fact in bookings} == latest
    async with world.database.transaction(uuid4()) as tx:
        assert [fact async for fact in restate(tx)] == []


async def test_who_waits_elsewhere_moves_up_with_the_very_end_of_the_offer_that_kept_them_back(world: World) -> None:
    event, home = world.event("fair", days=10), world.event("home", days=20, households=1)
    stand = world.stand(event)
    slot = world.slot(stand, 1)
    await world.hear(event, home, stand, slot)
    async with world.database.transaction(world.programme_id) as tx:
        await rules.set_rules(tx, event.event_id, EventRules(LinePolicy.OFFER, offer_for=timedelta(hours=6)))
    has, offered = world.household(slot), world.household(slot, "sanne@example.org")
    there, waits = world.household(home), world.household(home, "sanne@example.org")
    await world.decide(has, offered, there, waits)
    await world.decide(Cancel(has.booking_id, Cause.VISITOR))
    await world.decide(Cancel(there.booking_id, Cause.VISITOR))
    status = "SELECT status FROM bookings WHERE id = $1"
    assert [await world.rows(status, one.booking_id) for one in (offered, waits)] == [
        [{"status": "offered"}],
        [{"status": "waiting"}],
    ]
    world.clock.move(timedelta(days=1))
    await world.run("move-lines")
    assert [await world.rows(status, one.booking_id) for one in (offered, waits)] == [
        [{"status": "cancelled"}],
        [{"status": "confirmed"}],
    ]
