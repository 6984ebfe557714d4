"""Wherever somebody chooses among places, no two look alike: sessions have their titles, tables their numbers."""

from __future__ import annotations

import re

from events.facts import EventCancelled, EventPublished
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_console import HOME, booked, fair
from tests.registrations.test_for_somebody import several
from tests.registrations.test_other_hands import enter
from tests.registrations.test_selections import chosen


async def homecoming(desk: Desk) -> EventPublished:
    """An event with two tables of a stand and two sessions, all at one time."""
    event = desk.world.event("homecoming", days=20)
    stand = desk.world.stand(event)
    tables = [desk.world.slot(stand, days=20, desk=number) for number in (1, 2)]
    titles = [{"en": "Buying a farm"}, {"en": "A walk"}]
    sessions = [desk.world.slot(stand, days=20, stand_id=None, titles=one) for one in titles]
    await desk.world.hear(event, stand, *tables, *sessions)
    return event


def labels(page: Page, pattern: str, event: EventPublished) -> list[str]:
    """What stands beside each choice at an event, without tags."""
    found = re.findall(pattern.format(event=event.event_id), page.text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", one)).strip() for one in found]


async def test_where_many_bookings_are_moved_to(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    event = await homecoming(desk)
    family = await booked(desk, slot)
    page = await chosen(desk, family.booking_id)
    when = "3 May, 09:00–09:30"
    assert sorted(labels(page, r'<option value="{event}[^"]*"[^>]*>(.*?)</option>', event)) == [
        f"A walk, {when} – 1 place left",
        f"Buying a farm, {when} – 1 place left",
        f"The Sea Land, {when}, table 1 – 1 place left",
        f"The Sea Land, {when}, table 2 – 1 place left",
    ]


async def test_what_a_visitor_chooses_after_an_event_was_called_off(desk: Desk) -> None:
    first, _, (slot,) = await fair(desk, 1)
    event = await homecoming(desk)
    family = await booked(desk, slot)
    await desk.world.hear(EventCancelled(**{**first.model_dump(), "version": 2, "status": "cancelled"}))
    page = await enter(desk, family)
    found = labels(page, r'name="choice" value="{event}[^>]*>\s*<label[^>]*>(.*?)</label>', event)
    assert len(found) == 3, "the tables of a stand at one time are one thing to a visitor"
    assert sorted(one.split(", Sun")[0] for one in found) == ["09:00–09:30", "A walk", "Buying a farm"]


async def test_the_dates_that_are_booked_in_one_go_and_what_became_of_each(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    event = await homecoming(desk)
    page = await desk.get(f"{HOME}/attendees/-/several")
    found = labels(page, r'name="choice" value="{event}[^>]*>\s*<label[^>]*>(.*?)</label>', event)
    assert [one.split(", Sun")[0] for one in sorted(found)] == [
        "09:00–09:30, table 1",
        "09:00–09:30, table 2",
        "A walk",
        "Buying a farm",
    ]
    values = re.findall(rf'name="choice" value="({event.event_id}/[^"]+)"', page.text)
    done = await several(desk, choice=values)
    assert "· Buying a farm, 3 May, 09:00–09:30" in done.text
    assert "· The Sea Land, 3 May, 09:00–09:30, table 2" in done.text
