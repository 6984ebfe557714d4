"""The entry a family downloads is the one its mails carry, so that no calendar has the same booking twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from events.facts import SlotOpened
from notifications.channels.email import calendar as mailed
from notifications.facts import DeliverySettled, DeliveryStatus
from registrations.commands import rules
from registrations.domain.records import EventRules, LinePolicy
from tests.registrations.desks import Desk, Page
from tests.registrations.test_my_booking import booked, enter

FAMILY = {"name": "Sanne de Vries", "email": "sanne@example.org", "adults": 2}


async def fair(desk: Desk, *capacities: int) -> list[SlotOpened]:
    """A fair at an address, with a numbered stand and a slot of each capacity."""
    event = desk.world.event("fair", venue={"name": "Jaarbeurs", "address": "Utrecht"})
    stand = desk.world.stand(event, number="b12")
    slots = [desk.world.slot(stand, capacity, days=10 + number / 48) for number, capacity in enumerate(capacities)]
    await desk.world.programme()
    await desk.world.hear(event, stand, *slots)
    return slots


def link_of(page: Page) -> str:
    """Where "Add to calendar" leads."""
    return page.text.split("calendar.ics")[0].rsplit('"', 1)[1] + (
        "calendar.ics" + page.text.split("calendar.ics")[1].split('"')[0]
    ).replace("&amp;", "&")


def entry_of(page: Page) -> Any:
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/calendar")
    (entry,) = Calendar.from_ical(page.text).events
    return entry


def as_mailed(booking_id: Any, starts_at: Any, ends_at: Any) -> Any:
    """The entry of a slot at a stand as the confirmation carries it, the first time it is told."""
    story = {
        "booking_id": booking_id,
        "titles": {"en": "Fair for emigrants"},
        "venue": {"name": "Jaarbeurs", "address": "Utrecht"},
        "stand_names": {"nb": "Havlandet", "en": "The Sea Land"},
        "stand_number": "b12",
        "session_titles": None,
        "room": None,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    told = mailed.entry(
        story, "en", "127.0.0.1", ("Blest", "a@example.org"), "b@example.org", 0, starts_at, cancelled=False
    )
    (entry,) = Calendar.from_ical(told).events
    return entry


SAME = ("UID", "SEQUENCE", "SUMMARY", "LOCATION", "CLASS", "TRANSP")


async def test_my_bookings_entry_is_that_of_the_mail(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    mine = entry_of(await desk.get(link_of(await enter(desk, family.booking_id))))
    mail = as_mailed(family.booking_id, slot.starts_at, slot.ends_at)
    assert [mine[name] for name in SAME] == [mail[name] for name in SAME]
    assert (mine.start, mine.end) == (mail.start, mail.end)
    assert mine["STATUS"] == "CONFIRMED"


async def test_it_follows_to_another_time(desk: Desk) -> None:
    slot, other = await fair(desk, 1, 1)
    family = await booked(desk, slot)
    page = await desk.fill_in(await enter(desk, family.booking_id), "/slot", follow=True, place=other.slot_id)
    mine = entry_of(await desk.get(link_of(page)))
    assert (mine.start, mine.end) == (other.starts_at, other.ends_at)


async def test_who_waits_or_has_cancelled_has_nothing_for_a_calendar(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    has, waits = await booked(desk, slot), await booked(desk, slot)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(LinePolicy.OFFER))
    waiting = await enter(desk, waits.booking_id)
    assert "calendar.ics" not in waiting.text
    assert (await desk.get(f"/en/my-booking/calendar.ics?made_for={waiting.made_for}")).status == 404
    page = await enter(desk, has.booking_id)
    cancelled = await desk.fill_in(page, "/cancel", follow=True)
    assert "calendar.ics" not in cancelled.text
    assert (await desk.get(f"/en/my-booking/calendar.ics?made_for={cancelled.made_for}")).status == 404


async def test_without_the_link_from_the_mail_there_is_no_entry(desk: Desk) -> None:
    await fair(desk, 1)
    assert (await desk.get("/en/my-booking/calendar.ics")).status == 410


async def test_the_receipts_entry_is_of_the_same_booking_and_not_yet_confirmed(desk: Desk) -> None:
    (slot,) = await fair(desk, 3)
    form = await desk.get("/en/register/fair")
    receipts = [await desk.fill_in(form, "register/fair", follow=True, place=slot.slot_id, **FAMILY) for _ in range(2)]
    (row,) = await desk.world.rows("SELECT id FROM bookings")
    mail = as_mailed(row["id"], slot.starts_at, slot.ends_at)
    for receipt in receipts:
        entry = entry_of(await desk.get(link_of(receipt)))
        assert [entry[name] for name in SAME] == [mail[name] for name in SAME]
        assert (entry.start, entry.end, entry["STATUS"]) == (mail.start, mail.end, "TENTATIVE")


async def test_the_receipt_of_who_is_coming_already_tells_nothing_of_that_booking(desk: Desk) -> None:
    slot, other = await fair(desk, 3, 3)
    for chosen in (slot, other):
        form = await desk.get("/en/register/fair")
        receipt = await desk.fill_in(form, "register/fair", follow=True, place=chosen.slot_id, **FAMILY)
        entry = entry_of(await desk.get(link_of(receipt)))
    (row,) = await desk.world.rows("SELECT id FROM bookings")
    assert str(row["id"]) not in entry["UID"]
    assert entry.start == other.starts_at, "what was asked for, not what they have"


async def test_who_would_wait_is_given_no_entry_before_there_is_a_place(desk: Desk) -> None:
    (slot,) = await fair(desk, 0)
    form = await desk.get("/en/register/fair")
    receipt = await desk.fill_in(form, "register/fair", follow=True, place=slot.slot_id, wait="on", **FAMILY)
    assert receipt.status == 200 and "calendar.ics" not in receipt.text


@pytest.mark.parametrize("entry", ["", "x", f"{UUID(int=7)}.event.{'a' * 26}"])
async def test_a_forged_receipt_has_no_entry(desk: Desk, entry: str) -> None:
    await fair(desk, 1)
    assert (await desk.get(f"/en/receipt/calendar.ics?event=fair&entry={entry}")).status == 404
    assert "calendar.ics" not in (await desk.get(f"/en/receipt?event=fair&place=event&entry={entry}")).text


async def test_my_bookings_entry_has_the_sequence_that_was_mailed_last(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    assert entry_of(await desk.get(link_of(page)))["SEQUENCE"] == 0, "nothing was mailed yet"
    (row,) = await desk.world.rows("SELECT visitor_id FROM bookings")
    settled = {
        "programme_id": desk.world.programme_id,
        "version": 1,
        "at": desk.world.moment(),
        "visitor_id": row["visitor_id"],
        "booking_id": family.booking_id,
        "kind": "moved",
        "channel": "email",
        "status": DeliveryStatus.SENT,
    }
    # Deliveries end in any order; one without an entry says nothing of it.
    for sequence in (2, 1, None):
        await desk.world.hear(DeliverySettled(delivery_id=uuid4(), sequence=sequence, **settled))
    assert entry_of(await desk.get(link_of(page)))["SEQUENCE"] == 2


async def test_a_session_is_called_by_its_name_on_every_page_and_in_the_entry(desk: Desk) -> None:
    event = desk.world.event("fair", venue={"name": "Jaarbeurs", "address": "Utrecht"})
    stand = desk.world.stand(event)
    session = desk.world.slot(stand, 9, titles={"nb": "Å bygge hus", "en": "Building a house"}, room="Hall 2")
    session = session.model_copy(update={"stand_id": None})
    await desk.world.programme()
    await desk.world.hear(event, session)
    form = await desk.get("/en/register/fair")
    assert "Building a house" in form.text
    receipt = await desk.fill_in(form, "register/fair", follow=True, place=session.slot_id, **FAMILY)
    assert "Building a house" in receipt.text
    (row,) = await desk.world.rows("SELECT id FROM bookings")
    page = await enter(desk, row["id"])
    assert "Building a house" in page.text and "Hall 2" in page.text
    for told in (receipt, page):
        entry = entry_of(await desk.get(link_of(told)))
        assert entry["SUMMARY"] == "Fair for emigrants: Building a house"
        assert entry["LOCATION"] == "Jaarbeurs, Utrecht, Hall 2"
