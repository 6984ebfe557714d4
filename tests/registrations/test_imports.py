"""A list of people brought in: every row's fate before and after, nobody booked twice, nothing kept."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from services.clock import MovedClock
from services.routes import Role
from tests.registrations.bringing import HEADER, PAGE, fair, fates, going, names, sent
from tests.registrations.desks import Desk
from tests.registrations.lists import csv_of, xlsx_of


async def test_the_dry_run_shows_every_rows_fate_and_books_nobody(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk, households=2)
    booked = desk.world.household(event, email="sanne@example.org")
    await desk.world.decide(booked)
    before = await desk.world.rows("SELECT count(*) FROM people.visitors")
    page = await sent(
        desk,
        csv_of(
            HEADER,
            ("Anna", "anna@example.org", 2),
            ("Bo", "bo@example.org", 1),
            ("Sanne", "SANNE@example.org", 2),
            ("Anna again", "Anna@Example.org", 2),
            ("Cy", "no address", 1),
            ("", "dy@example.org", 1),
            ("Ed", "ed@example.org", "many"),
            ("=1+1", "formula@example.org", 99),
        ),
    )
    assert page.status == 200
    assert fates(page) == [
        "Will be booked",
        "Cannot be booked: The place is full.",
        "Cannot be booked: The place is full.",
        "Twice in the file",
        "Must be mended: E-mail: Write an e-mail address, such as name@example.org.",
        "Must be mended: Name: Write a name.",
        "Must be mended: Adults: Write a whole number, such as 12.",
        "Must be mended: Adults: Write 20 or less.",
    ]
    assert await names(desk) == ["Sanne de Vries"]
    assert await desk.world.rows("SELECT count(*) FROM people.visitors") == before
    assert [what for what, _ in await desk.world.told() if what.startswith("booking")] == ["booking.confirmed"]


async def test_who_may_wait_waits_and_who_is_booked_already_is_seen(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk, households=2)
    await desk.world.decide(desk.world.household(event, email="sanne@example.org"))
    page = await sent(
        desk, csv_of(HEADER, ("Sanne", "sanne@example.org", 2), ("A", "a@example.org", 1), ("B", "b@example.org", 1))
    )
    address, fields = page.form("/import/")
    query = "&".join(f"{name}={value[0]}" for name, value in {**fields, "wait": ["on"]}.items())
    again = await desk.get(f"{address}?{query}")
    assert fates(again) == ["Is booked already", "Will be booked", "Will wait"]


async def test_carried_out_every_row_has_its_outcome_and_the_list_is_gone(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    event = await fair(desk, households=1)
    page = await sent(
        desk, csv_of(HEADER, ("Anna", "anna@example.org", 2), ("Bo", "bo@example.org", 1), ("Cy", "nothing", 1))
    )
    assert "Book 1 household" in page.text
    done = await desk.send(*going(page), follow=True)
    assert fates(done) == ["Was booked", "Could not be booked: The place is full.", "Was wrong: E-mail"]
    assert ">Anna</a>" in done.text and "1 booked, 0 waiting, 2 left out." in done.text
    assert await names(desk) == ["Anna"]
    (booking,) = await desk.world.rows("SELECT cause, event_id FROM bookings")
    assert booking == {"cause": "staff", "event_id": event.event_id}
    assert await desk.world.rows("SELECT id FROM import_drafts") == []
    (line,) = await desk.world.rows("SELECT account_id, booked, waiting, left_out, fates::text FROM imports")
    assert (line["account_id"], line["booked"], line["waiting"], line["left_out"]) == (person.account_id, 1, 0, 2)
    assert "example.org" not in line["fates"] and "Anna" not in line["fates"]
    assert await desk.world.rows("SELECT id FROM people.consents") == []
    log = await desk.get(PAGE)
    assert "Organiser" in log.text and f"{PAGE}/" in log.text
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await desk.world.rows("DELETE FROM imports RETURNING 1")


async def test_the_same_file_again_books_nobody_twice(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    data = csv_of(HEADER, *((f"P {number}", f"p{number}@example.org", 1) for number in range(5)))
    first = await sent(desk, data)
    await desk.send(*going(first), follow=True)
    twice = await desk.send(*going(first), follow=True)  # the back button, and the same form once more
    assert fates(twice) == ["Was booked"] * 5
    again = await sent(desk, data)
    assert fates(again) == ["Is booked already"] * 5
    assert len(await names(desk)) == 5
    assert len(await desk.world.rows("SELECT id FROM imports")) == 1


async def test_a_list_broken_off_in_the_middle_goes_on_where_it_was(desk: Desk) -> None:
    """Two sent at one moment, from two windows, are one list: each row is one attempt."""
    import asyncio

    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    data = csv_of(HEADER, *((f"P {number}", f"p{number}@example.org", 1) for number in range(60)))
    one, other = await sent(desk, data), await sent(desk, data)
    await asyncio.gather(desk.send(*going(one)), desk.send(*going(other)))
    assert len(await names(desk)) == len(set(await names(desk))) == 60


async def test_rows_may_name_their_stand_and_time_as_an_export_writes_them(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = desk.world.event("fair")
    stand, other = desk.world.stand(event), desk.world.stand(event, names={"en": "Ytterhav"})
    early, late = desk.world.slot(stand, 9), desk.world.slot(stand, 9, days=10.5)
    same = desk.world.slot(other, 9)
    await desk.world.programme()
    await desk.world.hear(event, stand, other, early, late, same)
    rows = [
        ("Stand", "Begins", "Name", "E-mail"),
        ("The Sea Land", "2026-04-23 21:00", "A", "a@example.org"),
        ("Ytterhav", "23.04.2026 09:00", "B", "b@example.org"),
        ("", "2026-04-23 21:00", "C", "c@example.org"),
        ("", "2026-04-23 09:00", "D", "d@example.org"),
        ("Nowhere", "2026-04-23 09:00", "E", "e@example.org"),
        ("The Sea Land", "soon", "F", "f@example.org"),
        ("The Sea Land", "46135.375", "G", "g@example.org"),
    ]
    page = await sent(desk, xlsx_of(*rows), "list.xlsx")
    nowhere = "Cannot be booked: There is no such place at this event."
    ok = "Will be booked"
    several = "Must be mended: Begins: This may be any of these: The Sea Land, 23 Apr, 09:00–09:30; Ytterhav, 23 Apr, "
    several += "09:00–09:30. Say which under Stand or Session, and when it begins."
    assert fates(page) == [ok, ok, ok, several, nowhere, nowhere, ok]
    await desk.send(*going(page), follow=True)
    found = await desk.world.rows(
        "SELECT h.name, b.slot_id FROM bookings b JOIN people.households h ON h.booking_id = b.id ORDER BY h.name"
    )
    slots = [late.slot_id, same.slot_id, late.slot_id, early.slot_id]
    assert [(row["name"], row["slot_id"]) for row in found] == list(zip("ABCG", slots, strict=True))


async def test_names_lose_what_cannot_be_seen_and_stay_what_they_are(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    rows = [("\u202eAnna\u200b Berg", "a@example.org"), ("=HYPERLINK(1)", "b@example.org"), ("مريم", "c@example.org")]
    page = await sent(desk, csv_of(("Name", "E-mail"), *rows, ("\u200b\u202e", "d@example.org")))
    assert fates(page) == ["Will be booked"] * 3 + ["Must be mended: Name: Write a name."]
    await desk.send(*going(page), follow=True)
    assert sorted(await names(desk)) == sorted(["Anna Berg", "=HYPERLINK(1)", "مريم"])


async def test_the_places_to_choose_from_are_told_apart(desk: Desk) -> None:
    event = await fair(desk)
    stand = desk.world.stand(event)
    tables = [desk.world.slot(stand, desk=number) for number in (1, 2)]
    alone = desk.world.slot(stand, days=11)
    talk = desk.world.slot(stand, stand_id=None, titles={"en": "A talk"})
    await desk.world.hear(stand, *tables, alone, talk)
    await desk.sign_in(Role.ORGANISER)
    page = await sent(desk, csv_of(HEADER, ("Sanne", "sanne@example.org", 2)))
    (places,) = re.findall(r'<select[^>]*name="place".*?</select>', page.text, re.DOTALL)
    labels = re.findall(r'<option value="[^"]+"[^>]*>(.*?)</option>', places, re.DOTALL)
    assert len(set(labels)) == len(labels) == 5
    assert any(label.startswith("A talk, ") for label in labels)
    assert sum("table" in label for label in labels) == 2


async def test_of_several_places_none_is_chosen_by_itself_and_the_choice_is_asked_for(desk: Desk) -> None:
    event = await fair(desk, households=1)
    slot = desk.world.slot(desk.world.stand(event), days=11)
    await desk.world.hear(slot)
    await desk.world.decide(desk.world.household(event))
    await desk.sign_in(Role.ORGANISER)
    page = await sent(desk, csv_of(HEADER, ("Anna", "anna@example.org", 2)))
    assert "Place, where a row names none: Choose the place for the rows that name none." in page.text
    address, fields = page.form("/import/")
    assert fields.get("place", [""]) == [""] and fates(page) == []
    (full,) = re.findall(r'<option value="event"[^>]*>(.*?)</option>', page.text)
    assert full.endswith("(full)") and page.text.count("(full)") == 1
    refused = await desk.send(
        address, {**fields, "place": "", "csrf": (await desk.get(PAGE)).form("/import")[1]["csrf"]}
    )
    assert refused.status == 422 and "Choose the place" in refused.text
    query = "&".join(f"{name}={value[0]}" for name, value in {**fields, "place": [str(slot.slot_id)]}.items())
    await desk.send(*going(await desk.get(f"{address}?{query}")), follow=True)
    rows = await desk.world.rows("SELECT slot_id FROM bookings WHERE cause = 'staff'")
    assert rows == [{"slot_id": slot.slot_id}]


async def test_a_list_whose_rows_all_name_their_places_needs_no_other(desk: Desk) -> None:
    event = await fair(desk)
    stand = desk.world.stand(event)
    await desk.world.hear(stand, desk.world.slot(stand, 9))
    await desk.sign_in(Role.ORGANISER)
    header = ("Name", "E-mail", "Begins")
    page = await sent(desk, csv_of(header, ("Anna", "anna@example.org", "2026-04-23 09:00")))
    assert fates(page) == ["Will be booked"]
    page = await sent(
        desk, csv_of(header, ("Anna", "anna@example.org", "2026-04-23 09:00"), ("Bo", "bo@example.org", ""))
    )
    assert "Choose the place for the rows that name none." in page.text


async def test_a_list_of_wrong_columns_asks_which_is_which(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    page = await sent(desk, csv_of(("Hvem", "Hvor", "Samtykke"), ("Anna", "anna@example.org", "ja")))
    assert "Say in which column" in page.text and "Left out: Samtykke." in page.text
    address, _ = page.form("/import/")
    again = await desk.get(f"{address}?place=event&language=nb&column_name=0&column_email=1&column_adults=77")
    assert fates(again) == ["Will be booked"]
    for endless in ("column_adults", "from"):
        there = await desk.get(f"{address}?place=event&language=nb&column_name=0&column_email=1&{endless}={'9' * 5000}")
        assert fates(there) == ["Will be booked"]
    await desk.send(*going(again), follow=True)
    assert await desk.world.rows("SELECT language, name FROM people.visitors") == [{"language": "nb", "name": "Anna"}]
    assert await desk.world.rows("SELECT id FROM people.consents") == []


async def test_no_file_and_one_that_is_none_say_so(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    empty = await desk.fill_in(await desk.get(PAGE), "/import")
    assert empty.status == 422 and "Choose a file." in empty.text
    broken = await sent(desk, b"PK\x03\x04nonsense", "list.xlsx")
    assert broken.status == 422 and "not a spreadsheet" in broken.text
    assert await desk.world.rows("SELECT id FROM import_drafts") == []


async def test_a_file_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    assert (await sent(desk, b"x" * (6 * 1024 * 1024))).status == 413


async def test_a_list_is_kept_for_an_hour_at_most(desk: Desk, clock: MovedClock) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    page = await sent(desk, csv_of(HEADER, ("Anna", "anna@example.org", 2)))
    address, fields = going(page)
    clock.move(timedelta(minutes=59))
    assert fates(await desk.get(page.address)) == ["Will be booked"]
    await desk.world.run("forget-imports")
    assert len(await desk.world.rows("SELECT id FROM import_drafts")) == 1
    clock.move(timedelta(minutes=1))
    late = await desk.send(address, fields, follow=True)
    assert "not kept any longer" in late.text and await names(desk) == []
    await desk.world.run("forget-imports")
    assert await desk.world.rows("SELECT id FROM import_drafts") == []


async def test_another_events_list_and_one_that_never_was_lead_back(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    await desk.world.hear(desk.world.event("other", households=9))
    page = await sent(desk, csv_of(HEADER, ("Anna", "anna@example.org", 2)))
    for address in (page.address.replace("/fair/", "/other/"), f"{PAGE}/{uuid4()}"):
        assert (await desk.get(address)).status == 303
    assert (await desk.get(f"{PAGE}/nonsense")).status == 404


async def test_only_organisers_bring_people_in(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST, Role.CHECK_IN)
    await fair(desk)
    assert (await desk.get(PAGE)).status == 403


async def test_a_thousand_rows_are_there_in_seconds_tab_by_tab(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, households=600)
    rows = [(f"P {n}", f"p{n}@example.org" if n % 10 else "wrong", 1 + n % 3) for n in range(1000)]
    page = await sent(desk, csv_of(HEADER, *rows))
    assert fates(page).count("Will be booked") + fates(page).count("Must be mended") < 1000
    assert len(fates(page)) == 500, "the first five hundred"
    wrong = await desk.get(page.address + "?fate=wrong")
    assert [fate.split(":")[0] for fate in fates(wrong)] == ["Must be mended"] * 100
    before = time.perf_counter()
    done = await desk.send(*going(page), follow=True)
    took = time.perf_counter() - before
    assert "600 booked, 0 waiting, 400 left out." in done.text
    assert len(await names(desk)) == 600
    assert took < 20, f"{took:.1f} s"
