"""What my booking says before and after the organiser's deadlines, and whom it names where it says "Write to us"."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.facts import SlotOpened
from registrations.commands import rules
from registrations.domain.household import Household
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason
from registrations.sentences import ASK_TO_WRITE, REFUSALS
from services.clock import MovedClock
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_my_booking import booked, enter

CONTACT = "post@havlandet.example"
WRITE = f'<a href="mailto:{CONTACT}">{CONTACT}</a>'
WEEK = timedelta(days=7)


async def fair(desk: Desk, given: EventRules, *capacities: int) -> list[SlotOpened]:
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    slots = [desk.world.slot(stand, capacity, days=10 + number / 48) for number, capacity in enumerate(capacities)]
    await desk.world.programme(contact=CONTACT)
    await desk.world.hear(event, stand, *slots)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, event.event_id, given)
    return slots


def sent_by(page: Page) -> set[str]:
    """What a visitor may still do to the booking itself."""
    return {target.rpartition("/")[2] for target, _ in page.forms()} & {"slot", "household", "cancel"}


async def test_before_the_deadlines_each_form_says_until_when(desk: Desk) -> None:
    slot, _ = await fair(desk, EventRules(change_until=WEEK, cancel_until=WEEK), 2, 2)
    page = await enter(desk, (await booked(desk, slot)).booking_id)
    assert sent_by(page) == {"slot", "household", "cancel"}
    assert page.text.count("You can change this until") == 2 and page.text.count("You can cancel until") == 1
    assert page.text.index("You can change this until") < page.text.index("Change time")
    assert CONTACT not in page.text


async def test_after_them_there_is_no_form_and_what_is_said_is_past_and_names_whom_to_write_to(
    desk: Desk, clock: MovedClock
) -> None:
    slot, free = await fair(desk, EventRules(change_until=WEEK, cancel_until=WEEK), 2, 2)
    family = await booked(desk, slot)
    open_before = await enter(desk, family.booking_id)
    clock.move_to(slot.starts_at - WEEK + timedelta(minutes=1))
    page = await enter(desk, family.booking_id)
    assert sent_by(page) == set()
    assert "You can c" not in page.text and "Another time" not in page.text
    for said in ("Changes were possible until", "You could cancel until"):
        assert WRITE in page.text.split(said)[1].split("</p>")[0]
    for form, said in (
        ("/cancel", "You could cancel until"),
        ("/household", "Changes were possible until"),
        ("/slot", "Changes were possible until"),
    ):
        late = await desk.fill_in(open_before, form, adults=1, place=free.slot_id)
        told = late.text.split("That could not be done")[1].split("</p>")[0]
        assert late.status == 409 and said in told and WRITE in told


async def test_one_deadline_is_not_the_other(desk: Desk, clock: MovedClock) -> None:
    slot, _ = await fair(desk, EventRules(change_until=WEEK), 2, 2)
    family = await booked(desk, slot)
    clock.move_to(slot.starts_at - timedelta(days=1))
    page = await enter(desk, family.booking_id)
    assert sent_by(page) == {"cancel"} and "could cancel" not in page.text


async def test_who_only_waits_can_leave_at_any_time(desk: Desk, clock: MovedClock) -> None:
    (slot,) = await fair(desk, EventRules(cancel_until=WEEK), 1)
    await booked(desk, slot)
    waits = await booked(desk, slot)
    clock.move_to(slot.starts_at - timedelta(days=1))
    page = await enter(desk, waits.booking_id)
    assert "You can cancel until" not in page.text and "could cancel" not in page.text
    assert "Your booking is cancelled." in (await desk.fill_in(page, "/cancel", follow=True)).text


async def test_who_is_asked_to_choose_another_time_can_also_late(desk: Desk, clock: MovedClock) -> None:
    slot, free = await fair(desk, EventRules(change_until=WEEK), 2, 2)
    await booked(desk, slot)
    clock.move(timedelta(minutes=1))
    last = await booked(desk, slot)
    await desk.sign_in(Role.ORGANISER)
    (pool,) = await desk.world.rows("SELECT id FROM pools WHERE slot_id = $1", slot.slot_id)
    places = await desk.get("/en/console/havlandet/attendees/fair/places")
    await desk.fill_in(places, f"places/{pool['id']}", capacity=1, ask="true")
    clock.move_to(slot.starts_at - timedelta(days=1))
    page = await enter(desk, last.booking_id)
    assert sent_by(page) == {"slot", "cancel"}
    assert "Your time is changed." in (await desk.fill_in(page, "/slot", follow=True, place=free.slot_id)).text


async def test_too_many_of_them_are_told_whom_to_write_to(desk: Desk) -> None:
    (slot,) = await fair(desk, EventRules(largest_household=4), 3)
    family = await booked(desk, slot, household=Household(2))
    refused = await desk.fill_in(await enter(desk, family.booking_id), "/household", adults=5)
    assert refused.status == 409 and WRITE in refused.text.split("At most 4 persons")[1].split("</p>")[0]
    many = {"name": "Kari", "email": "kari@example.org", "adults": 5, "place": slot.slot_id}
    for to in ("/en/register/fair", "/en/register/fair/hold"):
        form = await desk.get("/en/register/fair")
        assert CONTACT not in form.text
        full = await desk.fill_in(form, "register/fair", to=to, **many)
        assert full.status == 409 and "At most 4 persons" in full.text and WRITE in full.text
        assert 'href="#adults"' in full.text
    scripted = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    fields = {name: texts[-1] for name, texts in form.form("register/fair")[1].items()}
    sent = {**fields, **{name: str(one) for name, one in many.items()}}
    async with desk.client.post("/en/register/fair/hold", data=sent, headers=scripted) as answer:
        assert (await answer.json())["sentence"].endswith(f"Write to us if you are more. {CONTACT}")


@pytest.mark.parametrize("reason", list(Reason))
def test_every_sentence_that_says_write_to_us_has_the_address_beside_it(reason: Reason) -> None:
    assert ("Write to us" in REFUSALS.get(reason, "")) == (reason in ASK_TO_WRITE)
