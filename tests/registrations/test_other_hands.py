"""Addresses confirmed, places handed over, and a choice for those whose event was called off: as browsers see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from events.facts import EventCancelled, SlotOpened
from registrations.commands import people
from registrations.commands.rules import set_rules
from registrations.domain.applications import Application, Person
from registrations.domain.asking import Cancel
from registrations.domain.records import EventRules
from registrations.domain.retention import VISITOR_KEPT
from registrations.facts import Cause
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_register_page import fair


async def enter(desk: Desk, booking: Application) -> Any:
    (row,) = await desk.world.rows(f"SELECT rotation FROM bookings WHERE id = '{booking.booking_id}'")
    token = desk.world.keys.token("booking", booking.booking_id, row["rotation"])
    opened = await desk.send(f"/en/my-booking/{token}", {})
    assert opened.status == 303, opened.text
    return await desk.get("/en/my-booking")


async def rules(desk: Desk, slot: SlotOpened, given: EventRules) -> None:
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, slot.event_id, given)


async def test_where_addresses_are_confirmed_a_booking_counts_once_its_link_is_opened(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    await rules(desk, slot, EventRules(confirm_address=True))
    family = desk.world.household(slot)
    await desk.world.decide(family)
    (row,) = await desk.world.rows("SELECT status, awaits FROM bookings")
    assert row == {"status": "held", "awaits": "address"}
    token = desk.world.keys.token("booking", family.booking_id, 0)
    assert "Confirm my address" in (await desk.get(f"/en/my-booking/{token}")).text
    assert (await desk.world.rows("SELECT status FROM bookings")) == [{"status": "held"}], (
        "a link opened changes nothing"
    )
    await enter(desk, family)
    (row,) = await desk.world.rows("SELECT status, awaits FROM bookings")
    assert row == {"status": "confirmed", "awaits": None}


async def test_an_address_that_is_never_confirmed_gives_its_place_back(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    await rules(desk, slot, EventRules(confirm_address=True))
    await desk.world.decide(desk.world.household(slot))
    desk.world.clock.move(timedelta(hours=48))
    await desk.world.run("move-lines")
    assert (await desk.world.rows("SELECT status, cause FROM bookings")) == [{"status": "cancelled", "cause": "expiry"}]
    assert (await desk.world.rows("SELECT used FROM pools")) == [{"used": 0}]


async def test_a_place_is_someone_elses_once_they_say_yes_and_the_first_link_is_dead(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    page = await enter(desk, family)
    asked = await desk.fill_in(page, "hand-over", name="Kari Nordmann", email="kari@example.org", language="nb")
    assert asked.status == 303
    (row,) = await desk.world.rows("SELECT id FROM hand_overs")
    token = desk.world.keys.token("hand-over", row["id"], 0)
    offered = await desk.get(f"/en/hand-over/{token}")
    assert offered.status == 200 and family.person.name not in offered.text
    first = desk.world.keys.token("booking", family.booking_id, 0)
    assert (await desk.get(f"/en/my-booking/{first}")).status == 200, "nothing has changed yet"
    taken = await desk.send(f"/en/hand-over/{token}", {})
    assert taken.status == 303
    mine = await desk.get("/en/my-booking")
    assert "Kari Nordmann" in mine.text and family.person.name not in mine.text
    assert (await desk.get(f"/en/my-booking/{first}")).status == 410
    assert (await desk.send(f"/en/hand-over/{token}", {})).status == 410
    (household,) = await desk.world.rows("SELECT name, lives_in, language FROM people.households")
    assert household == {"name": "Kari Nordmann", "lives_in": None, "language": "nb"}


async def test_who_is_there_already_cannot_take_a_second_place_and_only_they_are_told(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 2)
    family, other = desk.world.household(slot), desk.world.household(slot, email="kari@example.org")
    await desk.world.decide(family, other)
    page = await enter(desk, family)
    asked = await desk.fill_in(page, "hand-over", name="Kari Nordmann", email="kari@example.org", language="nb")
    assert asked.status == 303, "who asks learns nothing"
    (row,) = await desk.world.rows("SELECT id FROM hand_overs")
    token = desk.world.keys.token("hand-over", row["id"], 0)
    assert (await desk.send(f"/en/hand-over/{token}", {})).status == 409


async def test_who_never_answers_is_forgotten_when_the_time_for_it_is_over(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    page = await enter(desk, family)
    await desk.fill_in(page, "hand-over", name="Kari Nordmann", email="kari@example.org", language="nb")
    asked = "SELECT count(*) AS known FROM people.visitors WHERE email = 'kari@example.org'"
    desk.world.clock.move(timedelta(days=2))
    await desk.world.run("forget")
    assert (await desk.world.rows(asked)) == [{"known": 1}]
    desk.world.clock.move(timedelta(days=1))
    await desk.world.run("forget")
    assert (await desk.world.rows(asked)) == [{"known": 0}]
    (row,) = await desk.world.rows("SELECT status FROM bookings")
    assert row["status"] == "confirmed"


async def test_who_may_still_take_a_place_over_is_kept_however_old_an_acquaintance(desk: Desk) -> None:
    _, (long_ago,) = await fair(desk, 1)
    await desk.world.decide(desk.world.household(long_ago, email="kari@example.org"))
    desk.world.clock.move(timedelta(days=10) + VISITOR_KEPT)
    soon = desk.world.event("soon")
    stand = desk.world.stand(soon)
    slot = desk.world.slot(stand)
    await desk.world.hear(soon, stand, slot)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    page = await enter(desk, family)
    await desk.fill_in(page, "hand-over", name="Kari Nordmann", email="kari@example.org", language="nb")
    known = "SELECT count(*) AS known FROM people.visitors WHERE email = 'kari@example.org'"
    desk.world.clock.move(timedelta(days=1))
    await desk.world.run("forget")
    assert (await desk.world.rows(known)) == [{"known": 1}]
    desk.world.clock.move(timedelta(days=2))
    await desk.world.run("forget")
    assert (await desk.world.rows(known)) == [{"known": 0}]


async def test_after_the_deadline_visitors_are_told_until_when_it_was_possible(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    await rules(desk, slot, EventRules(cancel_until=timedelta(days=3)))
    family = desk.world.household(slot)
    await desk.world.decide(family)
    left_open = await enter(desk, family)
    desk.world.clock.move(timedelta(days=8))
    await enter(desk, family)
    refused = await desk.fill_in(left_open, "cancel")
    assert refused.status == 409 and "You could cancel until" in refused.text
    assert (await desk.world.rows("SELECT status FROM bookings")) == [{"status": "confirmed"}]


async def test_a_called_off_event_leaves_its_households_a_choice(desk: Desk) -> None:
    event, (slot,) = await fair(desk, 1)
    other = desk.world.event("homecoming", households=5, days=20)
    await desk.world.hear(other)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    called_off = {**event.model_dump(), "version": 2, "status": "cancelled"}
    await desk.world.hear(EventCancelled(**called_off))
    page = await enter(desk, family)
    assert "The event has been cancelled." in page.text and "Book again" not in page.text
    assert "Choose something else instead" in page.text
    chosen = await desk.fill_in(page, "choose", choice=str(other.event_id))
    assert chosen.status == 303, chosen.text
    (row,) = await desk.world.rows("SELECT status, event_id, slot_id FROM bookings")
    assert row == {"status": "confirmed", "event_id": other.event_id, "slot_id": None}


async def test_the_link_in_the_mail_about_a_called_off_event_leads_to_what_else_there_is(desk: Desk) -> None:
    event, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    await desk.world.hear(EventCancelled(**{**event.model_dump(), "version": 2, "status": "cancelled"}))
    door = await desk.get(f"/en/my-booking/{desk.world.keys.token('booking', family.booking_id, 0)}")
    assert "See what else there is" in door.text and "See your ticket" not in door.text
    nothing = await enter(desk, family)
    assert "There is no free place to choose instead just now." in nothing.text
    assert 'href="/en/events">See events' in nothing.text, "the programme's own calendar is empty"
    other = desk.world.event("homecoming", households=5, days=20)
    await desk.world.hear(other)
    page = await enter(desk, family)
    assert 'href="#elsewhere">Choose something else instead' in page.text and 'id="elsewhere"' in page.text
    assert 'href="/en/events?programme=havlandet">See events' in page.text


async def test_one_in_line_is_told_their_place_and_chance_and_what_must_happen_first(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    has, waits, last = (desk.world.household(slot) for _ in range(3))
    await desk.world.decide(has, waits, last)
    ours = "Going by how often places of ours are given up, the chance of that is about"
    page = (await enter(desk, waits)).text
    assert "You are next in line." in page and f"A place must become free first. {ours}" in page
    page = (await enter(desk, last)).text
    assert "1 household is before you." in page
    assert f"Enough places must become free first, for those before you and for you. {ours}" in page
    await desk.world.decide(Cancel(has.booking_id, Cause.VISITOR))
    assert "must become free first" not in (await enter(desk, waits)).text


async def asked(desk: Desk) -> tuple[Application, str]:
    """A family with a place, which has asked Kari to come instead; the token of Kari's link."""
    _, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    await ask(desk, family, "Kari@Example.org")
    return family, await token_of_last(desk)


