"""Many bookings moved at once: what would become of each is shown first, and it is done in the order of booking."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.facts import SlotOpened
from registrations.commands import moving, selections
from registrations.domain.retention import SELECTION_KEPT
from services.clock import MovedClock
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_console import HOME, booked, fair
from tests.registrations.test_visitors import audited

LIST = f"{HOME}/attendees/fair"


async def chosen(desk: Desk, *bookings: UUID, everyone: bool = False, state: str = "coming") -> Page:
    page = await desk.get(f"{LIST}?state={state}")
    answer = await desk.fill_in(page, "/selection", booking=list(bookings), everyone="on" if everyone else None)
    assert answer.status == 303
    return await desk.get(answer.headers["Location"])


def to(slot: SlotOpened) -> str:
    return f"{slot.event_id}/{slot.slot_id}"


def fates(page: Page) -> list[str]:
    """The last badge of each row and what stands below it."""
    rows = page.text.split('<tbody role="rowgroup">')[1].split("</tr>")[:-1]
    found = [re.findall(r'<span class="ds-tag"[^>]*>([^<]+)</span>(?:<br>([^<]+))?', row)[-1] for row in rows]
    return [": ".join(part for part in one if part) for one in found]


async def slots_of(desk: Desk) -> list[str]:
    """Names and how the slots are taken, first slot first."""
    rows = await desk.world.rows(
        "SELECT h.name, b.status, p.starts_at FROM bookings b JOIN people.households h ON h.booking_id = b.id"
        " JOIN pools p ON p.slot_id = b.slot_id ORDER BY p.starts_at, b.created_at, b.id"
    )
    first = rows[0]["starts_at"]
    return [f"{row['name']} {row['status']} {'early' if row['starts_at'] == first else 'late'}" for row in rows]


async def test_a_dry_run_shows_each_fate_and_moves_nobody_then_they_move_in_the_order_of_booking(
    desk: Desk, clock: MovedClock
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late) = await fair(desk, 9, 2)
    families = []
    for name in ("Cy", "Bo", "Ada"):  # by name the other way round
        families.append(await booked(desk, early, name))
        clock.move(timedelta(seconds=1))
    page = await chosen(desk, *(one.booking_id for one in reversed(families)))
    assert "3 bookings chosen" in page.text
    target, _ = page.form("/selection/" + page.address.rsplit("/", 1)[1])
    rehearsed = await desk.get(f"{target}?choice={to(late)}")
    assert fates(rehearsed) == ["Will be moved", "Will be moved", "Cannot be moved: The place is full."]
    assert await slots_of(desk) == ["Cy confirmed early", "Bo confirmed early", "Ada confirmed early"]
    done = await desk.fill_in(rehearsed, "/move", follow=True)
    assert fates(done) == ["Was moved", "Was moved", "Stays where it is: The place is full."]
    assert await slots_of(desk) == ["Ada confirmed early", "Cy confirmed late", "Bo confirmed late"]
    moved = [payload for what, payload in await desk.world.told() if what == "booking.moved"]
    assert [one["cause"] for one in moved] == ["staff", "staff"]
    again = await desk.fill_in(rehearsed, "/move", follow=True)
    assert fates(again) == fates(done)
    assert len([what for what, _ in await desk.world.told() if what == "booking.moved"]) == 2


async def test_who_is_there_who_overlaps_and_who_is_done_are_told_apart(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late) = await fair(desk, 9, 9)
    other = desk.world.stand(desk.world.event("fair"), event_id=early.event_id)
    clash = desk.world.slot(other, 9, days=0.2 + 1 / 48)  # at the time of the late one
    await desk.world.hear(other, clash)
    there = await booked(desk, late, "Ada")
    twice = await booked(desk, early, "Bo")
    await desk.world.decide(desk.world.household(clash, str(twice.person.email)))
    gone = await booked(desk, early, "Cy")
    await desk.fill_in(await desk.get(f"{LIST}/{gone.booking_id}"), "/cancel")
    page = await chosen(desk, there.booking_id, twice.booking_id, gone.booking_id)
    rehearsed = await desk.get(f"{page.address}?choice={to(late)}")
    assert sorted(fates(rehearsed)) == [
        "Cannot be moved: The booking is over.",
        "Cannot be moved: This visitor has another booking at that time.",
        "Is there already",
    ]
    assert "/move" not in [target.rsplit("/", 1)[1] for target, _ in rehearsed.forms()]


async def test_moved_twice_at_the_same_moment_they_are_told_and_written_down_as_moved_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late) = await fair(desk, 9, 9)
    await booked(desk, early, "Ada")
    await booked(desk, early, "Bo")
    await booked(desk, late, "Cy")
    page = await desk.get(f"{(await chosen(desk, everyone=True)).address}?choice={to(late)}")
    answered, asked = moving.answered, []

    async def and_another_meanwhile(context: Any, programme_id: UUID, item: Any) -> Any:
        """The first of all is asked for; then somebody else does the whole of it before the answer is here."""
        asked.append(item)
        first = len(asked) == 1
        answer = await answered(context, programme_id, item)
        if first:
            await desk.fill_in(page, "/move")
        return answer

    monkeypatch.setattr(moving, "answered", and_another_meanwhile)
    done = await desk.fill_in(page, "/move", follow=True)
    assert len(asked) == 6 and sorted(fates(done)) == ["Was moved", "Was moved", "Was there already"]
    assert [what for what, _ in await audited(desk, "bookings.")] == ["bookings.moved"]
    assert len([what for what, _ in await desk.world.told() if what == "booking.moved"]) == 2


async def test_who_carries_on_what_was_ended_half_way_is_told_of_all_that_moved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late) = await fair(desk, 9, 9)
    for name in ("Ada", "Bo"):
        await booked(desk, early, name)
    page = await desk.get(f"{(await chosen(desk, everyone=True)).address}?choice={to(late)}")
    monkeypatch.setattr(moving, "AT_A_TIME", 1)
    answered, asked = moving.answered, []

    async def ends_at_the_second(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 2:
            raise RuntimeError("the process was ended here")
        return await answered(*given)

    monkeypatch.setattr(moving, "answered", ends_at_the_second)
    assert (await desk.fill_in(page, "/move")).status == 500
    done = await desk.fill_in(page, "/move", follow=True)
    assert fates(done) == ["Was moved", "Was moved"]


async def test_all_that_wait_move_to_where_there_is_room_and_have_a_place_then(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, _) = await fair(desk, 1, 1)
    home = desk.world.event("homecoming", households=5, days=30)
    await desk.world.hear(home)
    for name in ("Ada", "Bo", "Cy"):
        await booked(desk, early, name)
    page = await chosen(desk, everyone=True, state="waiting")
    assert "2 bookings chosen" in page.text
    done = await desk.fill_in(await desk.get(f"{page.address}?choice={home.event_id}"), "/move", follow=True)
    assert fates(done) == ["Was moved", "Was moved"]
    rows = await desk.world.rows("SELECT status, event_id FROM bookings WHERE slot_id IS NULL")
    assert rows == [{"status": "confirmed", "event_id": home.event_id}] * 2


async def test_a_selection_holds_ids_of_its_own_event_alone_and_is_gone_after_a_day(
    desk: Desk, clock: MovedClock
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 9)
    home = desk.world.event("homecoming", households=5, days=30)
    await desk.world.hear(home)
    elsewhere = desk.world.household(home)
    await desk.world.decide(elsewhere)
    ada = await booked(desk, slot, "Ada")
    page = await chosen(desk, ada.booking_id, elsewhere.booking_id)
    assert "1 booking chosen" in page.text
    (row,) = await desk.world.rows("SELECT * FROM selections")
    assert row["bookings"] == [ada.booking_id] and "Ada" not in str(row)
    clock.move(SELECTION_KEPT)
    assert (await desk.get(page.address)).status == 303
    await desk.world.run("forget-imports")
    assert await desk.world.rows("SELECT 1 AS x FROM selections") == []


async def test_nothing_ticked_leads_back_with_what_to_do(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 9)
    await booked(desk, slot, "Ada")
    back = await desk.fill_in(await desk.get(LIST), "/selection", follow=True)
    assert "Tick the bookings that you mean" in back.text


async def test_who_writes_to_them_is_told_ids_alone_in_parts_and_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "CHUNK", 2)
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 9)
    families = [await booked(desk, slot, name) for name in ("Ada", "Bo", "Cy")]
    page = await chosen(desk, everyone=True)
    for _ in range(2):
        answer = await desk.fill_in(page, "/write")
        assert answer.status == 303 and "/deliveries/new?selection=" in answer.headers["Location"]
    told = [payload for what, payload in await desk.world.told() if what == "selection.made"]
    assert [(one["part"], one["parts"], len(one["bookings"])) for one in told] == [(1, 2, 2), (2, 2, 1)]
    assert {one for part in told for one in part["bookings"]} == {str(one.booking_id) for one in families}
    assert "Ada" not in str(told)
