"""Bookings that wait for the organiser's yes are found: on the home, in a tab of their own, in files."""

from __future__ import annotations

from events.facts import SlotOpened
from registrations.commands.rules import set_rules
from registrations.domain.applications import Application, Person
from registrations.domain.asking import Approve
from registrations.domain.records import EventRules
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_api import PROGRAMME, ask
from tests.registrations.test_console import HOME, fair

LIST = f"{HOME}/attendees/fair"


async def rules(desk: Desk, slot: SlotOpened, given: EventRules) -> None:
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, slot.event_id, given)


async def three(desk: Desk) -> tuple[Application, ...]:
    """Ada comes, Bodil has a place if somebody says yes, Cy waits and needs a yes as well."""
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 2)
    found = []
    for name, needs in (("Ada", False), ("Bodil", True), ("Cy", True)):
        await rules(desk, slot, EventRules(approval=needs))
        one = desk.world.household(slot, person=Person(name, f"{name.lower()}@example.org", "nb"))
        await desk.world.decide(one)
        found.append(one)
    return tuple(found)


def tab(text: str, name: str) -> str:
    """What the tab with this name says."""
    return " ".join(text.partition(f"fair?state={name}")[2].partition("</a>")[0].split())


async def test_they_have_a_tab_of_their_own_and_do_not_come_yet(desk: Desk) -> None:
    await three(desk)
    coming = (await desk.get(LIST)).text
    assert "Ada" in coming and "Bodil" not in coming
    assert "To approve" in tab(coming, "approve") and "2" in tab(coming, "approve") and "1" in tab(coming, "coming")
    found = (await desk.get(f"{LIST}?state=approve")).text
    assert "Bodil" in found and "Cy" in found and "Ada" not in found and "Waits for your yes" in found
    searched = (await desk.get(f"{LIST}?state=approve&q=cy@")).text
    assert "Cy" in searched and "Bodil" not in searched


async def test_the_home_leads_to_them_and_does_not_count_them_as_coming(desk: Desk) -> None:
    _, bo, _ = await three(desk)
    panel = " ".join((await desk.get(f"{HOME}/panels/attendees")).text.split())
    assert f'href="{LIST}?state=approve">2 bookings to approve' in panel and "1 household," in panel
    assert "2 bookings to approve" in (await desk.get(f"{HOME}/attendees")).text
    await desk.world.decide(Approve(bo.booking_id))
    panel = " ".join((await desk.get(f"{HOME}/panels/attendees")).text.split())
    assert "1 booking to approve" in panel and "2 households," in panel


async def test_where_no_event_wants_a_yes_there_is_no_such_tab(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    assert "To approve" not in (await desk.get(LIST)).text
    await rules(desk, slot, EventRules(approval=True))
    assert "To approve" in (await desk.get(LIST)).text


async def test_all_of_the_tab_are_gone_on_with(desk: Desk) -> None:
    _, bo, cy = await three(desk)
    page = await desk.get(f"{LIST}?state=approve")
    await desk.fill_in(page, "/selection", everyone="on")
    (row,) = await desk.world.rows("SELECT bookings FROM selections")
    assert set(row["bookings"]) == {bo.booking_id, cy.booking_id}


async def test_one_whose_address_is_not_confirmed_says_so_in_the_list(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    await rules(desk, slot, EventRules(confirm_address=True))
    await desk.world.decide(desk.world.household(slot))
    assert "Address not confirmed" in (await desk.get(LIST)).text


async def test_what_a_booking_awaits_and_which_session_it_is_for_are_taken_out(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, stand, _ = await fair(desk)
    session = desk.world.slot(stand, 1, titles={"nb": "Å bygge hus", "en": "Building a house"}, days=0.2)
    session = session.model_copy(update={"stand_id": None})
    await desk.world.hear(session)
    await rules(desk, session, EventRules(approval=True))
    await desk.world.decide(desk.world.household(session))
    page = await desk.get(f"{LIST}/export?state=approve")
    assert page.form("/export")[1]["state"] == ["approve"]
    file = await desk.fill_in(page, "/export", format="csv", columns=["awaits", "session"])
    assert [one.strip() for one in file.text.lstrip("\ufeff").splitlines()] == [
        "Awaits,Session",
        "Waits for your yes,Building a house",
    ]
    coming = await desk.fill_in(page, "/export", format="csv", state="coming", columns=["awaits", "session"])
    assert len(coming.text.splitlines()) == 1
    assert (
        "Å bygge hus"
        in (
            await desk.fill_in(
                await desk.get(page.address.replace("/en/", "/nb/")), "/export", format="csv", columns=["session"]
            )
        ).text
    )
    body = {"columns": ["awaits"], "format": "csv"}
    response = await desk.client.post(
        f"{PROGRAMME}/attendees/fair/exports",
        json=body,
        headers={"X-CSRF-Token": page.form("/export")[1]["csrf"][0], "Sec-Fetch-Site": "same-origin"},
    )
    assert (await response.text()).split() == ["awaits", "approval"]
    status, listed = await ask(desk, "GET", f"{PROGRAMME}/attendees/fair")
    assert (status, [one["awaits"] for one in listed["items"]]) == (200, ["approval"])