async def ask(desk: Desk, family: Application, email: str) -> None:
    desk.world.clock.move(timedelta(minutes=5))
    sent = await desk.fill_in(await enter(desk, family), "hand-over", name="Kari", email=email, language="nb")
    assert sent.status == 303, sent.text


async def token_of_last(desk: Desk) -> str:
    (row,) = await desk.world.rows("SELECT id FROM hand_overs ORDER BY id DESC LIMIT 1")
    return desk.world.keys.token("hand-over", row["id"], 0)


async def test_who_asked_sees_whom_and_until_when_and_may_take_it_back(desk: Desk) -> None:
    family, token = await asked(desk)
    page = await enter(desk, family)
    assert "We wrote to kari@example.org." in page.text and "They can say yes until" in page.text
    taken = await desk.fill_in(page, "take-back")
    assert taken.status == 303
    page = await enter(desk, family)
    assert "We wrote to" not in page.text and all("take-back" not in action for action, _ in page.forms())
    assert (await desk.send(f"/en/hand-over/{token}", {})).status == 410
    assert (await desk.world.rows("SELECT rotation FROM bookings")) == [{"rotation": 0}]


async def test_what_they_see_of_it_does_not_tell_whether_we_know_that_address(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 2)
    known = Person("Karianne Nordmann", "KARI@example.org", "nb")
    family, other = desk.world.household(slot), desk.world.household(slot, person=known)
    await desk.world.decide(family, other)
    await ask(desk, family, "Kari@Example.org")
    page = await enter(desk, family)
    assert "We wrote to kari@example.org." in page.text
    assert "Karianne" not in page.text and "KARI" not in page.text


