"""The demo's days: families book, wait, come and talk by the service's own commands, and every rule holds each day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from registrations.demo import play
from registrations.upkeep import CHECKS
from services.clock import MovedClock
from tests.registrations.worlds import World


async def test_a_month_before_and_a_month_after_a_fair(world: World, clock: MovedClock) -> None:
    first = datetime.combine(world.moment().date(), time(8), UTC)
    clock.move_to(first)
    event = world.event("emigratiebeurs", days=26)
    stand = world.stand(event)
    slots = [world.slot(stand, 1, days=26 + number / 48) for number in range(12)]
    await world.programme("blest-i-havlandet")
    await world.hear(event, stand, *slots)
    context = world.context()
    for number in range(50):
        clock.move_to(first + timedelta(days=number))
        await play(context, clock.now().date())
        await world.run("move-lines")
        async with world.database.system() as tx:
            assert {check.name: await check.count(tx) for check in CHECKS} == {check.name: 0 for check in CHECKS}
    counts = {
        row["status"]: row["many"]
        for row in await world.rows("SELECT status, count(*) AS many FROM bookings GROUP BY 1")
    }
    assert counts["attended"] > 10
    (leads,) = await world.rows("SELECT count(*) AS many, count(*) FILTER (WHERE version > 1) AS followed FROM leads")
    assert leads["many"] > 5 and leads["followed"] > 0
    clicked = await world.rows("SELECT 1 FROM bookings WHERE via IS NOT NULL")
    assert clicked, "some of them come by the demo's clicks"
    assert clock.now().time() <= time(16), "the demo's day does not outlast the day"


async def test_a_homecoming_day_asks_and_its_families_answer(world: World, clock: MovedClock) -> None:
    clock.move_to(datetime.combine(world.moment().date(), time(8), UTC))
    event = world.event("hjemkomstdag", days=4)
    stand = world.stand(event)
    await world.programme("blest-i-havlandet")
    await world.hear(event, stand, *(world.slot(stand, 8, days=4 + number / 48) for number in range(12)))
    for _ in range(2):
        await play(world.context(), clock.now().date())
        clock.move(timedelta(days=1))
    asked = await world.rows("SELECT kind, labels FROM questions ORDER BY position")
    assert [row["kind"] for row in asked] == ["choice", "number", "consent"], "asked once"
    assert all({"nb", "nn", "en"} <= row["labels"].keys() for row in asked)
    bookings = await world.rows("SELECT 1 FROM bookings WHERE status IN ('confirmed', 'waiting')")
    counts = {
        row["kind"]: row["many"]
        for row in await world.rows(
            "SELECT q.kind, count(*) AS many FROM people.answers a JOIN questions q ON q.id = a.question_id GROUP BY 1"
        )
    }
    assert counts["choice"] >= len(bookings) > 3 and counts["number"] > 0 and counts["consent"] > 0


async def test_a_day_without_events_does_nothing(world: World) -> None:
    await play(world.context(), world.moment().date())
    assert await world.told() == []
