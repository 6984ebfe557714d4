"""When lots may be drawn: after one can book and before the first place begins, chosen by the clock at the event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.facts import EventPublished, SlotMoved, SlotOpened
from registrations.commands.rules import rules_for, set_rules
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.giving_out import moment_of
from services.pages.languages import Refused as Miswritten
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_api_of_places import EVENT, ask, signed_in
from tests.registrations.test_giving_out import PLACES
from tests.registrations.test_my_booking import booked, enter
from tests.registrations.test_register_page import fair

TYPED = {"line": "promote", "offer_hours": 6, "largest_household": 5}


def wall(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%Y-%m-%dT%H:%M")


async def lottery(desk: Desk, days: float) -> tuple[EventPublished, SlotOpened]:
    """A fair in ten days whose lots are drawn in so many days."""
    event, (slot,) = await fair(desk, 1)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, event.event_id, EventRules(draw_at=desk.world.moment(days)))
    return event, slot


async def begins_in(desk: Desk, slot: SlotOpened, days: float) -> None:
    """The slot is moved, and the event tells of it."""
    starts_at = desk.world.moment(days)
    said = {**slot.model_dump(), "version": 2, "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=30)}
    await desk.world.hear(SlotMoved(**said))


async def test_lots_are_not_drawn_once_the_first_place_has_begun(desk: Desk) -> None:
    await fair(desk, 1, 1)
    await desk.sign_in(Role.ORGANISER)
    for late in (wall(desk.world.moment(10)), "2030-12-09T12:00", "9999-12-31T23:59"):
        refused = await desk.fill_in(await desk.get(PLACES), "rules", **TYPED, draw_at=late)
        assert refused.status == 409 and "Lots must be drawn before it." in refused.text, late
        assert f'value="{late}"' in refused.text and 'href="#draw_at"' in refused.text
    assert await desk.world.rows("SELECT 1 FROM event_rules") == []
    early = wall(desk.world.moment(10) - timedelta(minutes=1))
    assert (await desk.fill_in(await desk.get(PLACES), "rules", **TYPED, draw_at=early)).status == 303


async def test_lots_are_not_drawn_before_anybody_can_take_part(desk: Desk) -> None:
    event = desk.world.event("fair", households=3, registration_opens_at=desk.world.moment(3))
    await desk.world.programme()
    await desk.world.hear(event)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        for days, reason in ((2, Reason.DRAW_TOO_EARLY), (3, Reason.DRAW_TOO_EARLY), (10, Reason.DRAW_TOO_LATE)):
            with pytest.raises(Refused) as refused:
                await set_rules(tx, event.event_id, EventRules(draw_at=desk.world.moment(days)))
            assert refused.value.reason is reason
        await set_rules(tx, event.event_id, EventRules(draw_at=desk.world.moment(4)))


async def test_a_moment_on_no_calendar_is_told_at_its_field_with_what_was_typed(desk: Desk) -> None:
    await fair(desk, 1)
    await desk.sign_in(Role.ORGANISER)
    for typed, said in (
        ("9999-12-31T23:59-12:00", "too far away"),
        ("0001-01-01T00:00+14:00", "too far away"),
        ("soon", "Write a date and a time"),
    ):
        refused = await desk.fill_in(await desk.get(PLACES), "rules", **TYPED, draw_at=typed)
        assert refused.status == 422 and said in refused.text, typed
        assert f'value="{typed}"' in refused.text and 'value="6"' in refused.text, "nothing that was typed is lost"


async def test_saving_other_rules_leaves_the_draw_to_the_second_as_it_was(desk: Desk) -> None:
    event, _ = await fair(desk, 1)
    draw_at = desk.world.moment(5) + timedelta(seconds=17)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, event.event_id, EventRules(draw_at=draw_at))
    await desk.sign_in(Role.ORGANISER)
    assert (await desk.fill_in(await desk.get(PLACES), "rules", largest_household=4)).status == 303
    assert await desk.world.rows("SELECT largest_household, draw_at FROM event_rules") == [
        {"largest_household": 4, "draw_at": draw_at}
    ]


@pytest.mark.parametrize(
    ("written", "stands", "moment"),
    [
        ("2026-12-09T12:00", None, "2026-12-09T11:00"),
        ("2026-12-09T12:00+05:00", None, "2026-12-09T07:00"),
        ("2026-10-25T02:30", None, "2026-10-25T00:30"),  # twice: the first
        ("2026-10-25T02:30", "2026-10-25T01:30", "2026-10-25T01:30"),  # it was the second, and stays it
        ("2026-10-25T02:30", "2026-10-25T03:30", "2026-10-25T00:30"),
    ],
)
def test_what_is_written_is_the_clock_at_the_event(written: str, stands: str | None, moment: str) -> None:
    before = datetime.fromisoformat(stands).replace(tzinfo=UTC) if stands else None
    said = datetime.fromisoformat(written)
    assert moment_of(said, "Europe/Oslo", before) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_time_that_clocks_skip_is_none() -> None:
    with pytest.raises(Miswritten):
        moment_of(datetime(2026, 3, 29, 2, 30), "Europe/Oslo", None)  # noqa: DTZ001 — as a form writes it


async def test_an_event_that_is_moved_before_its_draw_is_drawn_a_day_before_it_and_the_console_says_so(
    desk: Desk,
) -> None:
    _, slot = await lottery(desk, 9)
    families = [await booked(desk, slot) for _ in range(2)]
    person = await signed_in(desk)
    assert "before lots were to be drawn" not in (await desk.get(PLACES)).text
    await begins_in(desk, slot, 6)
    for page in (PLACES, PLACES.removesuffix("/places"), PLACES.replace("/places", "/line")):
        assert "before lots were to be drawn" in (await desk.get(page)).text, page
    _, rules = await ask(desk, "GET", f"{EVENT}/rules", person=person)
    assert datetime.fromisoformat(rules["draw_at"]) == desk.world.moment(5)
    moved = [fact for what, fact in await desk.world.told() if what == "booking.moved"]
    assert {datetime.fromisoformat(fact["lots_at"]) for fact in moved} == {desk.world.moment(5)}
    desk.world.clock.move_to(desk.world.moment(4.9))
    await desk.world.run("draw-lots")
    assert {row["status"] for row in await desk.world.rows("SELECT status FROM bookings")} == {"waiting"}
    desk.world.clock.move_to(desk.world.moment(0.2))
    await desk.world.run("draw-lots")
    statuses = sorted(row["status"] for row in await desk.world.rows("SELECT status FROM bookings"))
    assert statuses == ["confirmed", "waiting"] and len(families) == 2
    assert "before lots were to be drawn" not in (await desk.get(PLACES)).text


async def test_an_event_moved_to_the_next_hours_is_drawn_at_once(desk: Desk) -> None:
    _, slot = await lottery(desk, 9)
    await booked(desk, slot)
    await begins_in(desk, slot, 0.2)
    await desk.world.run("draw-lots")
    assert await desk.world.rows("SELECT status FROM bookings") == [{"status": "confirmed"}]


async def test_an_event_moved_back_is_drawn_when_it_was_to_be(desk: Desk) -> None:
    event, slot = await lottery(desk, 9)
    await begins_in(desk, slot, 6)
    await begins_in(desk, slot, 12)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        assert (await rules_for(tx, event.event_id)).lots_at == desk.world.moment(9)


async def test_what_visitors_read_is_when_lots_are_drawn_then(desk: Desk) -> None:
    _, slot = await lottery(desk, 9)
    family = await booked(desk, slot)
    await begins_in(desk, slot, 6)
    day = f"{desk.world.moment(5).astimezone(ZoneInfo('Europe/Amsterdam')):%-d %B}"
    assert f"{day} " in (await desk.get("/en/register/fair")).text.partition("They are drawn")[2][:60]
    assert f"{day} " in (await enter(desk, family.booking_id)).text.partition("They are drawn")[2][:60]
