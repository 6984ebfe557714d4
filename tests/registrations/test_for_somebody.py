"""Staff book for somebody else: one place, or several dates in one go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.identity import audit
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_api import ask
from tests.registrations.test_console import booked, fair
from tests.registrations.test_visitors import audited

HOME = "/en/console/havlandet"
BOOK = f"{HOME}/attendees/fair/book"
OLA = {"name": "Ola Nordmann", "email": "ola@example.org", "language": "nb"}


async def states(desk: Desk) -> list[tuple[str, str, bool]]:
    rows = await desk.world.rows(
        "SELECT h.name, b.status, b.walk_in FROM bookings b JOIN people.households h ON h.booking_id = b.id"
        " ORDER BY h.name, b.starts_at"
    )
    return [(row["name"], row["status"], row["walk_in"]) for row in rows]


async def test_staff_book_for_somebody_who_gets_the_mail_everybody_gets(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot, _) = await fair(desk, 2, 2)
    page = await desk.get(BOOK)
    assert "2 places left" in page.text and "follow_up" not in page.text
    form = {**OLA, "place": slot.slot_id, "adults": 1}
    first = await desk.fill_in(page, "/book", **form)
    again = await desk.fill_in(page, "/book", **form)
    assert first.status == again.status == 303 and first.headers["Location"] == again.headers["Location"]
    shown = await desk.get(first.headers["Location"])
    assert "They are booked, and get the mail" in shown.text and "Ola Nordmann" in shown.text
    assert await states(desk) == [("Ola Nordmann", "confirmed", False)]
    told = [payload for what, payload in await desk.world.told() if what == "booking.confirmed"]
    assert [(one["cause"], one["walk_in"]) for one in told] == [("staff", False)]
    assert await desk.world.rows("SELECT 1 AS x FROM people.consents") == []


async def test_where_it_is_full_staff_choose_the_line_or_are_refused_with_what_was_typed(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot, _) = await fair(desk, 1, 1)
    await booked(desk, slot)
    page = await desk.get(BOOK)
    form = {**OLA, "place": slot.slot_id}
    full = await desk.fill_in(page, "/book", **form)
    assert full.status == 409 and "It is full" in full.text and "Ola Nordmann" in full.text
    waits = await desk.fill_in(page, "/book", follow=True, wait="on", **form)
    assert "They are on the waiting list" in waits.text
    assert (await states(desk))[0] == ("Ola Nordmann", "waiting", False)
    already = await desk.fill_in(await desk.get(BOOK), "/book", follow=True, wait="on", **form)
    assert "They have this booking already" in already.text


async def test_an_address_is_needed_but_for_who_stands_here_and_is_let_in_at_once(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    page = await desk.get(BOOK)
    form = {"name": "Per", "email": "", "place": slot.slot_id}
    nothing = await desk.fill_in(page, "/book", **form)
    assert nothing.status == 422 and "Write an e-mail address" in nothing.text
    here = [await desk.fill_in(page, "/book", here="on", **form) for _ in range(2)]
    assert here[0].headers["Location"] == here[1].headers["Location"]
    assert await states(desk) == [("Per", "attended", True)]
    assert await desk.world.rows("SELECT used FROM pools WHERE slot_id = $1", slot.slot_id) == [{"used": 1}]
    other = await desk.get(BOOK)
    full = await desk.fill_in(other, "/book", here="on", **form)
    assert full.status == 409 and len(await states(desk)) == 1


async def test_a_place_of_another_event_and_nonsense_are_refused(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, 1)
    other = desk.world.event("other", households=1)
    await desk.world.hear(other)
    page = await desk.get(BOOK)
    for place in ("event", "nonsense", other.event_id):
        answer = await desk.fill_in(page, "/book", place=place, **OLA)
        assert answer.status in (409, 422), place
    assert await states(desk) == []


# Several dates --------------------------------------------------------------------------------------------------------


async def two_days(desk: Desk, places: int = 1) -> list[str]:
    """A fair with one time, and a homecoming that is booked itself; each so roomy. The values of their boxes."""
    _, _, (slot,) = await fair(desk, places)
    home = desk.world.event("homecoming", households=places, days=30)
    await desk.world.hear(home)
    return [f"{slot.event_id}/{slot.slot_id}", str(home.event_id)]


async def several(desk: Desk, page: Page | None = None, **answers: object) -> Page:
    return await desk.fill_in(page or await desk.get(f"{HOME}/attendees/-/several"), "/several", **{**OLA, **answers})


async def test_several_dates_are_booked_in_one_go_with_an_answer_for_each(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    choice = await two_days(desk)
    page = await desk.get(f"{HOME}/attendees/-/several")
    for _ in range(2):  # sent twice, it is two bookings and says the same
        done = await several(desk, page, choice=choice, whole="on")
        assert done.status == 200 and done.text.count("Was booked<") == 2
    assert [one[:2] for one in await states(desk)] == [("Ola Nordmann", "confirmed")] * 2


async def test_all_or_none_books_none_where_one_is_full_and_says_which(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    choice = await two_days(desk)
    await several(desk, choice=choice[:1], name="Sanne", email="sanne@example.org")
    none = await several(desk, choice=choice, whole="on", wait="on")
    assert none.status == 409 and "Nothing was booked" in none.text
    assert "There is room" in none.text and "The place is full." in none.text and "Ola Nordmann" in none.text
    assert [one[0] for one in await states(desk)] == ["Sanne"]
    assert await desk.world.rows("SELECT 1 AS x FROM people.visitors WHERE email_key = 'ola@example.org'") == []


async def test_else_they_get_what_fits_or_wait_if_they_will(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    choice = await two_days(desk)
    await several(desk, choice=choice[:1], name="Sanne", email="sanne@example.org")
    some = await several(desk, choice=choice)
    assert some.status == 200 and "The place is full." in some.text and "Was booked<" in some.text
    more = await several(desk, choice=choice, wait="on")
    assert "Waits<" in more.text and "Was booked already<" in more.text
    assert [one[:2] for one in await states(desk)][:2] == [("Ola Nordmann", "waiting"), ("Ola Nordmann", "confirmed")]


async def test_two_times_at_once_are_no_two_bookings(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, slots = await fair(desk, 5, 5)
    choice = [f"{slot.event_id}/{slot.slot_id}" for slot in slots]  # of one stand: a household comes there once
    both = await several(desk, choice=choice)
    assert "This visitor has another booking at that time." in both.text
    assert len(await states(desk)) == 1
    assert (await several(desk, choice=[])).status == 422


async def test_two_members_of_staff_at_once_share_out_the_last_place(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    choice = await two_days(desk)
    pages = [await desk.get(f"{HOME}/attendees/-/several") for _ in range(4)]
    answers = await asyncio.gather(
        *(
            several(desk, page, choice=choice, whole="on", name=f"N{number}", email=f"n{number}@example.org")
            for number, page in enumerate(pages)
        )
    )
    assert sorted(one.status for one in answers) == [200, 409, 409, 409]
    assert len(await states(desk)) == 2


async def lines_of(desk: Desk) -> list[str]:
    """The bookings that the audit says were made for somebody, once for each line."""
    return sorted(subject for _, subject in await audited(desk, "booking.made_for_somebody"))


async def made(desk: Desk) -> list[str]:
    return sorted(f"booking:{row['id']}" for row in await desk.world.rows("SELECT id FROM bookings"))


@pytest.mark.parametrize("whole", ["on", None])
async def test_each_booking_has_its_line_in_the_audit_or_is_not_made(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, whole: str | None
) -> None:
    await desk.sign_in(Role.ORGANISER)
    choice = await two_days(desk)
    page = await desk.get(f"{HOME}/attendees/-/several")
    record, lines = audit.record, []

    async def ends_at_the_second(*given: Any, **more: Any) -> None:
        lines.append(given)
        if len(lines) == 2:
            raise RuntimeError("the process was ended here")
        await record(*given, **more)

    monkeypatch.setattr(audit, "record", ends_at_the_second)
    assert (await several(desk, page, choice=choice, whole=whole)).status == 500
    assert await lines_of(desk) == await made(desk) == []
    monkeypatch.undo()
    both = await asyncio.gather(*(several(desk, page, choice=choice, whole=whole) for _ in range(2)))
    assert [one.text.count("Was booked<") for one in both] == [2, 2]
    assert len(await made(desk)) == 2 and await lines_of(desk) == await made(desk)


# By program -----------------------------------------------------------------------------------------------------------

SEVERAL = "/api/v1/programmes/havlandet/bookings/several"


def places_of(choice: list[str]) -> list[dict[str, str]]:
    return [dict(zip(("event_id", "slot_id"), one.split("/"), strict=False)) for one in choice]


async def test_a_program_books_a_class_on_several_dates_once_however_often_it_asks(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    body = {**OLA, "group_name": "7B", "whole": True, "places": places_of(await two_days(desk, 2))}
    first, again = [await ask(desk, "POST", SEVERAL, body, key="class", person=person) for _ in range(2)]
    assert first == again and first[0] == 200
    assert [(one["fate"], one["new"]) for one in first[1]["places"]] == [("booked", True)] * 2
    other = (await ask(desk, "POST", SEVERAL, body, person=person))[1]["places"]
    assert [(one["fate"], one["new"]) for one in other] == [("again", False)] * 2
    assert [one["booking_id"] for one in other] == [one["booking_id"] for one in first[1]["places"]]
    assert [one[:2] for one in await states(desk)] == [("Ola Nordmann", "confirmed")] * 2
    told = [payload for what, payload in await desk.world.told() if what == "booking.confirmed"]
    assert len(told) == 2, "each date has a mail of its own"


async def test_a_program_is_told_which_of_the_dates_stands_in_the_way(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    days = await two_days(desk)
    await several(desk, choice=days[1:], name="Sanne", email="sanne@example.org")
    body = {**OLA, "places": places_of(days), "whole": True, "wait": True}
    status, refused = await ask(desk, "POST", SEVERAL, body, person=person)
    assert (status, [(one["field"], one["code"]) for one in refused["errors"]]) == (409, [("places.1", "full")])
    assert [one[0] for one in await states(desk)] == ["Sanne"]
    status, some = await ask(desk, "POST", SEVERAL, {**body, "whole": False}, person=person)
    assert (status, [one["fate"] for one in some["places"]]) == (200, ["booked", "waiting"])


async def test_a_program_cannot_have_somebody_at_two_places_at_once(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    _, _, slots = await fair(desk, 5, 5)
    choice = [{"event_id": str(slot.event_id), "slot_id": str(slot.slot_id)} for slot in slots]
    body = {**OLA, "places": choice, "whole": True}
    status, refused = await ask(desk, "POST", SEVERAL, body, person=person)
    assert (status, [(one["field"], one["code"]) for one in refused["errors"]]) == (409, [("places.1", "overlaps")])
    assert await states(desk) == []
    for wrong, field in (({"places": []}, "places"), ({"email": None}, "email"), ({"places": choice * 21}, "places")):
        status, refused = await ask(desk, "POST", SEVERAL, {**body, **wrong}, person=person)
        assert (status, [one["field"] for one in refused["errors"]]) == (422, [field])
