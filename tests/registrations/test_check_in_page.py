"""At the door: scanned, looked for by name, taken back."""

from __future__ import annotations

import pytest

from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_console import HOME, booked, fair


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
