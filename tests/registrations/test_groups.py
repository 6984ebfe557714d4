"""A school class, a company: one booking and one code, counted as the place counts; by staff, or by themselves if they
may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from events.facts import SlotOpened, Unit
from registrations.domain.applications import NewHousehold
from registrations.domain.asking import Granted
from registrations.domain.household import Household
from registrations.facts import Cause
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_api import PROGRAMME, ask
from tests.registrations.test_console import HOME

CLASS = {"name": "Kari Hansen", "email": "kari@example.org", "group_name": "7B Skjervøy skole", "adults": 2}
FORM = "/en/register/fair"


async def hall(desk: Desk, capacity: int = 100, unit: Unit = Unit.PERSONS) -> SlotOpened:
    event = desk.world.event("fair", days=3)
    stand = desk.world.stand(event)
    slot = desk.world.slot(stand, capacity, unit=unit, days=3)
    await desk.world.programme()
    await desk.world.hear(event, stand, slot)
    return slot


async def allow(desk: Desk, largest: int | None) -> None:
    page = await desk.get(f"{HOME}/attendees/fair/places")
    await desk.fill_in(page, "/rules", follow=True, largest_group=largest or "")


async def groups(desk: Desk) -> list[dict[str, Any]]:
    return await desk.world.rows(
        "SELECT h.group_name, h.name, b.adults + b.children AS persons, b.is_group, p.used FROM bookings b"
        " JOIN people.households h ON h.booking_id = b.id JOIN pools p ON p.slot_id = b.slot_id"
    )


@pytest.mark.parametrize(("unit", "used"), [(Unit.PERSONS, 30), (Unit.HOUSEHOLDS, 1)])
async def test_staff_book_a_class_that_is_counted_as_its_place_counts(desk: Desk, unit: Unit, used: int) -> None:
    await desk.sign_in(Role.ORGANISER)
    slot = await hall(desk, unit=unit)
    page = await desk.get(f"{HOME}/attendees/fair/book")
    made = await desk.fill_in(page, "/book", follow=True, place=slot.slot_id, language="nb", children_6_12=28, **CLASS)
    assert "7B Skjervøy skole" in made.text and "Kari Hansen" in made.text
    group = {"group_name": "7B Skjervøy skole", "name": "Kari Hansen", "persons": 30, "is_group": True, "used": used}
    assert await groups(desk) == [group]
    for search in ("skjervøy", "kari"):
        assert "7B Skjervøy skole" in (await desk.get(f"{HOME}/attendees/fair?q={search}")).text
    (fact,) = [payload for what, payload in await desk.world.told() if what == "booking.confirmed"]
    assert fact["is_group"] and "Skjervøy" not in str(fact)


async def test_a_group_books_itself_only_where_the_rules_let_it_and_as_large_as_they_say(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    slot = await hall(desk)
    page = await desk.get(FORM)
    assert "Name of your group" not in page.text
    forged = await desk.fill_in(page, "register/fair", place=slot.slot_id, **CLASS)
    assert forged.status == 409 and await groups(desk) == []
    assert "Name of your group: Groups cannot book by themselves at this event." in forged.text
    await allow(desk, 40)
    page = await desk.get(FORM)
    assert "at most 40" in page.text
    large = await desk.fill_in(page, "register/fair", place=slot.slot_id, children_6_12=39, **CLASS)
    assert large.status == 409 and "At most 40 persons" in large.text
    nameless = {**CLASS, "group_name": "", "children_6_12": 20}
    household = await desk.fill_in(page, "register/fair", place=slot.slot_id, **nameless)
    assert household.status == 409 and "At most 12 persons" in household.text
    held = await desk.fill_in(page, "register/fair", to=f"{FORM}/hold", place=slot.slot_id, children_6_12=30, **CLASS)
    assert held.status == 200
    sent = await desk.fill_in(page, "register/fair", place=slot.slot_id, children_6_12=30, **CLASS)
    assert sent.status == 303
    assert [(one["persons"], one["used"]) for one in await groups(desk)] == [(32, 32)]


async def test_a_group_that_is_too_large_for_the_public_rules_may_still_grow_smaller(desk: Desk) -> None:
    slot = await hall(desk)
    school = desk.world.household(slot, household=Household(2, children_6_12=28), group_name="7B", by_staff=True)
    await desk.world.decide(school)
    for children, granted in ((20, True), (29, False)):
        (answer,) = await desk.world.decide(
            NewHousehold(school.booking_id, Household(2, children_6_12=children), Cause.VISITOR)
        )
        assert isinstance(answer, Granted) is granted


async def test_the_file_has_a_column_for_groups(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    slot = await hall(desk)
    await desk.world.decide(desk.world.household(slot, group_name="7B Skjervøy skole", by_staff=True))
    page = await desk.get(f"{HOME}/attendees/fair/export")
    sent = await desk.fill_in(page, "/export", columns=["name", "group"], format="csv")
    assert sent.status == 200 and "7B Skjervøy skole" in sent.text


async def test_part_of_a_group_comes_and_is_counted_at_the_door(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    slot = await hall(desk)
    school = desk.world.household(slot, household=Household(2, children_6_12=28), group_name="7B", by_staff=True)
    family = desk.world.household(slot)
    await desk.world.decide(school, family)
    door = f"{HOME}/check-in/fair"
    code = desk.world.keys.token("ticket", school.booking_id)[:8]
    let_in = await desk.fill_in(await desk.get(door), "check-in/fair", text=code)
    assert "7B" in let_in.text
    after = await desk.fill_in(let_in, "/came", follow=True, came=12)
    assert ">12 persons<" in after.text
    for booking, number in ((family.booking_id, 1), (school.booking_id, -1)):
        assert (await desk.fill_in(let_in, "/came", booking=booking, came=number)).status in {409, 422}
    assert await desk.world.rows("SELECT came FROM bookings WHERE is_group") == [{"came": 12}]
    await desk.fill_in(let_in, "/undo")
    assert await desk.world.rows("SELECT came FROM bookings WHERE is_group") == [{"came": None}]


@pytest.mark.parametrize(("lang", "label"), [("en", "Group"), ("nb", "Gruppe"), ("nn", "Gruppe"), ("nl", "Groep")])
async def test_my_booking_says_what_the_group_is_called(desk: Desk, lang: str, label: str) -> None:
    slot = await hall(desk)
    school = desk.world.household(slot, household=Household(2, children_6_12=28), group_name="7B Skjervøy skole")
    family = desk.world.household(slot)
    await desk.world.decide(replace(school, by_staff=True), family)
    for one, is_shown in ((school, True), (family, False)):
        token = desk.world.keys.token("booking", one.booking_id)
        page = await desk.fill_in(await desk.get(f"/{lang}/my-booking/{token}"), "my-booking", follow=True)
        assert (f"<dt>{label}</dt><dd>7B Skjervøy skole</dd>" in page.text) is is_shown
        shown = (await ask(desk, "GET", f"/api/v1/my-booking/{token}"))[1]
        assert shown["group_name"] == ("7B Skjervøy skole" if is_shown else None)


# By program -----------------------------------------------------------------------------------------------------------

BODY = {**CLASS, "language": "nb", "children_6_12": 28}
SOMEBODY = f"{PROGRAMME}/attendees/fair/bookings"


@pytest.mark.parametrize(("unit", "used"), [(Unit.PERSONS, 30), (Unit.HOUSEHOLDS, 1)])
async def test_a_program_books_a_class_as_the_staff_page_does(desk: Desk, unit: Unit, used: int) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    slot = await hall(desk, unit=unit)
    body = {**BODY, "slot_id": str(slot.slot_id)}
    answers = [await ask(desk, "POST", SOMEBODY, body, key="class", person=person) for _ in range(2)]
    assert answers[0] == answers[1]
    status, made = answers[0]
    assert (status, made["status"], made["new"]) == (200, "confirmed", True)
    group = {"group_name": "7B Skjervøy skole", "name": "Kari Hansen", "persons": 30, "is_group": True, "used": used}
    assert await groups(desk) == [group]
    (listed,) = (await ask(desk, "GET", f"{PROGRAMME}/attendees/fair", person=person))[1]["items"]
    assert (listed["group_name"], listed["name"]) == ("7B Skjervøy skole", "Kari Hansen")
    once_more = (await ask(desk, "POST", SOMEBODY, body, key="other", person=person))[1]
    assert once_more == {**made, "new": False}


async def test_a_program_books_who_stands_here_without_an_address_and_lets_them_in(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    slot = await hall(desk, 2)
    here = {"name": "Kari Hansen", "language": "nb", "slot_id": str(slot.slot_id)}
    status, refused = await ask(desk, "POST", SOMEBODY, here, person=person)
    assert (status, [one["field"] for one in refused["errors"]]) == (422, ["email"])
    status, made = await ask(desk, "POST", SOMEBODY, {**here, "here": True}, person=person)
    assert (status, made["status"]) == (200, "attended")
    status, refused = await ask(desk, "POST", SOMEBODY, {**here, "here": True, "adults": 2}, person=person)
    assert (status, refused["code"]) == (409, "full")
    assert (await ask(desk, "POST", SOMEBODY, {**here, "follow_up": True}, person=person))[0] == 422, "no consents"


async def test_a_group_books_itself_by_program_only_where_the_rules_let_it(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    slot = await hall(desk)
    body, path = {**BODY, "slot_id": str(slot.slot_id)}, "/api/v1/events/fair"
    kept = {"slot_id": body["slot_id"], "group_name": "7B", "adults": 2, "children_6_12": 28}
    hold = f"{path}/holds/{UUID(int=7)}"
    assert (await ask(desk, "POST", f"{path}/bookings", body))[1]["code"] == "no-groups"
    assert (await ask(desk, "PUT", hold, kept))[1]["code"] == "no-groups"
    await allow(desk, 40)
    assert (await ask(desk, "PUT", hold, kept))[0] == 200
    household = {**body, "group_name": None}
    assert (await ask(desk, "POST", f"{path}/bookings", household))[1]["code"] == "too-large"
    assert (await ask(desk, "POST", f"{path}/bookings", {**body, "attempt": str(UUID(int=7))}))[0] == 202
    (group,) = await groups(desk)
    assert (group["group_name"], group["persons"], group["used"]) == ("7B Skjervøy skole", 30, 30)
    (row,) = await desk.world.rows("SELECT id FROM bookings")
    mine = f"/api/v1/my-booking/{desk.world.keys.token('booking', row['id'])}"
    status, shown = await ask(desk, "PUT", f"{mine}/household", {"adults": 2, "children_6_12": 33})
    assert (status, shown["children"]) == (200, 33)


async def test_a_scan_by_program_says_how_many_come_and_takes_how_many_came(desk: Desk) -> None:
    person = await desk.sign_in(Role.CHECK_IN)
    slot = await hall(desk)
    school = desk.world.household(slot, household=Household(2, children_6_12=28), group_name="7B", by_staff=True)
    family = desk.world.household(slot)
    await desk.world.decide(school, family)
    for one in (school, family):
        scan = {"event_id": str(slot.event_id), "booking_id": str(one.booking_id), "nonce": str(one.attempt)}
        status, answer = await ask(desk, "POST", f"{PROGRAMME}/check-ins", scan, person=person)
        assert (status, answer["verdict"], answer["is_group"]) == (200, "admitted", one is school)
        if one is school:
            assert (answer["group_name"], answer["adults"], answer["children"], answer["came"]) == ("7B", 2, 28, None)
    came = f"{PROGRAMME}/check-ins/{school.booking_id}/came"
    assert await ask(desk, "PUT", came, {"came": 12}, person=person) == (
        200,
        {"booking_id": str(school.booking_id), "came": 12},
    )
    assert (await ask(desk, "PUT", came, {"came": -1}, person=person))[0] == 422
    of_family = f"{PROGRAMME}/check-ins/{family.booking_id}/came"
    status, refused = await ask(desk, "PUT", of_family, {"came": 1}, person=person)
    assert (status, refused["code"]) == (409, "not-counted")
    again = {"event_id": str(slot.event_id), "booking_id": str(school.booking_id), "nonce": str(UUID(int=8))}
    answer = (await ask(desk, "POST", f"{PROGRAMME}/check-ins", again, person=person))[1]
    assert (answer["verdict"], answer["came"]) == ("already", 12)
