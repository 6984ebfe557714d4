"""The pages of those who run the event: attendees, places and rules."""

from __future__ import annotations

from uuid import uuid4

import pytest

from events.facts import EventPublished, EventStatus, SlotClosed, SlotOpened, SlotStatus, StandChanged, Unit
from registrations.commands import opening
from registrations.domain.applications import Application, Person
from registrations.domain.check_in import shown
from services.routes import Role
from tests.registrations.desks import Desk

HOME = "/en/console/havlandet"


async def fair(desk: Desk, *capacities: int) -> tuple[EventPublished, StandChanged, list[SlotOpened]]:
    event = desk.world.event("fair", days=0.2)
    stand = desk.world.stand(event)
    slots = [desk.world.slot(stand, capacity, days=0.2 + number / 48) for number, capacity in enumerate(capacities)]
    await desk.world.programme()
    await desk.world.hear(event, stand, *slots)
    return event, stand, slots


async def booked(desk: Desk, slot: SlotOpened, name: str = "Sanne de Vries", **more: object) -> Application:
    family = desk.world.household(slot, person=Person(name, f"{uuid4().hex[:8]}@example.org", "nl"), **more)
    await desk.world.decide(family)
    return family


async def test_an_organiser_sees_who_comes_tab_by_tab(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    await booked(desk, slot, "Sanne de Vries")
    await booked(desk, slot, "Ola Nordmann")
    index = await desk.get(f"{HOME}/attendees")
    assert "1 of 1 place for a household taken" in index.text and "1 household waits" in index.text
    coming = await desk.get(f"{HOME}/attendees/fair")
    assert "Sanne de Vries" in coming.text and "Ola Nordmann" not in coming.text
    waiting = await desk.get(f"{HOME}/attendees/fair?state=waiting")
    assert "Ola Nordmann" in waiting.text and "Sanne de Vries" not in waiting.text


async def test_staff_read_which_session_a_booking_is_for(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, stand, _ = await fair(desk)
    session = desk.world.slot(stand, 1, titles={"nb": "Å bygge hus", "en": "Building a house"}, days=0.2)
    session = session.model_copy(update={"stand_id": None})
    await desk.world.hear(session)
    await booked(desk, session, "Sanne de Vries")
    await booked(desk, session, "Ola Nordmann")
    for page in ("", "?state=waiting", "/line"):
        assert "Building a house" in (await desk.get(f"{HOME}/attendees/fair{page}")).text, page


async def test_places_are_told_in_each_unit_by_itself_and_none_twice(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event, stand, (slot, closed) = await fair(desk, 5, 5)
    walk = desk.world.slot(stand, 8, unit=Unit.PERSONS, days=12)
    off = SlotClosed(**{**closed.model_dump(), "version": 2, "status": SlotStatus.CLOSED})
    await desk.world.hear(walk, off)
    await booked(desk, slot)
    await booked(desk, walk)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await opening.lay_across(tx, event.event_id, None, Unit.HOUSEHOLDS, 90)
    index = await desk.get(f"{HOME}/attendees")
    assert "1 of 5 places for households taken, 2 of 8 places for persons taken" in " ".join(index.text.split())
    panel = await desk.get(f"{HOME}/panels/attendees")
    assert "1 of 5 places for households taken, 2 of 8 places for persons taken" in " ".join(panel.text.split())


async def test_they_stand_in_norwegian_order_and_are_searched_by_name_address_and_code(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 9)
    people = {name: await booked(desk, slot, name) for name in ("Åse Ås", "Zara", "Ærlig", "Østen", "Anna")}
    page = await desk.get(f"{HOME}/attendees/fair")
    places = [page.text.index(name) for name in ("Anna", "Zara", "Ærlig", "Østen", "Åse Ås")]
    assert places == sorted(places)
    anna = people["Anna"]
    code = shown(desk.world.keys.token("ticket", anna.booking_id)[:8])
    for search in ("anna", str(anna.person.email)[:6], code, code.lower().replace("-", "")):
        found = await desk.get(f"{HOME}/attendees/fair?q={search}")
        assert "Anna" in found.text and "Zara" not in found.text, search
    for nobody in ("%25", "_", "'", "nobody"):
        assert "Nobody found" in (await desk.get(f"{HOME}/attendees/fair?q={nobody}")).text, nobody


async def test_a_long_list_is_read_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from registrations.pages import attendees

    monkeypatch.setattr(attendees, "MANY", 2)
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 9)
    for name in ("Ada", "Bo", "Cy"):
        await booked(desk, slot, name)
    first = await desk.get(f"{HOME}/attendees/fair")
    assert "Bo" in first.text and "Cy<" not in first.text
    address = first.text.split('class="more"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = await desk.get(address)
    assert "Cy<" in second.text and "Bo<" not in second.text


async def test_one_booking_tells_how_it_came_about_and_is_cancelled_on_the_visitors_behalf(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    family, waiting = await booked(desk, slot), await booked(desk, slot, "Ola")
    page = await desk.get(f"{HOME}/attendees/fair/{family.booking_id}")
    assert "Sanne de Vries" in page.text and str(family.person.email) in page.text
    after = await desk.fill_in(page, "/cancel", follow=True)
    assert "the visitor is told" in after.text
    assert "promoted" in (await desk.get(f"{HOME}/attendees/fair/{waiting.booking_id}")).text
    rows = await desk.world.rows("SELECT status, cause FROM bookings WHERE id = $1", family.booking_id)
    assert rows == [{"status": "cancelled", "cause": "staff"}]


async def test_another_programmes_booking_is_not_found(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    assert (await desk.get(f"{HOME}/attendees/fair/{uuid4()}")).status == 404
    assert (await desk.get(f"{HOME}/attendees/fair/nonsense")).status == 404
    assert (await desk.get(f"{HOME}/attendees/other")).status == 404


async def test_capacity_grows_but_never_falls_below_what_is_taken(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    await booked(desk, slot)
    waiting = await booked(desk, slot, "Ola")
    page = await desk.get(f"{HOME}/attendees/fair/places")
    low = await desk.fill_in(page, "/places/", capacity=0)
    assert low.status == 409 and "Choose at least 1" in low.text
    wrong = await desk.fill_in(page, "/places/", capacity="many")
    assert wrong.status == 422
    await desk.fill_in(page, "/places/", follow=True, capacity=2)
    assert await desk.world.rows("SELECT status FROM bookings WHERE id = $1", waiting.booking_id) == [
        {"status": "confirmed"}
    ]


async def test_the_rules_of_an_event_are_the_organisers(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    page = await desk.get(f"{HOME}/attendees/fair/places")
    await desk.fill_in(page, "/rules", follow=True, line="offer", offer_hours=12, largest_household=5)
    (row,) = await desk.world.rows("SELECT line, offer_hours, largest_household FROM event_rules")
    assert row == {"line": "offer", "offer_hours": 12, "largest_household": 5}
    assert (await desk.fill_in(page, "/rules", offer_hours=0)).status == 422


async def test_what_is_counted_over_the_whole_opens_again_with_an_event_that_takes_place_after_all(desk: Desk) -> None:
    event, stand, (slot,) = await fair(desk, 5)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await opening.lay_across(tx, event.event_id, None, Unit.PERSONS, 20)
        await opening.lay_across(tx, event.event_id, stand.stand_id, Unit.CHILDREN, 4)
    again = event.model_copy(update={"version": 3})
    await desk.world.hear(event.model_copy(update={"version": 2, "status": EventStatus.CANCELLED}))
    assert await desk.world.rows("SELECT DISTINCT open FROM pools") == [{"open": False}]
    await desk.world.hear(again, slot.model_copy(update={"version": 2}))
    assert await desk.world.rows("SELECT DISTINCT open FROM pools") == [{"open": True}]
    told = [said for what, said in await desk.world.told() if what == "pool.changed" and said["scope"] != "place"]
    assert [one["open"] for one in told[-2:]] == [True, True]
    await booked(desk, slot)
    assert await desk.world.rows("SELECT used FROM pools WHERE scope = 'event'") == [{"used": 2}]
