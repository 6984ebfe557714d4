"""Staff decide how places are given out: rules, places counted over the whole, falling capacity, single answers."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from registrations.commands import rules
from registrations.domain.asking import Cancel
from registrations.domain.records import EventRules
from registrations.facts import Cause
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_register_page import fair

PLACES = "/en/console/havlandet/attendees/fair/places"


async def test_the_rules_are_set_kept_and_shown_again(desk: Desk) -> None:
    await fair(desk, 1)
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(PLACES)
    draw = desk.world.moment(5).astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%Y-%m-%dT%H:%M")
    saved = await desk.fill_in(
        page,
        "rules",
        line="offer",
        offer_hours=6,
        largest_household=5,
        confirm_address="true",
        approval="true",
        change_until_hours=24,
        cancel_until_hours="",
        draw_at=draw,
    )
    assert saved.status == 303
    (row,) = await desk.world.rows(
        "SELECT line, offer_hours, confirm_address, approval, change_until_hours, cancel_until_hours, draw_at"
        " FROM event_rules"
    )
    assert row == {
        "line": "offer",
        "offer_hours": 6,
        "confirm_address": True,
        "approval": True,
        "change_until_hours": 24,
        "cancel_until_hours": None,
        "draw_at": desk.world.moment(5),
    }
    shown = (await desk.get(PLACES)).text
    assert 'type="datetime-local"' in shown and f'value="{draw}"' in shown and "Local time, Europe/Amsterdam" in shown


async def test_lots_cannot_be_drawn_in_the_past(desk: Desk) -> None:
    await fair(desk, 1)
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(PLACES)
    past = desk.world.moment(-1).isoformat(timespec="minutes")
    refused = await desk.fill_in(page, "rules", line="promote", offer_hours=6, largest_household=5, draw_at=past)
    assert refused.status == 409 and "Lots cannot be drawn in the past" in refused.text
    assert await desk.world.rows("SELECT 1 FROM event_rules") == []


async def test_places_for_children_are_counted_over_all_times_of_a_stand(desk: Desk) -> None:
    _, slots = await fair(desk, 2, 2)
    family = desk.world.household(slots[0])
    await desk.world.decide(family)
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(PLACES)
    laid = await desk.fill_in(page, "across", stand=slots[0].stand_id, unit="households", capacity=1)
    assert laid.status == 303
    (pool,) = await desk.world.rows("SELECT used, capacity, waiting FROM pools WHERE scope = 'stand'")
    assert pool == {"used": 1, "capacity": 1, "waiting": 0}
    other = desk.world.household(slots[1])
    await desk.world.decide(other)
    statuses = await desk.world.rows("SELECT status FROM bookings ORDER BY status")
    assert [row["status"] for row in statuses] == ["confirmed", "waiting"], (
        "a free time is not enough: the table is taken"
    )
    await desk.world.decide(Cancel(family.booking_id, Cause.VISITOR))
    (row,) = await desk.world.rows("SELECT status FROM bookings WHERE id = $1", other.booking_id)
    assert row["status"] == "confirmed"
    again = await desk.fill_in(await desk.get(PLACES), "across", stand=slots[0].stand_id, unit="households", capacity=3)
    assert again.status == 409 and "counted so already" in again.text


async def test_below_what_is_taken_it_says_who_is_affected_and_may_ask_them(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    first = desk.world.household(slot)
    await desk.world.decide(first)
    desk.world.clock.move_to(desk.world.moment(0.01))
    last = desk.world.household(slot)
    await desk.world.decide(last)
    (pool,) = await desk.world.rows("SELECT id FROM pools")
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(PLACES)
    refused = await desk.fill_in(page, f"places/{pool['id']}", capacity=1)
    assert refused.status == 409 and "They booked last" in refused.text and str(last.booking_id) in refused.text
    assert str(first.booking_id) not in refused.text
    asked = await desk.fill_in(refused, f"places/{pool['id']}", capacity=1, ask="true")
    assert asked.status == 303
    assert (await desk.world.rows("SELECT capacity, goal FROM pools")) == [{"capacity": 2, "goal": 1}]
    told = [what for what, _ in await desk.world.told()]
    assert told.count("booking.asked_to_move") == 1
    await desk.world.decide(Cancel(last.booking_id, Cause.VISITOR))
    assert (await desk.world.rows("SELECT capacity, used, goal FROM pools")) == [
        {"capacity": 1, "used": 1, "goal": None}
    ]


async def test_who_was_asked_to_leave_is_told_that_they_may_stay_once_another_has_left(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    first, last = desk.world.household(slot), desk.world.household(slot)
    await desk.world.decide(first)
    desk.world.clock.move_to(desk.world.moment(0.01))
    await desk.world.decide(last)
    (pool,) = await desk.world.rows("SELECT id FROM pools")
    await desk.sign_in(Role.ORGANISER)
    await desk.fill_in(await desk.get(PLACES), f"places/{pool['id']}", capacity=1, ask="true")
    token = desk.world.keys.token("booking", first.booking_id)
    mine = await desk.fill_in(await desk.get(f"/en/my-booking/{token}"), "my-booking", follow=True)
    await desk.fill_in(mine, "my-booking/cancel")
    told = [(what, said["booking_id"]) for what, said in await desk.world.told() if what.startswith("booking.")]
    assert told[-2:] == [("booking.cancelled", str(first.booking_id)), ("booking.may_stay", str(last.booking_id))]
    (row,) = await desk.world.rows("SELECT asked_to_move_at, status, version FROM bookings WHERE status = 'confirmed'")
    assert row == {"asked_to_move_at": None, "status": "confirmed", "version": 3}
    assert (await desk.world.rows("SELECT capacity, goal FROM pools")) == [{"capacity": 1, "goal": None}]


async def test_a_booking_that_was_asked_for_is_approved(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    await desk.sign_in(Role.ORGANISER)
    await desk.fill_in(
        await desk.get(PLACES), "rules", line="promote", offer_hours=6, largest_household=9, approval="true"
    )
    family = desk.world.household(slot)
    await desk.world.decide(family)
    address = f"/en/console/havlandet/attendees/fair/{family.booking_id}"
    page = await desk.get(address)
    assert "waits for your answer" in page.text
    assert (await desk.fill_in(page, "approve")).status == 303
    assert (await desk.world.rows("SELECT status, awaits FROM bookings")) == [{"status": "confirmed", "awaits": None}]


@pytest.mark.parametrize("asked", [True, False])
async def test_who_was_told_no_has_cancelled_nothing(desk: Desk, *, asked: bool) -> None:
    _, (slot,) = await fair(desk, 1)
    await desk.world.programme(version=2, contact="post@havlandet.example")
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(approval=asked))
    family = desk.world.household(slot)
    await desk.world.decide(family)
    await desk.sign_in(Role.ORGANISER)
    console = await desk.get(f"/en/console/havlandet/attendees/fair/{family.booking_id}")
    told = await desk.fill_in(console, "cancel", follow=True)
    assert ("You have said no" in told.text) == asked
    assert ("The booking is cancelled" in told.text) == (not asked)
    token = desk.world.keys.token("booking", family.booking_id)
    mine = await desk.fill_in(await desk.get(f"/en/my-booking/{token}"), "my-booking", follow=True)
    assert ("could not give you the place you asked for" in mine.text) == asked
    assert ('href="mailto:post@havlandet.example"' in mine.text) == asked
    assert ("Booking cancelled" in mine.text) == (not asked)
    assert ("Book again" in mine.text) == ("This booking is cancelled" in mine.text) == (not asked)


async def test_a_free_place_is_offered_out_of_turn_with_a_reason(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    has, first, second = (desk.world.household(slot) for _ in range(3))
    await desk.world.decide(has, first, second)
    await desk.sign_in(Role.ORGANISER)
    address = f"/en/console/havlandet/attendees/fair/{second.booking_id}"
    full = await desk.fill_in(await desk.get(address), "offer", why="They come from far")
    assert full.status == 409
    assert (await desk.world.rows("SELECT status FROM bookings WHERE id = $1", second.booking_id))[0][
        "status"
    ] == "waiting"
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        # A rule that keeps the line still, so that the free place is there to be given by hand.
        await tx.connection.execute("UPDATE bookings SET awaits = 'approval' WHERE id = $1", first.booking_id)
        await tx.connection.execute("UPDATE bookings SET awaits = 'approval' WHERE id = $1", second.booking_id)
    await desk.world.decide(Cancel(has.booking_id, Cause.VISITOR))
    assert (await desk.fill_in(await desk.get(address), "offer", why="")).status == 422
    assert (await desk.world.rows("SELECT status FROM bookings WHERE id = $1", second.booking_id))[0][
        "status"
    ] == "waiting"
    given = await desk.fill_in(await desk.get(address), "offer", why="They come from far")
    assert given.status == 303
    assert (await desk.world.rows("SELECT status FROM bookings WHERE id = $1", second.booking_id))[0][
        "status"
    ] == "offered"
    assert "They come from far" in (await desk.get(address)).text
