"""At the stand: a scan, a conversation, a walk-in, and what becomes of a lead."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from registrations.commands import people
from registrations.domain.applications import Application
from registrations.domain.consents import Purpose
from registrations.domain.retention import HOUSEHOLD_KEPT
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_console import HOME, booked, fair


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
