"""Where lots decide who gets a place: the form says so, and whoever sends it takes part without a box to tick."""

from __future__ import annotations

from uuid import uuid4

from registrations.commands import rules
from registrations.domain.records import EventRules
from tests.registrations.desks import Desk
from tests.registrations.test_api import FAMILY as BY_API
from tests.registrations.test_api import ask
from tests.registrations.test_register_page import FAMILY, fair


async def lottery(desk: Desk, *capacities: int, days: float = 5) -> list[str]:
    """A fair with a slot of each capacity, whose lots are drawn in so many days."""
    event, slots = await fair(desk, *capacities)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, event.event_id, EventRules(draw_at=desk.world.moment(days)))
    return [str(slot.slot_id) for slot in slots]


async def test_the_form_says_that_lots_decide_and_whoever_sends_it_takes_part(desk: Desk) -> None:
    (slot,) = await lottery(desk, 7)
    page = await desk.get("/en/register/fair")
    assert "Lots decide who gets a place" in page.text and "Lots are drawn" in page.text
    assert "7 places left" not in page.text, "what is free is not had by who comes first"
    assert 'name="wait"' not in page.text and "Keep this time" not in page.text and "data-hold=" not in page.text
    sent = await desk.fill_in(page, "register/fair", place=slot, **FAMILY)
    assert sent.status == 303
    assert await desk.world.rows("SELECT status, adults FROM bookings") == [{"status": "waiting", "adults": 2}]
    receipt = await desk.get(sent.headers["Location"])
    assert "Lots are drawn" in receipt.text and "your ticket" not in receipt.text
    assert "calendar.ics" not in receipt.text, "nobody has a place yet"


async def test_once_lots_are_drawn_the_form_is_one_like_any_other(desk: Desk) -> None:
    (slot,) = await lottery(desk, 7)
    desk.world.clock.move_to(desk.world.moment(5.01))
    await desk.world.run("draw-lots")
    page = await desk.get("/en/register/fair")
    assert "Lots" not in page.text and "7 places left" in page.text
    assert (await desk.fill_in(page, "register/fair", place=slot, **FAMILY)).status == 303
    assert await desk.world.rows("SELECT status FROM bookings") == [{"status": "confirmed"}]


async def test_the_stands_to_choose_from_say_when_lots_are_drawn(desk: Desk) -> None:
    event, _ = await fair(desk, 3)
    other = desk.world.stand(event, stand_id=uuid4(), names={"en": "The other"})
    await desk.world.hear(other, desk.world.slot(other, 4))
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, event.event_id, EventRules(draw_at=desk.world.moment(5)))
    page = await desk.get("/en/register/fair")
    assert page.text.count("Lots are drawn") == 2 and "places left" not in page.text


async def test_by_api_too_whoever_books_before_the_draw_takes_part(desk: Desk) -> None:
    (slot,) = await lottery(desk, 7)
    _, listed = await ask(desk, "GET", "/api/v1/events/fair/places")
    assert listed["draw_at"] == desk.world.moment(5).isoformat().replace("+00:00", "Z")
    status, _ = await ask(desk, "POST", "/api/v1/events/fair/bookings", {**BY_API, "slot_id": slot})
    assert status == 202
    assert await desk.world.rows("SELECT status FROM bookings") == [{"status": "waiting"}]
    desk.world.clock.move_to(desk.world.moment(5.01))
    await desk.world.run("draw-lots")
    assert (await ask(desk, "GET", "/api/v1/events/fair/places"))[1]["draw_at"] is None
