"""What is usual in a programme holds wherever an event has no rules of its own."""

from __future__ import annotations

from datetime import timedelta

from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_console import HOME, booked, fair

MINUTE = timedelta(minutes=1)
USUAL = f"{HOME}/attendees/-/usual-rules"
PLACES = f"{HOME}/attendees/fair/places"


async def awaited(desk: Desk) -> list[str | None]:
    rows = await desk.world.rows("SELECT awaits FROM bookings ORDER BY created_at, id")
    return [row["awaits"] for row in rows]


async def test_the_usual_rules_hold_until_an_event_has_its_own_and_again_when_those_are_dropped(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 9)
    await desk.fill_in(await desk.get(USUAL), "/usual-rules", follow=True, approval="on", largest_household=4)
    await booked(desk, slot)
    page = await desk.get(PLACES)
    assert "the usual rules of the programme" in page.text and "Go back to the usual rules" not in page.text
    own = await desk.fill_in(page, "/rules", follow=True, approval=None)
    assert "rules of this event" in own.text and "Fair for emigrants" in (await desk.get(USUAL)).text
    desk.world.clock.move(MINUTE)
    await booked(desk, slot)
    await desk.fill_in(own, "/rules/usual", follow=True)
    desk.world.clock.move(MINUTE)
    await booked(desk, slot)
    assert await awaited(desk) == ["approval", None, "approval"]


async def test_lots_are_never_usual_and_what_is_wrong_is_said(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    page = await desk.get(USUAL)
    assert (await desk.fill_in(page, "/usual-rules", offer_hours=0)).status == 422
    await desk.fill_in(page, "/usual-rules", follow=True, draw_at="2030-01-01T12:00+01:00")
    assert await desk.world.rows("SELECT draw_at FROM event_rules") == [{"draw_at": None}]
