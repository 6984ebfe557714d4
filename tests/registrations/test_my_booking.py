"""A visitor's own page: entered by link, changed by forms, refused to whoever has no right to it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from events.facts import SlotOpened
from registrations.commands import rules
from registrations.domain.applications import Application
from registrations.domain.asking import Cancel
from registrations.domain.consents import Purpose
from registrations.domain.household import Household
from registrations.domain.records import EventRules, LinePolicy
from registrations.facts import Cause
from registrations.statements import queries
from services.clock import MovedClock
from tests.registrations.desks import OURS, Desk, Page


async def fair(desk: Desk, *capacities: int) -> list[SlotOpened]:
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    slots = [desk.world.slot(stand, capacity, days=10 + number / 48) for number, capacity in enumerate(capacities)]
    await desk.world.programme()
    await desk.world.hear(event, stand, *slots)
    return slots


async def enter(desk: Desk, booking_id: UUID) -> Page:
    """Follow the link in the mail: the door, the button, the page."""
    token = desk.world.keys.token("booking", booking_id)
    door = await desk.get(f"/en/my-booking/{token}")
    assert door.status == 200 and "Sanne" not in door.text
    return await desk.fill_in(door, "my-booking", follow=True)


async def booked(desk: Desk, slot: SlotOpened, **more: object) -> Application:
    family = desk.world.household(slot, **more)
    await desk.world.decide(family)
    return family


async def test_the_link_leads_to_the_booking_with_its_ticket_and_a_clean_address(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    assert (page.status, page.address) == (200, "/en/my-booking")
    assert "Sanne de Vries" in page.text and 'class="qr"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


async def test_opening_the_link_alone_changes_nothing_and_sets_no_cookie(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot)
    page = await desk.get(f"/en/my-booking/{desk.world.keys.token('booking', family.booking_id)}")
    assert "Set-Cookie" not in page.headers
    assert (await desk.get("/en/my-booking")).status == 410


@pytest.mark.parametrize("token", ["x", "a" * 26, "abc%20def", "..%2f.."])
async def test_a_forged_link_opens_nothing(desk: Desk, token: str) -> None:
    assert (await desk.get(f"/en/my-booking/{token}")).status in {404, 410}
    response = await desk.client.post(f"/en/my-booking/{token}", headers=OURS, allow_redirects=False)
    assert response.status in {404, 410}


async def test_a_ticket_is_no_key_to_the_booking(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot)
    ticket = desk.world.keys.token("ticket", family.booking_id)
    assert (await desk.get(f"/en/my-booking/{ticket}")).status == 410
    stranger = await desk.get(f"/t/{ticket}", **{"Accept-Language": "en"})
    assert stranger.status == 200
    assert "Sanne" not in stranger.text and "<form method=" not in stranger.text
    assert (await desk.get(f"/t/{desk.world.keys.token('booking', family.booking_id)}")).status == 404


@pytest.mark.parametrize(
    "cookie", ["x", "a.b.c.d.e", f"{UUID(int=7)}.{UUID(int=8)}.0.99999999999.aaaaaaaaaaaaaaaaaaaaaaaaaa"]
)
async def test_a_forged_cookie_opens_nothing(desk: Desk, cookie: str) -> None:
    await fair(desk, 2)
    assert (await desk.get("/en/my-booking", Cookie=f"booking={cookie}")).status == 410


async def test_the_cookie_is_over_after_an_hour(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot)
    await enter(desk, family.booking_id)
    desk.world.clock.move(timedelta(minutes=59))
    assert (await desk.get("/en/my-booking")).status == 200
    desk.world.clock.move(timedelta(minutes=1))
    assert (await desk.get("/en/my-booking")).status == 410


async def test_another_time_is_chosen_among_those_with_places_left(desk: Desk) -> None:
    slot, free, full = await fair(desk, 1, 1, 1)
    family = await booked(desk, slot)
    await booked(desk, full)
    page = await enter(desk, family.booking_id)
    assert str(free.slot_id) in page.text and str(full.slot_id) not in page.text
    moved = await desk.fill_in(page, "/slot", follow=True, place=free.slot_id)
    assert "Your time is changed." in moved.text
    (row,) = await desk.world.rows("SELECT slot_id FROM bookings WHERE id = $1", family.booking_id)
    assert row == {"slot_id": free.slot_id}


async def test_ones_own_time_at_the_other_table_is_no_other_time(desk: Desk) -> None:
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    mine, beside, *later = (desk.world.slot(stand, 1, days=days) for days in (10, 10, 11, 11))
    await desk.world.programme()
    await desk.world.hear(event, stand, mine, beside, *later)
    for turn in range(3):
        family = await booked(desk, mine)
        page = await enter(desk, family.booking_id)
        assert ("You are on the waiting list" in page.text) == (turn == 2), "the second sits at the table beside"
        cards = re.findall(r'name="place" value="([^"]+)"', page.text)
        assert len(cards) == 1 and UUID(cards[0]) in {one.slot_id for one in later}


async def test_who_waits_stands_behind_those_who_chose_the_other_table(desk: Desk) -> None:
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    one, two = (desk.world.slot(stand, 1, days=10) for _ in range(2))
    await desk.world.programme()
    await desk.world.hear(event, stand, one, two)
    for slot in (one, two, two, one):
        last = await booked(desk, slot)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        line = await queries.place_in_line(tx.connection, id=last.booking_id)
        likely = await queries.prospects(tx.connection, id=last.booking_id, moment=tx.moment)
    assert line["before"] == 1
    assert (likely["needed"], likely["taken"]) == (2, 2), "two must go of the two who have a place"


async def test_a_time_taken_meanwhile_is_refused_and_the_old_one_kept(desk: Desk) -> None:
    slot, free = await fair(desk, 1, 1)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    await booked(desk, free)
    refused = await desk.fill_in(page, "/slot", place=free.slot_id)
    assert refused.status == 409 and "just taken" in refused.text
    (row,) = await desk.world.rows("SELECT slot_id FROM bookings WHERE id = $1", family.booking_id)
    assert row == {"slot_id": slot.slot_id}


async def test_more_of_them_come(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot, household=Household(2))
    page = await enter(desk, family.booking_id)
    after = await desk.fill_in(page, "/household", follow=True, children_6_12=2)
    assert "2 children" in after.text
    wrong = await desk.fill_in(after, "/household", adults=0)
    assert wrong.status == 422 and 'href="#adults"' in wrong.text
    emptied = await desk.fill_in(after, "/household", adults="")
    assert emptied.status == 422 and "Adults: Fill this in." in emptied.text


async def test_a_household_that_is_refused_is_asked_for_again_as_it_was_typed(desk: Desk) -> None:
    (slot,) = await fair(desk, 2)
    family = await booked(desk, slot, household=Household(2))
    refused = await desk.fill_in(await enter(desk, family.booking_id), "/household", adults=15, children_6_12=1)
    assert refused.status == 409
    _, fields = refused.form("/household")
    assert (fields["adults"], fields["children_6_12"]) == (["15"], ["1"])
    (row,) = await desk.world.rows("SELECT adults FROM bookings WHERE id = $1", family.booking_id)
    assert row == {"adults": 2}


async def test_a_cancellation_promotes_the_next_and_says_so(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    family, waiting = await booked(desk, slot), await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    assert "<summary>Cancel my booking</summary>" in page.text, "one tap alone gives no place away"
    assert 'href="/en/events/fair"' in page.text
    after = await desk.fill_in(page, "/cancel", follow=True)
    assert "Your booking is cancelled." in after.text and 'class="qr"' not in after.text
    (row,) = await desk.world.rows("SELECT status FROM bookings WHERE id = $1", waiting.booking_id)
    assert row == {"status": "confirmed"}


async def test_what_is_said_of_the_line_is_what_the_events_rule_does(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    has, waits = await booked(desk, slot), await booked(desk, slot)
    assert "it is yours at once" in (await enter(desk, waits.booking_id)).text
    assert "gets your place at once" in (await enter(desk, has.booking_id)).text
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(LinePolicy.OFFER))
    waiting = await enter(desk, waits.booking_id)
    assert "we keep it for you for a while" in waiting.text and "at once" not in waiting.text
    holding = await enter(desk, has.booking_id)
    assert "is offered to the next family" in holding.text and "at once" not in holding.text


async def test_what_is_usual_in_the_programme_is_said_where_the_event_has_no_rule_of_its_own(desk: Desk) -> None:
    (slot,) = await fair(desk, 0)
    waits = await booked(desk, slot)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, desk.world.programme_id, EventRules(LinePolicy.OFFER))
    assert "we keep it for you for a while" in (await enter(desk, waits.booking_id)).text
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(draw_at=desk.world.moment(3)))
    drawn = await enter(desk, waits.booking_id)
    assert "Lots decide who gets a place" in drawn.text and "You are next" not in drawn.text
    assert "You take part in the draw" in drawn.text and "waiting list" not in drawn.text
    assert "you no longer take part" in drawn.text and "gets your place" not in drawn.text


async def test_who_waits_sees_their_place_in_line(desk: Desk) -> None:
    (slot,) = await fair(desk, 0)
    await booked(desk, slot)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    assert "1 household is before you." in page.text and 'class="qr"' not in page.text
    assert "you leave the line" in page.text and "your place is" not in page.text, "they have none to give"


@pytest.mark.parametrize(("answer", "status"), [("yes", "confirmed"), ("no", "cancelled")])
async def test_an_offer_is_answered_on_the_page(desk: Desk, answer: str, status: str) -> None:
    (slot,) = await fair(desk, 1)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(LinePolicy.OFFER))
    has, family = await booked(desk, slot), await booked(desk, slot)
    await desk.world.decide(Cancel(has.booking_id, Cause.VISITOR))
    page = await enter(desk, family.booking_id)
    assert "A place is free for you" in page.text
    await desk.fill_in(page, "/offer", follow=True, answer=answer)
    (row,) = await desk.world.rows("SELECT status FROM bookings WHERE id = $1", family.booking_id)
    assert row == {"status": status}


async def test_consents_are_given_and_taken_back(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot, consents=(Purpose.NEWS,))
    page = await enter(desk, family.booking_id)
    _, fields = page.form("/consents")
    assert fields == {"made_for": [page.made_for], "news": ["on"]}
    await desk.fill_in(page, "/consents", follow=True, news=None, follow_up="on")
    rows = await desk.world.rows("SELECT purpose, withdrawn_at IS NULL AS stands FROM people.consents ORDER BY purpose")
    assert rows == [{"purpose": "follow_up", "stands": True}, {"purpose": "news", "stands": False}]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", "Vi skriver til deg på dette språket."),
        ("nn", "Vi skriv til deg på dette språket."),
        ("nl", "We schrijven je in deze taal."),
        ("en", "We write to you in this language."),
    ],
)
async def test_the_language_of_mails_is_theirs_to_choose_and_they_are_told_in_it(
    desk: Desk, language: str, said: str
) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    after = await desk.fill_in(page, "/language", follow=True, language=language)
    assert after.address == f"/{language}/my-booking" and said in after.text
    (row,) = await desk.world.rows("SELECT language FROM people.visitors")
    assert row == {"language": language}


async def test_everything_we_know_can_be_taken_home(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    mine = await enter(desk, family.booking_id)
    page = await desk.get(f"/en/my-booking/data?made_for={mine.made_for}")
    assert "attachment" in page.headers["Content-Disposition"]
    assert '"Sanne de Vries"' in page.text


async def test_being_forgotten_wants_a_tick_and_then_leaves_nothing(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    unsure = await desk.fill_in(page, "/forget")
    assert unsure.status == 422
    gone = await desk.fill_in(page, "/forget", sure="on")
    assert gone.status == 200 and "You are forgotten" in gone.text
    assert (await desk.get("/en/my-booking")).status == 410
    assert await desk.world.rows("SELECT 1 FROM people.visitors WHERE name IS NOT NULL") == []
    token = desk.world.keys.token("booking", family.booking_id)
    assert (await desk.get(f"/en/my-booking/{token}")).status == 410


async def test_once_their_time_has_begun_the_page_says_so_and_a_form_left_open_changes_nothing(
    desk: Desk, clock: MovedClock
) -> None:
    (slot,) = await fair(desk, 3)
    family = await booked(desk, slot)
    clock.move_to(slot.starts_at - timedelta(minutes=5))
    page = await enter(desk, family.booking_id)
    clock.move_to(slot.starts_at)
    late = await desk.fill_in(page, "/cancel")
    assert late.status == 409 and "Your time has begun" in late.text
    assert [one for one, _ in late.forms() if one.endswith(("/cancel", "/household", "/slot"))] == []
    assert await desk.world.rows("SELECT status FROM bookings") == [{"status": "confirmed"}]
