"""A chosen time is kept while its form is filled in: by script, by a button, and no longer than ten minutes."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.registrations.desks import Desk
from tests.registrations.test_register_page import FAMILY, fair


async def test_a_chosen_time_is_kept_for_its_form_and_shown_full_to_others(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    page = await desk.get("/en/register/fair")
    kept = await desk.fill_in(page, "register/fair", to="/en/register/fair/hold", place=slot.slot_id, **FAMILY)
    assert kept.status == 200 and "We keep this time for you until" in kept.text and "Sanne de Vries" in kept.text
    assert "<h1>Book your place</h1>" in kept.text, "it is full by their own hold"
    assert "Kept for you" in kept.text and "slot-full" not in kept.text, "a script would let go of a full time"
    assert "Full" in (await desk.get("/en/register/fair")).text
    sent = await desk.fill_in(page, "register/fair", place=slot.slot_id, **FAMILY)
    assert sent.status == 303
    (pool,) = await desk.world.rows("SELECT used, capacity FROM pools")
    assert pool == {"used": 1, "capacity": 1}
    assert await desk.world.rows("SELECT 1 FROM holds") == []


async def test_after_ten_minutes_the_time_is_anyones(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    mine, other = await desk.get("/en/register/fair"), await desk.get("/en/register/fair")
    await desk.fill_in(mine, "register/fair", to="/en/register/fair/hold", place=slot.slot_id, **FAMILY)
    another = {**FAMILY, "email": "other@example.org"}
    assert (await desk.fill_in(other, "register/fair", place=slot.slot_id, **another)).status == 409
    desk.world.clock.move(timedelta(minutes=10))
    assert (await desk.fill_in(other, "register/fair", place=slot.slot_id, **another)).status == 303
    late = await desk.fill_in(mine, "register/fair", place=slot.slot_id, **FAMILY)
    assert late.status == 409 and "Sanne de Vries" in late.text


async def test_a_form_that_is_left_gives_its_time_back(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    page = await desk.get("/en/register/fair")
    await desk.fill_in(page, "register/fair", to="/en/register/fair/hold", place=slot.slot_id, **FAMILY)
    attempt = re.search(r'name="attempt" value="([^"]+)"', page.text)
    assert attempt is not None
    left = await desk.send("/en/register/fair/let-go", {"attempt": attempt[1]})
    assert left.status == 204
    assert (await desk.world.rows("SELECT used FROM pools")) == [{"used": 0}]
