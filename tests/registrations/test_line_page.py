"""The waiting list as staff see it: the order, who was passed over and why, offers, and one made by hand."""

from __future__ import annotations

from events.facts import Unit
from registrations.domain.household import Household
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_console import HOME, booked, fair

LIST = f"{HOME}/attendees/fair"


async def rules(desk: Desk, **more: object) -> None:
    page = await desk.get(f"{LIST}/places")
    await desk.fill_in(page, "/rules", follow=True, **more)


async def test_it_shows_the_order_who_was_passed_over_and_why_and_offers_with_their_end(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = desk.world.event("fair", days=3)
    stand = desk.world.stand(event)
    slot = desk.world.slot(stand, 2, unit=Unit.PERSONS, days=3)
    await desk.world.programme()
    await desk.world.hear(event, stand, slot)
    await rules(desk, line="offer", offer_hours=6)
    has = await booked(desk, slot, "Ada", household=Household(adults=1))
    await booked(desk, slot, "Kim", household=Household(adults=1))
    large = await booked(desk, slot, "Tore", household=Household(adults=2))
    small = await booked(desk, slot, "Cy", household=Household(adults=1))
    await desk.fill_in(await desk.get(f"{LIST}/{has.booking_id}"), "/cancel")
    page = await desk.get(f"{LIST}/line")
    offers, line = page.text.split('id="line-1"')
    assert "Cy" in offers and "until" in offers and "Tore" not in offers
    assert (
        "Tore" in line
        and "passed over once, there was no room for all of them" in line
        and "Offer a place by hand" not in line
    )
    assert "needed 2, free 1, counted in persons" in line and "was offered the place" in line
    for family, own in ((large, "<strong>Tore</strong>"), (small, "<strong>Cy</strong>")):
        told = await desk.get(f"{LIST}/{family.booking_id}")
        assert own in told.text and "Does not follow" not in told.text and "got the place" not in told.text
    assert "The waiting list" in (await desk.get(f"{LIST}?state=waiting")).text


async def test_tables_at_one_time_are_one_line_and_told_apart_among_the_places(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = desk.world.event("fair", days=3)
    stand = desk.world.stand(event)
    second, first, alone = (desk.world.slot(stand, 1, days=days, desk=at) for days, at in ((3, 2), (3, 1), (3.1, 1)))
    await desk.world.programme()
    await desk.world.hear(event, stand, second, first, alone)
    for slot, name in ((second, "Ada"), (first, "Bo"), (second, "Cy"), (first, "Dee"), (alone, "Eli"), (alone, "Fay")):
        await booked(desk, slot, name)
    lines = (await desk.get(f"{LIST}/line")).text.split('id="line-')[1:]
    assert ["Cy" in line and line.index("Cy") < line.index("Dee") for line in lines if "Dee" in line] == [True]
    assert ["Fay" in line for line in lines] == [False, True]
    rows = (await desk.get(f"{LIST}/places")).text.split('class="place"')[1:]
    places = [row.partition("</li>")[0] for row in rows]
    assert ["table 1" in places[0], "table 2" in places[1], "table" in places[2]] == [True, True, False]


async def test_the_attendees_lead_to_it_whichever_of_them_are_shown(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    for address in (LIST, f"{LIST}?state=waiting", f"{LIST}?q=nobody"):
        assert f'href="{LIST}/line">Waiting list</a>' in (await desk.get(address)).text
    assert (await desk.get(f"{LIST}/line")).status == 200


async def test_a_place_is_offered_by_hand_from_the_list_with_the_reason_and_who_did_it(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    await rules(desk, approval="on")
    has = await booked(desk, slot, "Ada")
    first, second = await booked(desk, slot, "Bo"), await booked(desk, slot, "Cy")
    page = await desk.get(f"{LIST}/line")
    assert "Offer a place by hand" not in page.text
    await desk.fill_in(await desk.get(f"{LIST}/{has.booking_id}"), "/cancel")
    page = await desk.get(f"{LIST}/line")
    assert page.text.count("Offer a place by hand") == 2
    empty = await desk.fill_in(page, f"{second.booking_id}/offer", why="\u200b")
    assert empty.status == 422 and "Why?: Say why" in empty.text
    done = await desk.fill_in(empty, f"{second.booking_id}/offer", follow=True, why="They drive far")
    assert done.address.endswith("/line")
    assert "by hand: They drive far" in done.text and "(organiser)" in done.text.lower()
    assert "has offer" not in done.text and "Does not follow" not in done.text
    rows = await desk.world.rows("SELECT status FROM bookings WHERE id = $1", first.booking_id)
    assert rows == [{"status": "waiting"}]


async def test_where_nobody_waits_the_page_says_so(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    assert "Nobody waits" in (await desk.get(f"{LIST}/line")).text


async def test_a_decision_that_does_not_follow_from_its_record_is_marked(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    has = await booked(desk, slot, "Ada")
    waits = await booked(desk, slot, "Bo")
    await desk.fill_in(await desk.get(f"{LIST}/{has.booking_id}"), "/cancel")
    assert "Does not follow" not in (await desk.get(f"{LIST}/{waits.booking_id}")).text
    await desk.world.rows("UPDATE line_log SET free = 0, frees = jsonb_build_object(pool_id, 0) RETURNING id")
    for page in (f"{LIST}/{waits.booking_id}", f"{LIST}/line"):
        assert "Does not follow from its record" in (await desk.get(page)).text