async def test_a_hand_over_that_was_answered_cannot_be_taken_back(desk: Desk) -> None:
    family, token = await asked(desk)
    page = await enter(desk, family)
    assert (await desk.send(f"/en/hand-over/{token}", {})).status == 303
    mine = await desk.get("/en/my-booking")
    assert "Kari" in mine.text
    await desk.fill_in(page, "take-back")
    (row,) = await desk.world.rows("SELECT accepted_at IS NOT NULL AS accepted, ended FROM hand_overs")
    assert row == {"accepted": True, "ended": None}


async def test_who_asked_is_told_of_a_no_and_of_no_answer(desk: Desk) -> None:
    family, token = await asked(desk)
    await desk.send(f"/en/hand-over/{token}/decline", {})
    page = await enter(desk, family)
    assert "Whoever you asked cannot come instead" in page.text and "kari" not in page.text
    await ask(desk, family, "siri@example.org")
    desk.world.clock.move(timedelta(days=3))
    assert "Whoever you asked has not answered" in (await enter(desk, family)).text


async def test_who_said_yes_and_opens_the_link_again_is_led_to_their_booking(desk: Desk) -> None:
    family, token = await asked(desk)
    await desk.send(f"/en/hand-over/{token}", {})
    again = await desk.get(f"/en/hand-over/{token}")
    assert "You have taken the place" in again.text and "This offer has ended" not in again.text
    assert "Open my booking" in again.text, "this browser has it open"
    twice = await desk.send(f"/en/hand-over/{token}", {})
    assert twice.status == 410 and "You have taken the place" in twice.text, "as after a double click"
    desk.world.clock.move(timedelta(hours=2))
    later = await desk.get(f"/en/hand-over/{token}")
    assert "Open my booking" not in later.text and "We sent you a mail then." in later.text
    assert family.person.name not in later.text and "Kari" not in later.text


async def test_who_said_no_and_opens_the_link_again_is_told_so(desk: Desk) -> None:
    _, token = await asked(desk)
    await desk.send(f"/en/hand-over/{token}/decline", {})
    assert "You said no" in (await desk.get(f"/en/hand-over/{token}")).text


async def test_staff_see_through_whose_hands_a_booking_went_until_these_are_forgotten(desk: Desk) -> None:
    family, first = await asked(desk)
    await desk.send(f"/en/hand-over/{first}/decline", {})
    await ask(desk, family, "siri@example.org")
    await desk.send(f"/en/hand-over/{await token_of_last(desk)}", {})
    await desk.sign_in(Role.ORGANISER)
    address = f"/en/console/havlandet/attendees/fair/{family.booking_id}"
    page = await desk.get(address)
    assert f"{family.person.name} asked somebody else" in page.text
    assert "They said no" in page.text and "They said yes" in page.text
    assert "kari@example.org" not in page.text
    (giver,) = await desk.world.rows("SELECT DISTINCT from_visitor_id AS id FROM hand_overs")
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        kept = await people.my_data(tx, giver["id"])
        assert kept and [one["ended"] for one in kept["hand_overs"]] == ["declined", None]
        await people.erase(tx, giver["id"])
    page = await desk.get(address)
    assert family.person.name not in page.text
    assert "Whoever had the booking then asked somebody else" in page.text


async def test_staff_see_that_somebody_is_asked_and_not_whom(desk: Desk) -> None:
    family, _ = await asked(desk)
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(f"/en/console/havlandet/attendees/fair/{family.booking_id}")
    assert "They can answer until" in page.text and "kari@example.org" not in page.text


async def test_who_is_asked_to_come_instead_keeps_the_language_that_they_chose(desk: Desk) -> None:
    _, (slot, later) = await fair(desk, 2, 2)
    theirs, ours = desk.world.household(later, "kari@example.org"), desk.world.household(slot)
    await desk.world.decide(theirs, ours)
    before = await desk.world.rows("SELECT language FROM people.visitors WHERE email_key = 'kari@example.org'")
    await ask(desk, ours, "kari@example.org")
    after = await desk.world.rows("SELECT language FROM people.visitors WHERE email_key = 'kari@example.org'")
    assert before == after == [{"language": "nl"}]
