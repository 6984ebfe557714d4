"""A booking that goes from one visitor to another: who is asked, who has it, who gave it; each gets their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from notifications import reactions, sending
from registrations.facts import (
    BookingConfirmed,
    BookingHandedOver,
    BookingHandOverAsked,
    BookingStatus,
)
from services.clock import MovedClock
from tests.notifications.post_office import PROGRAMME, PostOffice, World

CONFIRMED = BookingStatus.CONFIRMED
HAND_OVER = UUID(int=4242)


@pytest.fixture
async def two(world: World, office: PostOffice) -> tuple[UUID, UUID]:
    """Kari has a booking, confirmed by mail; Siri may get it."""
    kari, siri = [await world.visitor(name, f"{name}@example.org", "en") for name in ("Kari", "Siri")]
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, kari))
    await sending.send_due(world.context)
    return kari, siri


def plain(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def entry(mail: Any) -> tuple[str, int, str]:
    [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    read = Calendar.from_ical(part.get_payload(decode=True))
    return str(read["METHOD"]), int(read.events[0]["SEQUENCE"]), str(read.events[0]["UID"])


def to(mails: list[Any], name: str) -> list[Any]:
    return [mail for mail in mails if mail["To"].addresses[0].addr_spec == f"{name}@example.org"]


async def ask(world: World, kari: UUID, siri: UUID) -> None:
    fact = world.booking(
        BookingHandOverAsked,
        CONFIRMED,
        2,
        kari,
        to_visitor_id=siri,
        hand_over_id=HAND_OVER,
        hand_over_ends_at=world.context.clock.now() + timedelta(days=2, hours=1),
    )
    await world.tell(reactions.take_booking, fact)


async def hand_over(world: World, kari: UUID, siri: UUID) -> None:
    booking_id = world.booking(BookingConfirmed, CONFIRMED, 1, kari).booking_id
    fact = world.booking(
        BookingHandedOver, CONFIRMED, 3, siri, booking_id=booking_id, rotation=1, previous_visitor_id=kari
    )
    for _ in range(2):
        await world.tell(reactions.take_booking, fact)


async def test_who_is_asked_gets_a_link_of_their_own_and_neither_ticket_nor_the_bookings_link(
    world: World, office: PostOffice, two: tuple[UUID, UUID]
) -> None:
    office.mails.clear()
    await ask(world, *two)
    await sending.send_due(world.context)
    [mail] = office.mails
    assert mail["To"].addresses[0].addr_spec == "Siri@example.org"
    assert "Kari cannot come" in plain(mail)
    assert "say yes or no until Wednesday 15 April 2026, 10:00" in plain(mail)
    assert f"/en/hand-over/{world.context.keys.token('hand-over', HAND_OVER)}" in plain(mail)
    everything = mail.as_string()
    assert all(secret not in everything for secret in ("my-booking", "/t/", "image/png", "text/calendar"))
    assert world.context.keys.token("preferences", two[1]) in plain(mail)


async def test_an_offer_to_take_over_that_has_ended_is_not_sent(
    world: World, office: PostOffice, two: tuple[UUID, UUID], clock: MovedClock
) -> None:
    office.mails.clear()
    await ask(world, *two)
    clock.move(timedelta(days=3))
    await sending.send_due(world.context)
    assert (office.mails, ("hand_over", "overtaken") in await world.log()) == ([], True)


async def test_the_new_one_has_ticket_and_calendar_and_the_old_ones_calendar_is_cleared(
    world: World, office: PostOffice, two: tuple[UUID, UUID]
) -> None:
    first = entry(office.mails[0])
    office.mails.clear()
    await hand_over(world, *two)
    await sending.send_due(world.context)
    [gave], [got] = to(office.mails, "Kari"), to(office.mails, "Siri")
    assert gave["Subject"] == "Your booking has been handed over: Homecoming day"
    assert "my-booking" not in plain(gave)
    assert "/t/" not in plain(gave)
    assert entry(gave)[0] == "CANCEL"
    assert got["Subject"] == "You are booked: Homecoming day"
    booking_id = world.booking(BookingConfirmed, CONFIRMED, 1, two[0]).booking_id
    assert world.context.keys.token("ticket", booking_id, 1) in plain(got)
    assert entry(got)[0] == "REQUEST"
    assert entry(gave)[1] > first[1]
    assert entry(got)[2] == entry(gave)[2] == first[2]


async def test_only_the_new_one_is_reminded(
    world: World, office: PostOffice, two: tuple[UUID, UUID], clock: MovedClock
) -> None:
    await hand_over(world, *two)
    await sending.send_due(world.context)
    office.mails.clear()
    clock.move_to(world.starts_at - timedelta(days=1))
    await sending.send_due(world.context)
    assert [mail["Subject"] for mail in office.mails] == ["Soon: Homecoming day"]
    assert len(to(office.mails, "Siri")) == 1


async def test_who_was_reminded_and_hands_over_on_the_last_day_leaves_the_new_one_a_reminder_of_their_own(
    world: World, office: PostOffice, two: tuple[UUID, UUID], clock: MovedClock
) -> None:
    clock.move_to(world.starts_at - timedelta(days=1))
    await sending.send_due(world.context)
    office.mails.clear()
    await hand_over(world, *two)
    await sending.send_due(world.context)
    assert "Soon: Homecoming day" in [mail["Subject"] for mail in to(office.mails, "Siri")]
    assert "Soon: Homecoming day" not in [mail["Subject"] for mail in to(office.mails, "Kari")]


async def test_a_message_that_the_old_one_was_still_to_get_does_not_bring_them_the_new_link(
    world: World, office: PostOffice, two: tuple[UUID, UUID]
) -> None:
    await hand_over(world, *two)
    async with world.context.database.transaction(PROGRAMME) as tx:
        await tx.connection.execute(
            "UPDATE deliveries SET status = 'planned', settled_at = NULL WHERE visitor_id = $1 AND kind = 'confirmed'",
            two[0],
        )
    office.mails.clear()
    await sending.send_due(world.context)
    assert [mail["Subject"] for mail in to(office.mails, "Kari")] == [
        "Your booking has been handed over: Homecoming day"
    ]
    assert ("confirmed", "overtaken") in await world.log()
