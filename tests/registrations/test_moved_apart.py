"""Two who move the same bookings to different places: each booking goes where the first one put it, whole, and its
visitor is told once; the other one is told which were moved meanwhile."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.facts import SlotOpened
from registrations.commands import moving
from registrations.domain.asking import Move
from registrations.domain.seen import packed, unpacked
from registrations.facts import Cause
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_console import booked, fair
from tests.registrations.test_selections import LIST, chosen, fates, to
from tests.registrations.test_visitors import audited

MEANWHILE = "Stays where it is: Somebody else moved it meanwhile."


async def looked_at(desk: Desk, *slots: SlotOpened) -> list[Page]:
    """For each of these places, somebody has chosen everybody anew and seen that all would move there."""
    return [await desk.get(f"{(await chosen(desk, everyone=True)).address}?choice={to(slot)}") for slot in slots]


async def families(desk: Desk, slot: SlotOpened, many: int = 3) -> list[UUID]:
    """So many who booked one after the other, as they stand in the selection."""
    found = []
    for number in range(many):
        found.append((await booked(desk, slot, f"Family {number}")).booking_id)
        desk.world.clock.move(timedelta(seconds=1))
    return found


async def moves(desk: Desk) -> Counter[str]:
    """How often each visitor was told of a move."""
    return Counter(fact["booking_id"] for what, fact in await desk.world.told() if what == "booking.moved")


async def there(desk: Desk, slot: SlotOpened) -> set[UUID]:
    return {row["id"] for row in await desk.world.rows("SELECT id FROM bookings WHERE slot_id = $1", slot.slot_id)}


async def test_who_presses_second_moves_nobody_on_and_is_told(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late, evening) = await fair(desk, 9, 9, 9)
    ids = await families(desk, early)
    first, second = await looked_at(desk, late, evening)
    assert fates(await desk.fill_in(first, "/move", follow=True)) == ["Was moved"] * 3
    done = await desk.fill_in(second, "/move", follow=True)
    assert fates(done) == [MEANWHILE] * 3 and "choose them anew" in done.text
    assert (await there(desk, late), await there(desk, evening)) == (set(ids), set())
    assert set((await moves(desk)).values()) == {1}
    (anew,) = await looked_at(desk, evening)
    assert fates(await desk.fill_in(anew, "/move", follow=True)) == ["Was moved"] * 3, "who looks again may"


async def test_of_two_in_the_middle_of_each_other_each_booking_is_moved_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late, evening) = await fair(desk, 9, 9, 9)
    await families(desk, early)
    first, second = await looked_at(desk, late, evening)
    monkeypatch.setattr(moving, "AT_A_TIME", 1)
    answered, asked = moving.answered, []
    others: list[Page] = []

    async def and_the_other_meanwhile(context: Any, programme_id: UUID, item: Any) -> Any:
        """The first of all is moved; then the other does the whole of it."""
        asked.append(item)
        begun = len(asked) == 1
        answer = await answered(context, programme_id, item)
        if begun:
            others.append(await desk.fill_in(second, "/move", follow=True))
        return answer

    monkeypatch.setattr(moving, "answered", and_the_other_meanwhile)
    done = await desk.fill_in(first, "/move", follow=True)
    assert fates(done) == ["Was moved", MEANWHILE, MEANWHILE]
    assert fates(others[0]) == [MEANWHILE, "Was moved", "Was moved"]
    assert len(await there(desk, late)) == 1 and len(await there(desk, evening)) == 2
    assert set((await moves(desk)).values()) == {1}
    assert len(await audited(desk, "bookings.")) == 2


async def test_of_two_at_once_each_is_told_what_came_of_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late, evening) = await fair(desk, 40, 40, 40)
    ids = await families(desk, early, 30)
    pages = await looked_at(desk, late, evening)
    monkeypatch.setattr(moving, "AT_A_TIME", 4)
    told = await asyncio.gather(*(desk.fill_in(page, "/move", follow=True) for page in pages))
    found = [Counter(fates(page)) for page in told]
    for slot, said, other in ((late, *found), (evening, *reversed(found))):
        moved = said["Was moved"]
        assert (len(await there(desk, slot)), other[MEANWHILE]) == (moved, moved)
    assert await there(desk, late) | await there(desk, evening) == set(ids)
    assert await moves(desk) == Counter(str(one) for one in ids)


async def test_one_selection_is_moved_to_one_place_and_who_chose_another_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late, evening) = await fair(desk, 9, 9, 9)
    ids = await families(desk, early)
    mine = await chosen(desk, everyone=True)
    first, second = [await desk.get(f"{mine.address}?choice={to(slot)}") for slot in (late, evening)]
    monkeypatch.setattr(moving, "AT_A_TIME", 1)
    answered, asked = moving.answered, []
    others: list[Page] = []

    async def and_the_other_meanwhile(context: Any, programme_id: UUID, item: Any) -> Any:
        asked.append(item)
        if len(asked) == 2:
            others.append(await desk.fill_in(second, "/move", follow=True))
        return await answered(context, programme_id, item)

    monkeypatch.setattr(moving, "answered", and_the_other_meanwhile)
    done = await desk.fill_in(first, "/move", follow=True)
    assert len(asked) == 3 and fates(done) == ["Was moved"] * 3
    assert "nothing was done for you" in others[0].text and "Somebody is moving these" in others[0].text
    late_one = await desk.fill_in(second, "/move", follow=True)
    assert "nothing was done for you" in late_one.text and fates(late_one) == fates(done)
    assert await there(desk, late) == set(ids) and set((await moves(desk)).values()) == {1}
    assert len(await audited(desk, "bookings.")) == 1


async def test_a_selection_whose_move_was_stopped_half_way_is_carried_on_to_the_same_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late, evening) = await fair(desk, 9, 9, 9)
    ids = await families(desk, early)
    mine = await chosen(desk, everyone=True)
    monkeypatch.setattr(moving, "AT_A_TIME", 1)
    answered, asked = moving.answered, []

    async def ends_at_the_last(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 3:
            raise RuntimeError("the process was ended here")
        return await answered(*given)

    monkeypatch.setattr(moving, "answered", ends_at_the_last)
    assert (await desk.fill_in(await desk.get(f"{mine.address}?choice={to(late)}"), "/move")).status == 500
    page = await desk.get(f"{mine.address}?choice={to(evening)}")
    assert "Somebody is moving these" in page.text
    assert fates(page) == ["Is there already", "Is there already", "Will be moved"]
    assert re.findall(r'<option value="([^"]+)"', page.text) == [to(late)]
    done = await desk.fill_in(page, "/move", follow=True)
    assert fates(done) == ["Was moved"] * 3 and await there(desk, late) == set(ids)
    assert len(await audited(desk, "bookings.")) == 1


async def test_what_its_visitor_moved_meanwhile_stays_where_they_want_to_come(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late, evening) = await fair(desk, 9, 9, 9)
    mine, *_ = await families(desk, early)
    (page,) = await looked_at(desk, late)
    await desk.world.decide(Move(mine, evening.slot_id, Cause.VISITOR))
    done = await desk.fill_in(page, "/move", follow=True)
    assert fates(done) == [MEANWHILE, "Was moved", "Was moved"]
    assert await there(desk, evening) == {mine}


async def test_one_in_line_who_is_promoted_by_the_move_itself_is_moved_too(desk: Desk) -> None:
    """It changed, but it stands where it was seen."""
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late) = await fair(desk, 1, 9)
    ids = await families(desk, early, 2)
    page = await desk.get(LIST)
    answer = await desk.fill_in(page, "/selection", booking=ids)
    looked = await desk.get(f"{answer.headers['Location']}?choice={to(late)}")
    assert fates(await desk.fill_in(looked, "/move", follow=True)) == ["Was moved"] * 2


@pytest.mark.parametrize("seen", [None, "", "nowhere|0 0 0", "|0 0 0"])
async def test_who_does_not_say_where_they_saw_them_is_asked_to_look(desk: Desk, seen: str | None) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (early, late) = await fair(desk, 9, 9)
    await families(desk, early)
    (page,) = await looked_at(desk, late)
    again = await desk.fill_in(page, "/move", follow=True, seen=seen)
    assert "Look at what would happen" in again.text and fates(again) == ["Will be moved"] * 3
    assert await there(desk, late) == set()


def test_where_many_stand_is_said_in_little_and_read_back() -> None:
    event, slots = UUID(int=1), [UUID(int=2), UUID(int=3), None]
    places = [(event, slots[number % 3]) for number in range(2000)]
    assert unpacked(packed(places)) == places and len(packed(places)) < 5000
    for wrong in ("", "|", f"{event}|1", f"{event}|-1", f"{event}|0 x", f"{event}/|0", f"{event}"):
        assert unpacked(wrong) is None, wrong
