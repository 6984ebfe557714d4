"""The pages of those who run the event: attendees, places and rules, the door, the stand, leads and outcomes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from events.facts import EventPublished, EventStatus, SlotOpened, StandChanged, Unit
from registrations.commands import opening, people
from registrations.domain.applications import Application, Person
from registrations.domain.check_in import shown
from registrations.domain.consents import Purpose
from registrations.domain.retention import HOUSEHOLD_KEPT
from services.routes import Role
from tests.registrations.desks import Desk, Page

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


# Attendees ------------------------------------------------------------------------------------------------------------


async def test_an_organiser_sees_who_comes_tab_by_tab(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    await booked(desk, slot, "Sanne de Vries")
    await booked(desk, slot, "Ola Nordmann")
    index = await desk.get(f"{HOME}/attendees")
    assert "1 of 1 places taken" in index.text and "1 household waits" in index.text
    coming = await desk.get(f"{HOME}/attendees/fair")
    assert "Sanne de Vries" in coming.text and "Ola Nordmann" not in coming.text
    waiting = await desk.get(f"{HOME}/attendees/fair?state=waiting")
    assert "Ola Nordmann" in waiting.text and "Sanne de Vries" not in waiting.text


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


# At the door ----------------------------------------------------------------------------------------------------------


async def scanned(desk: Desk, text: str) -> Page:
    return await desk.fill_in(await desk.get(f"{HOME}/check-in/fair"), "check-in/fair", text=text)


async def test_the_door_opens_by_itself_for_the_event_of_today(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    await fair(desk, 1)
    assert (await desk.get(f"{HOME}/check-in")).headers["Location"] == f"{HOME}/check-in/fair"


async def test_a_ticket_is_green_once_and_amber_after_and_can_be_taken_back(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    _, _, (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    address = f"https://blest.example/t/{desk.world.keys.token('ticket', family.booking_id)}"
    page = await scanned(desk, address)
    assert 'data-light="green"' in page.text and "Sanne de Vries" in page.text
    assert 'data-light="amber"' in (await scanned(desk, address)).text
    undone = await desk.fill_in(page, "/undo")
    assert "Taken back" in undone.text
    assert 'data-light="green"' in (await scanned(desk, address)).text


async def test_loading_the_answer_again_admits_nobody_twice(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    _, _, (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    page = await desk.get(f"{HOME}/check-in/fair")
    code = desk.world.keys.token("ticket", family.booking_id)[:8]
    answers = [await desk.fill_in(page, "check-in/fair", text=code) for _ in range(2)]
    assert all('data-light="green"' in answer.text for answer in answers)
    assert len(await desk.world.rows("SELECT 1 FROM check_ins")) == 1


async def test_a_name_is_looked_for_and_chosen(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    _, _, (slot,) = await fair(desk, 3)
    await booked(desk, slot, "Johansen")
    found = await scanned(desk, "johansen")
    assert "1 booking found" in found.text
    booking = found.text.split('name="booking" value="')[1].split('"')[0]
    nonce = found.text.split('name="nonce" value="')[1].split('"')[0]
    csrf = found.text.split('name="csrf" value="')[1].split('"')[0]
    chosen = await desk.send(f"{HOME}/check-in/fair", {"booking": booking, "nonce": nonce, "csrf": csrf})
    assert 'data-light="green"' in chosen.text


@pytest.mark.parametrize(
    "text", ["", "nobody here", "zzzz-zzzz", "https://blest.example/t/aaaaaaaaaaaaaaaaaaaaaaaaaa", "<b>"]
)
async def test_what_nobody_knows_is_red(desk: Desk, text: str) -> None:
    await desk.sign_in(Role.CHECK_IN)
    await fair(desk, 1)
    page = await scanned(desk, text)
    assert page.status == 200 and 'data-light="red"' in page.text


async def test_staff_who_follow_a_tickets_address_come_to_the_check_in(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    _, _, (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    token = desk.world.keys.token("ticket", family.booking_id)
    page = await desk.get(f"/t/{token}", **{"Accept-Language": "en"})
    assert page.headers["Location"] == f"{HOME}/check-in/fair?ticket={token}"
    door = await desk.get(page.headers["Location"])
    assert await desk.world.rows("SELECT 1 FROM check_ins") == [], "a look alone admits nobody"
    assert 'data-light="green"' in (await desk.fill_in(door, "check-in/fair")).text


async def test_check_in_staff_see_neither_the_list_nor_the_leads(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN)
    await fair(desk, 1)
    for path in ("attendees", "attendees/fair", "leads", "stands", "outcomes"):
        assert (await desk.get(f"{HOME}/{path}")).status == 403, path


# At the stand ---------------------------------------------------------------------------------------------------------


async def test_a_host_scans_asks_notes_and_the_lead_is_followed_up(desk: Desk) -> None:
    host = await desk.sign_in(Role.STAND_HOST)
    _, stand, (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    here = await desk.get(f"{HOME}/stands/{stand.stand_id}")
    assert "Sanne de Vries" in here.text
    asked = await desk.fill_in(here, "/scan", follow=True, text=desk.world.keys.token("ticket", family.booking_id))
    assert "Je mag opschrijven" in asked.text or "You may write down" in asked.text
    refused = await desk.fill_in(asked, "leads/new", note="A farm by the sea", interest="hot")
    assert refused.status == 422 and "A farm by the sea" in refused.text
    assert await desk.world.rows("SELECT 1 FROM leads") == []
    due = desk.world.moment().date()
    noted = await desk.fill_in(
        refused,
        "leads/new",
        follow=True,
        consent="on",
        next_step="Call them",
        next_step_on=due,
        tags="farm, nurse",
        owner=host.account_id,
    )
    assert "Noted." in noted.text and "Call them" in noted.text
    listed = await desk.get(f"{HOME}/leads")
    assert "1 step is due" in listed.text
    panel = await desk.get(f"{HOME}/panels/follow-ups", **{"HX-Request": "true"})
    assert "Call them" in panel.text and "<html" not in panel.text
    lead = await desk.get(noted.address)
    await desk.fill_in(lead, "/done", follow=True)
    assert "1 step is due" not in (await desk.get(f"{HOME}/leads")).text
    (row,) = await desk.world.rows("SELECT status FROM bookings WHERE id = $1", family.booking_id)
    assert row == {"status": "attended"}


async def test_a_stranger_cannot_be_made_to_follow_up_and_what_was_typed_is_kept(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, _, (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    asked = await desk.get(f"{HOME}/leads/new?booking={family.booking_id}")
    strange = await desk.fill_in(asked, "leads/new", consent="on", note="A house", owner=uuid4())
    assert strange.status == 422 and 'href="#owner"' in strange.text and "A house" in strange.text
    noted = await desk.fill_in(strange, "leads/new", follow=True, owner="")
    changed = await desk.fill_in(noted, noted.address, note="A farm", owner=uuid4())
    assert changed.status == 422 and 'href="#owner"' in changed.text and "A farm" in changed.text


async def test_a_double_tap_notes_one_lead_and_both_lead_to_it(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, _, (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    asked = await desk.get(f"{HOME}/leads/new?booking={family.booking_id}")
    first, second = [
        await desk.fill_in(asked, "leads/new", follow=True, consent="on", note="A house") for _ in range(2)
    ]
    assert first.address == second.address
    assert await desk.world.rows("SELECT note FROM leads") == [{"note": "A house"}]
    assert [what for what, _ in await desk.world.told()].count("lead.noted") == 1
    another = await desk.get(f"{HOME}/leads/new?booking={family.booking_id}")
    await desk.fill_in(another, "leads/new", follow=True, consent="on", note="A farm")
    assert len(await desk.world.rows("SELECT 1 FROM leads")) == 2, "two conversations are two"


async def test_what_was_typed_at_the_stand_stays_where_nobody_is_found(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, stand, (slot,) = await fair(desk, 1)
    page = await desk.get(f"{HOME}/stands/{stand.stand_id}")
    missed = await desk.fill_in(page, "/scan", text="Bram Jansn")
    assert "Not found" in missed.text and 'value="Bram Jansn"' in missed.text
    long = await desk.fill_in(page, "/scan", text="Bram Jansen " * 40)
    assert long.status == 422 and 'href="#text"' in long.text and "Bram Jansen Bram" in long.text
    await booked(desk, slot, "Bram Jansen")
    found = await desk.fill_in(page, "/scan", text="Jansen")
    assert "1 booking found" in found.text and 'value="Jansen"' in found.text


async def test_a_walk_in_needs_a_name_and_nothing_else(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, stand, _ = await fair(desk, 1)
    page = await desk.get(f"{HOME}/stands/{stand.stand_id}")
    assert (await desk.fill_in(page, "/walk-in")).status == 422
    twice = [await desk.fill_in(page, "/walk-in", follow=True, name="Kari") for _ in range(2)]
    assert "Welcome, Kari!" in twice[0].text
    (row,) = await desk.world.rows("SELECT status, walk_in, stand_id FROM bookings")
    assert row == {"status": "attended", "walk_in": True, "stand_id": stand.stand_id}


async def test_a_lead_that_somebody_else_changed_keeps_what_was_typed(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, _, (slot,) = await fair(desk, 1)
    page = await lead(desk, await booked(desk, slot))
    await desk.fill_in(page, page.address, follow=True, note="First")
    late = await desk.fill_in(page, page.address, note="Second")
    assert late.status == 409 and "Second" in late.text and "Somebody else changed this" in late.text


async def test_a_host_who_types_after_the_yes_was_taken_back_is_told_and_may_ask_again(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, _, (slot,) = await fair(desk, 1)
    page = await lead(desk, await booked(desk, slot))
    (visitor,) = await desk.world.rows("SELECT id FROM people.visitors")
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await people.withdraw_consent(tx, visitor["id"], Purpose.CONVERSATION)
    late = await desk.fill_in(page, page.address, note="A house with a view")
    assert late.status == 409 and "They took their consent back" in late.text and "A house with a view" in late.text
    logged = await desk.fill_in(page, "/outcomes", kind="job")
    assert logged.status == 409 and "They took their consent back" in logged.text
    assert await desk.world.rows("SELECT note FROM leads") == [{"note": None}]
    unasked = await desk.fill_in(late, "/consent")
    assert unasked.status == 422 and "Ask first" in unasked.text
    again = await desk.fill_in(unasked, "/consent", follow=True, consent="on", consent_language="nl")
    noted = await desk.fill_in(again, again.address, follow=True, note="A house with a view")
    assert "Saved." in noted.text
    assert await desk.world.rows("SELECT note FROM leads") == [{"note": "A house with a view"}]


async def lead(desk: Desk, family: Application) -> Page:
    asked = await desk.get(f"{HOME}/leads/new?booking={family.booking_id}")
    return await desk.fill_in(asked, "leads/new", follow=True, consent="on", note="A house")


async def test_outcomes_add_up_on_the_board_with_names_for_hosts_alone(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, _, (slot,) = await fair(desk, 1)
    page = await lead(desk, await booked(desk, slot))
    logged = await desk.fill_in(page, "/outcomes", follow=True, kind="moved")
    assert "Moved here" in logged.text
    early = await desk.fill_in(logged, "/outcomes", kind="still_here_12")
    assert early.status == 409 and "cannot have happened yet" in early.text
    broken = await desk.fill_in(logged, "/withdraw", outcome="x")
    assert broken.status == 422 and "Choose one from the list" in broken.text
    board = await desk.get(f"{HOME}/outcomes")
    assert "Sanne de Vries" in board.text
    await desk.sign_in(Role.READER)
    seen = await desk.get(f"{HOME}/outcomes")
    assert seen.status == 200 and "Sanne de Vries" not in seen.text and "1 household" in seen.text


async def test_a_lead_is_found_by_name_also_when_its_household_is_long_deleted(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    _, _, (slot,) = await fair(desk, 2)
    await lead(desk, await booked(desk, slot, "Åse Øien"))
    await lead(desk, await booked(desk, slot, "Bram Jansen"))

    async def found(search: str) -> set[str]:
        page = await desk.get(f"{HOME}/leads?q={search}")
        return {name for name in ("Åse Øien", "Bram Jansen") if f"{name}</a>" in page.text}

    assert await found("øien") == {"Åse Øien"}
    desk.world.clock.move(HOUSEHOLD_KEPT + timedelta(days=2))
    await desk.world.run("forget")
    assert await desk.world.rows("SELECT 1 FROM people.households") == []
    await desk.sign_in(Role.ORGANISER)  # a session does not last for months
    assert await found("øien") == {"Åse Øien"}
    assert await found("JANS") == {"Bram Jansen"}
    for nobody in ("%25", "_", "'", "nobody"):
        assert await found(nobody) == set(), nobody


async def test_a_lead_of_nobody_and_of_elsewhere_is_not_found(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST)
    await fair(desk, 1)
    for path in ("leads/new", f"leads/new?booking={uuid4()}", f"leads/{uuid4()}", "leads/x", f"stands/{UUID(int=1)}"):
        assert (await desk.get(f"{HOME}/{path}")).status == 404, path


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
