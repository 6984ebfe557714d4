"""Who comes and where to, in a list that is brought in: children by number alone, groups, sessions, and what is said of
columns that are not read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from registrations.domain.applications import Person
from registrations.domain.asking import Cancel
from registrations.domain.household import Household
from registrations.facts import Cause
from services.pages.languages import LANGUAGES
from services.routes import Role
from tests.registrations.bringing import PAGE, fair, fates, going, sent
from tests.registrations.desks import OURS, Desk, Page
from tests.registrations.lists import csv_of, encoded
from tests.registrations.test_api import ask
from tests.registrations.test_api import fair as api_fair
from tests.registrations.test_api_of_places import EVENT, signed_in

HEADER = ("Navn", "E-post", "Voksne", "Barn", "Gruppe")
KEPT = (
    "SELECT h.name, h.group_name, b.is_group, b.adults, b.children, h.children_0_2, h.children_3_5, h.children_6_12,"
    " h.children_13_17, h.lives_in, h.language, b.starts_at, s.names AS stand, l.titles AS session"
    " FROM bookings b JOIN people.households h ON h.booking_id = b.id LEFT JOIN stands s ON s.id = b.stand_id"
    " LEFT JOIN slots l ON l.id = b.slot_id WHERE b.event_id = $1 AND b.status <> 'cancelled' ORDER BY h.name"
)


def cells(page: Page, label: str) -> list[str]:
    """The cells of a column of the table of rows, without their tags."""
    found = re.findall(rf'data-label="{label}">(.*?)</td>', page.text, re.DOTALL)
    return [re.sub(r"<[^>]+>", " ", one).replace("  ", " ").strip() for one in found]


async def chosen(desk: Desk, page: Page, **more: str) -> Page:
    """The same list, taken as the form says with these choices."""
    address, fields = page.form("/import/")
    given = {name: value[0] for name, value in fields.items() if name != "csrf"}
    return await desk.get(f"{address}?" + "&".join(f"{name}={value}" for name, value in {**given, **more}.items()))


async def test_children_and_a_group_are_read_and_shown_with_their_place(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk)
    rows = [
        ("Anna", "anna@example.org", 2, 3, ""),
        ("Lærer Bo", "bo@example.org", 12, 0, "7B"),
        ("Cy", "cy@example.org", 1, "", ""),
    ]
    page = await sent(desk, csv_of(HEADER, *rows, delimiter=";"))
    wrong, *others = fates(page)
    assert wrong.startswith("Must be mended: Children: The list does not say how old 3 of them are. Fill in Children 0")
    assert others == ["Will be booked"] * 2
    assert cells(page, "Who comes") == ["2 adults, 3 children", "12 adults Group: 7B", "1 adult"]
    assert all(one.startswith("The event itself, ") for one in cells(page, "Place"))
    taken = await chosen(desk, page, children_band="children_6_12")
    assert fates(taken) == ["Will be booked"] * 3
    assert "3 children whose ages the list does not say are put down as Children 6–12." in taken.text
    done = await desk.send(*going(taken), follow=True)
    assert cells(done, "Who comes") == ["2 adults, 3 children", "12 adults Group: 7B", "1 adult"]
    kept = [
        (row["name"], row["group_name"], row["is_group"], row["adults"], row["children"], row["children_6_12"])
        for row in await desk.world.rows(KEPT, event.event_id)
    ]
    assert kept == [
        ("Anna", None, False, 2, 3, 3),
        ("Cy", None, False, 1, 0, 0),
        ("Lærer Bo", "7B", True, 12, 0, 0),
    ]


async def test_a_group_may_be_as_large_as_groups_are_and_a_household_may_not(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    page = await sent(
        desk, csv_of(HEADER, ("Bo", "bo@example.org", 2, 48, "7B"), ("Anna", "anna@example.org", 2, 48, ""))
    )
    page = await chosen(desk, page, children_band="children_6_12")
    assert fates(page) == ["Will be booked", "Must be mended: Children: Write 20 or less."]


async def test_a_number_and_ages_that_disagree_must_be_mended_and_the_rest_takes_the_chosen_ages(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk)
    header = ("Name", "E-mail", "Children", "Children 0–2", "Children 13-17")
    page = await sent(desk, csv_of(header, ("Anna", "anna@example.org", 2, 2, 1), ("Bo", "bo@example.org", 3, 1, 1)))
    page = await chosen(desk, page, children_band="children_3_5")
    assert fates(page) == [
        "Must be mended: Children: The age groups come to 3 together. Make the numbers agree.",
        "Will be booked",
    ]
    await desk.send(*going(page), follow=True)
    (kept,) = await desk.world.rows(KEPT, event.event_id)
    assert [kept[f"children_{band}"] for band in ("0_2", "3_5", "6_12", "13_17")] == [1, 1, 0, 1]


async def test_columns_that_are_not_read_are_named(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    header = ("Name", "E-mail", "Allergies", "Newsletter", "Shoe <size>")
    page = await sent(desk, csv_of(header, ("Anna", "anna@example.org", "nuts", "yes", "42")))
    assert "Not read are the columns Allergies, Shoe &lt;size&gt;." in page.text
    assert "Left out: Newsletter." in page.text
    page = await sent(desk, csv_of(header[:2], ("Anna", "anna@example.org")))
    assert "Not read" not in page.text


async def test_an_unknown_language_is_answered_with_those_there_are(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    page = await sent(desk, csv_of(("Name", "E-mail", "Language"), ("Anna", "anna@example.org", "Klingon")))
    (fate,) = fates(page)
    assert fate.startswith("Must be mended: Language: We do not know this language. Write one of ")
    assert "Nederlands" in fate and "example" not in fate


async def test_a_row_may_name_one_of_two_parallel_sessions_in_any_language(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk)
    stand = desk.world.stand(event)
    talk = desk.world.slot(stand, 9, stand_id=None, titles={"nb": "Gårdskjøp", "en": "Buying a farm"})
    walk = desk.world.slot(stand, 9, stand_id=None, titles={"nb": "Fjæretur", "en": "A walk"})
    await desk.world.hear(stand, talk, walk)
    begins = "2026-04-23 09:00"
    for column, rows in {
        "Stand": [("Gårdskjøp", begins), ("a walk", begins), ("", begins), ("A swim", begins)],
        "Session": [("Buying a farm", begins), ("Fjæretur", ""), ("", begins), ("A swim", "")],
    }.items():
        names = [(f"P{number}", f"p{number}@example.org", *row) for number, row in enumerate(rows)]
        page = await chosen(desk, await sent(desk, csv_of(("Name", "E-mail", column, "Begins"), *names)), place="event")
        first, second, several, nowhere = fates(page)
        assert (first, second) == ("Will be booked", "Will be booked")
        assert several.startswith("Must be mended: Begins: This may be any of these: ")
        assert "Buying a farm, 23 Apr, 09:00–09:30" in several and "A walk, 23 Apr, 09:00–09:30" in several
        assert nowhere == "Cannot be booked: There is no such place at this event."
        places = cells(page, "Place")
        assert [one.split(",")[0] for one in places] == ["Buying a farm", "A walk", "–", "–"]


async def test_of_the_tables_of_a_stand_at_one_time_a_row_need_not_say_which(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk)
    stand = desk.world.stand(event)
    tables = [desk.world.slot(stand, 1, desk=number) for number in (1, 2)]
    await desk.world.hear(stand, *tables)
    header = ("Name", "E-mail", "Stand", "Begins")
    rows = [(f"P{number}", f"p{number}@example.org", "The Sea Land", "2026-04-23 09:00") for number in range(3)]
    page = await chosen(desk, await sent(desk, csv_of(header, *rows)), place="event")
    assert fates(page) == ["Will be booked"] * 2 + ["Cannot be booked: The place is full."]


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_what_was_exported_is_imported_as_it_was_in_every_language(desk: Desk, lang: str) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk)
    stand = desk.world.stand(event)
    sessions = [{"nb": "Gårdskjøp", "en": "Buying a farm"}, {"nb": "Fjæretur", "en": "A walk"}]
    slots = [desk.world.slot(stand, 9), desk.world.slot(stand, 9, days=10.5)]
    slots += [desk.world.slot(stand, 9, stand_id=None, titles=titles) for titles in sessions]
    await desk.world.hear(stand, *slots)
    wanted = [
        ("=1+1", event, Household(2, 1, 0, 2, 0), None),
        ("Bo", slots[0], Household(1), None),
        ("Cy", slots[1], Household(1, 0, 0, 0, 3), None),
        ("Dy", slots[2], Household(12, 0, 0, 30, 0), "7B"),
        ("Ed", slots[3], Household(2), None),
    ]
    made = [
        desk.world.household(
            place,
            person=Person(name, f"p{number}@example.org", ("nn", "en", "nl", "nb", "en")[number]),
            household=household,
            group_name=group,
            lives_in="Utrecht",
            by_staff=True,
        )
        for number, (name, place, household, group) in enumerate(wanted)
    ]
    await desk.world.decide(*made)
    address, fields = (await desk.get(PAGE.replace("/en/", f"/{lang}/").replace("/import", "/export"))).form("/export")
    columns = ["name", "email", "group", "language", "stand", "session", "starts_at", "adults", "children", "lives_in"]
    columns += [f"children_{band}" for band in ("0_2", "3_5", "6_12", "13_17")]
    pairs = [(name, value) for name, values in fields.items() if name not in {"columns", "format"} for value in values]
    pairs += [("format", "csv"), *(("columns", one) for one in columns)]
    response = await desk.client.post(address, data=pairs, headers=OURS)
    data = await response.read()
    assert response.status == 200
    before = await desk.world.rows(KEPT, event.event_id)
    await desk.world.decide(*(Cancel(one.booking_id, Cause.STAFF) for one in made))
    page = await sent(desk, data)
    assert "Not read" not in page.text
    assert fates(page) == ["Will be booked"] * 5
    await desk.send(*going(page), follow=True)
    after = await desk.world.rows(KEPT, event.event_id)
    assert after == before and len(after) == 5


async def test_a_program_reads_who_comes_where_to_and_what_is_not_read(desk: Desk) -> None:
    person = await signed_in(desk)
    _, (slot,) = await api_fair(desk, 3)
    rows = [["Name", "E-mail", "Children", "Shoes"], ["Anna", "anna@example.org", "3", "42"]]
    body: dict[str, Any] = {"file": encoded(*rows)}
    _, tried = await ask(desk, "POST", f"{EVENT}/imports", body, person=person)
    (row,) = tried["rows"]
    assert (row["fate"], row["field"], tried["unread"]) == ("wrong", "children", ["Shoes"])
    _, tried = await ask(desk, "POST", f"{EVENT}/imports", {**body, "children_band": "children_3_5"}, person=person)
    (row,) = tried["rows"]
    assert (row["fate"], row["place"], row["adults"], row["children"]) == ("booked", str(slot.slot_id), 1, 3)
    status, wrong = await ask(desk, "POST", f"{EVENT}/imports", {**body, "children_band": "teens"}, person=person)
    assert (status, [one["field"] for one in wrong["errors"]]) == (422, ["children_band"])
