"""What a delivery waits for: daylight, the rest of its story, a mail server; each only for so long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from events.facts import EventChanged, SlotOpened
from notifications import commands, reactions, sending
from registrations.facts import BookingConfirmed, BookingStatus
from services.clock import MovedClock
from tests.notifications.post_office import PROGRAMME, PostOffice, World

CONFIRMED = BookingStatus.CONFIRMED


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)


async def reminders(world: World) -> list[dict[str, Any]]:
    async with world.context.database.transaction(PROGRAMME) as tx:
        rows = await tx.connection.fetch(
            "SELECT status, due_at, reason, attempts FROM deliveries WHERE kind = 'reminder'"
        )
    return [dict(row) for row in rows]


@pytest.fixture
async def tomorrow_at_ten(world: World, office: PostOffice) -> World:
    """Someone comes tomorrow at ten, and has their confirmation."""
    world.starts_at = oslo("2026-04-24T10:00")
    world.context.clock.move_to(oslo("2026-04-20T12:00"))
    await world.begin(version=2)
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    await sending.send_due(world.context)
    office.mails.clear()
    return world


async def test_a_reminder_that_was_late_because_nothing_was_sent_waits_until_people_are_awake(
    tomorrow_at_ten: World, office: PostOffice, clock: MovedClock
) -> None:
    # The house stood still from the morning before until late in the evening. By eight it is too close to the start.
    clock.move_to(oslo("2026-04-23T22:30"))
    await sending.send_due(tomorrow_at_ten.context)
    assert office.mails == []
    [reminder] = await reminders(tomorrow_at_ten)
    assert (reminder["status"], reminder["reason"], reminder["attempts"]) == ("planned", "night", 0)
    assert reminder["due_at"] == oslo("2026-04-24T08:00")
    clock.move_to(oslo("2026-04-24T08:00"))
    await sending.send_due(tomorrow_at_ten.context)
    assert office.mails == []
    assert [row["status"] for row in await reminders(tomorrow_at_ten)] == ["overtaken"]


async def test_a_reminder_refused_in_the_evening_is_tried_again_in_the_morning(
    world: World, office: PostOffice, clock: MovedClock
) -> None:
    world.starts_at = oslo("2026-04-24T19:50")
    clock.move_to(oslo("2026-04-20T12:00"))
    await world.begin(version=2)
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    await sending.send_due(world.context)
    office.manner = "later"
    # Ever longer: at once, after 1, 5 and 15 minutes, and then it is night.
    for moment in ("19:50", "19:51", "19:56", "20:11"):
        clock.move_to(oslo(f"2026-04-23T{moment}"))
        await sending.send_due(world.context)
    office.manner = "take"
    office.mails.clear()
    for moment in ("20:11", "23:59"):
        clock.move_to(oslo(f"2026-04-23T{moment}"))
        await sending.send_due(world.context)
    assert office.mails == []
    clock.move_to(oslo("2026-04-24T08:00"))
    await sending.send_due(world.context)
    assert [mail["Subject"] for mail in office.mails] == ["Snart: Hjemkomstdag"]


async def test_what_answers_goes_out_at_night_too(world: World, office: PostOffice, clock: MovedClock) -> None:
    clock.move_to(oslo("2026-04-14T02:00"))
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    await sending.send_due(world.context)
    assert [mail["Subject"] for mail in office.mails] == ["Du er påmeldt: Hjemkomstdag"]


async def test_a_reminder_planned_long_before_has_its_three_days_too(
    world: World, office: PostOffice, clock: MovedClock
) -> None:
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    await sending.send_due(world.context)
    office.manner = "later"
    clock.move_to(world.starts_at - timedelta(days=1))
    await sending.send_due(world.context)
    [reminder] = await reminders(world)
    assert (reminder["status"], reminder["reason"], reminder["attempts"]) == ("planned", "451", 1)


async def test_a_message_whose_story_never_comes_fails_after_three_days_and_can_be_sent_again(
    world: World, office: PostOffice, clock: MovedClock
) -> None:
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    async with world.context.database.transaction(PROGRAMME) as tx:
        await tx.connection.execute("DELETE FROM known_stands")
    for _ in range(2):
        await sending.send_due(world.context)
        assert ("confirmed", "planned") in await world.log()
        clock.move(timedelta(days=3))
    clock.move(timedelta(seconds=1))
    await sending.send_due(world.context)
    assert ("confirmed", "failed") in await world.log()
    await world.begin()
    async with world.context.database.transaction(PROGRAMME) as tx:
        await commands.ask_again(tx, await tx.connection.fetchval("SELECT id FROM deliveries WHERE kind = 'confirmed'"))
    office.manner = "later"
    await sending.send_due(world.context)
    assert ("confirmed", "planned") in await world.log()


async def test_without_its_slot_a_confirmation_says_the_bookings_own_time_and_never_the_events(
    world: World, office: PostOffice, clock: MovedClock
) -> None:
    late = world.starts_at + timedelta(hours=2)
    slot = {"slot_id": UUID(int=777), "starts_at": late, "ends_at": late + timedelta(minutes=30)}
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor, **slot))
    await sending.send_due(world.context)
    [mail] = office.mails
    assert "14:00–14:30" in mail.get_body(("plain",)).get_content()
    assert "12:00" not in mail.get_body(("plain",)).get_content()
    [reminder] = await reminders(world)
    assert reminder["due_at"] == late - timedelta(days=1)


async def test_without_its_slot_and_without_a_time_of_its_own_a_confirmation_waits_for_the_slot(
    world: World, office: PostOffice, clock: MovedClock
) -> None:
    visitor = await world.visitor()
    async with world.context.database.transaction(PROGRAMME) as tx:
        await tx.connection.execute("DELETE FROM known_slots")
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    await sending.send_due(world.context)
    assert await world.log() == [("confirmed", "planned")]
    await world.begin()
    clock.move(timedelta(seconds=5))
    await sending.send_due(world.context)
    assert await world.log() == [("confirmed", "sent"), ("reminder", "planned")]
    assert "12:00–12:30" in office.mails[0].get_body(("plain",)).get_content()


async def test_who_booked_the_event_itself_is_told_its_newest_time(world: World, office: PostOffice) -> None:
    whole = {"slot_id": None, "stand_id": None, "starts_at": world.starts_at, "ends_at": world.starts_at}
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor, **whole))
    await world.tell(reactions.take_event, world.event(2, EventChanged, starts_at=world.starts_at + timedelta(hours=3)))
    await sending.send_due(world.context)
    [changed] = [mail for mail in office.mails if mail["Subject"].startswith("Ny tid")]
    assert "15:00–18:00" in changed.get_body(("plain",)).get_content()


async def test_a_booking_of_a_session_is_told_with_its_title_and_room(world: World, office: PostOffice) -> None:
    session = world.slot(SlotOpened, 1).model_copy(
        update={
            "slot_id": UUID(int=888),
            "stand_id": None,
            "titles": {"nb": "Å flytte hjem", "en": "Moving home"},
            "room": "Storsalen",
        }
    )
    visitor = await world.visitor(language="en")
    booked = world.booking(
        BookingConfirmed,
        CONFIRMED,
        1,
        visitor,
        slot_id=session.slot_id,
        stand_id=None,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
    )
    await world.tell(reactions.take_booking, booked)
    await sending.send_due(world.context)
    assert office.mails == [], "without its title it would look like the whole event"
    await world.tell(reactions.take_slot, session)
    world.context.clock.move(timedelta(seconds=5))
    await sending.send_due(world.context)
    [mail] = office.mails
    assert "Moving home" in mail.get_body(("plain",)).get_content()
    assert "Samfunnshuset, Storsalen" in mail.get_body(("plain",)).get_content()
    assert "Stand:" not in mail.get_body(("plain",)).get_content()
    [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    calendar = part.get_payload(decode=True).decode()
    assert "Homecoming day: Moving home" in calendar
