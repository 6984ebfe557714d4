"""Bookings that wait for an address or for the organiser's yes, and what is told when the answer is no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from events.facts import SlotMoved
from notifications import reactions, sending
from registrations.facts import (
    BookingAskedAgain,
    BookingAskedToMove,
    BookingCancelled,
    BookingConfirmed,
    BookingHeld,
    BookingMayStay,
    BookingOffered,
    BookingStatus,
    Cause,
)
from services.clock import MovedClock
from services.pages.languages import LANGUAGES
from tests.notifications.post_office import PostOffice, World

CONFIRMED, HELD, CANCELLED, OFFERED = (
    BookingStatus.CONFIRMED,
    BookingStatus.HELD,
    BookingStatus.CANCELLED,
    BookingStatus.OFFERED,
)


def plain(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


async def test_who_holds_a_place_for_a_moment_is_not_written_to(world: World) -> None:
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, await world.visitor()))
    assert await world.log() == []


async def test_an_address_is_confirmed_on_the_booking_page_and_nothing_is_promised_before(
    world: World, office: PostOffice
) -> None:
    visitor = await world.visitor(language="en")
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, visitor, awaits="address"))
    await sending.send_due(world.context)
    [mail] = office.mails
    assert mail["Subject"] == "Confirm your address: Homecoming day"
    token = world.context.keys.token("booking", world.booking(BookingHeld, HELD, 1, visitor).booking_id)
    assert f"/en/my-booking/{token}" in plain(mail)
    assert "Your ticket" not in plain(mail)
    assert [part for part in mail.walk() if part.get_content_type() == "text/calendar"] == []
    assert await world.log() == [("address", "sent")]


async def test_an_address_that_was_confirmed_before_the_mail_left_is_not_asked_for(
    world: World, office: PostOffice
) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, visitor, awaits="address"))
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 2, visitor, awaits="approval"))
    await sending.send_due(world.context)
    assert await world.log() == [("address", "overtaken"), ("asked", "sent")]
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 3, visitor))
    await sending.send_due(world.context)
    assert ("confirmed", "sent") in await world.log()


@pytest.mark.parametrize("cause", [Cause.STAFF, Cause.EXPIRY])
async def test_who_asked_and_gets_no_place_is_told_so(world: World, office: PostOffice, cause: Cause) -> None:
    visitor = await world.visitor(language="en")
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, visitor, awaits="approval"))
    await world.tell(reactions.take_booking, world.booking(BookingCancelled, CANCELLED, 2, visitor, cause=cause))
    await sending.send_due(world.context)
    assert [mail["Subject"] for mail in office.mails] == ["No place this time: Homecoming day"]
    assert await world.log() == [("asked", "overtaken"), ("declined", "sent")]


async def test_an_address_that_nobody_confirms_hears_nothing_more(world: World) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, visitor, awaits="address"))
    ended = world.booking(BookingCancelled, CANCELLED, 2, visitor, cause=Cause.EXPIRY)
    await world.tell(reactions.take_booking, ended)
    assert await world.log() == [("address", "overtaken")]


async def test_who_is_asked_to_choose_another_time_may_keep_theirs(world: World, office: PostOffice) -> None:
    visitor = await world.visitor(language="en")
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    await sending.send_due(world.context)
    await world.tell(reactions.take_booking, world.booking(BookingAskedToMove, CONFIRMED, 2, visitor))
    await sending.send_due(world.context)
    asked = office.mails[-1]
    assert "you keep the time you have" in plain(asked)
    assert "/en/my-booking/" in plain(asked)
    assert [kind for kind, _ in await world.log()] == ["asked_to_move", "confirmed", "reminder"]
    await world.tell(reactions.take_booking, world.booking(BookingMayStay, CONFIRMED, 3, visitor))
    await sending.send_due(world.context)
    assert "That is no longer needed" in plain(office.mails[-1])


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_an_offer_says_until_when_in_the_visitors_language(
    world: World, office: PostOffice, clock: MovedClock, lang: str
) -> None:
    until = clock.now() + timedelta(days=2, hours=1)
    offer = world.booking(BookingOffered, OFFERED, 1, await world.visitor(language=lang), offer_ends_at=until)
    await world.tell(reactions.take_booking, offer)
    await sending.send_due(world.context)
    [mail] = office.mails
    day = {"nb": "onsdag 15. april", "nn": "onsdag 15. april", "en": "Wednesday 15 April", "nl": "woensdag 15 april"}
    assert f"{day[lang]} 2026, 10:00" in plain(mail)


@pytest.mark.parametrize("status", [HELD, BookingStatus.WAITING])
async def test_with_a_place_or_in_line_the_same_step_is_asked_for(world: World, status: BookingStatus) -> None:
    visitor = await world.visitor()
    for version, awaits in enumerate(("address", "approval"), 1):
        await world.tell(reactions.take_booking, world.booking(BookingHeld, status, version, visitor, awaits=awaits))
    assert [kind for kind, _ in await world.log()] == ["address", "asked"]
    no = world.booking(BookingCancelled, CANCELLED, 3, visitor, cause=Cause.STAFF)
    await world.tell(reactions.take_booking, no)
    assert ("declined", "planned") in await world.log()


async def test_who_asks_again_with_an_address_that_is_not_confirmed_is_asked_to_confirm_it_again(world: World) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, visitor, awaits="address"))
    await world.tell(reactions.take_booking, world.booking(BookingAskedAgain, HELD, 2, visitor, awaits="address"))
    assert [kind for kind, _ in await world.log()] == ["address", "address"]


async def test_a_move_is_told_to_who_waits_for_a_yes_and_not_to_an_address_that_may_be_anybodys(world: World) -> None:
    for awaits in ("address", "approval"):
        visitor = await world.visitor(email=f"{awaits}@example.org")
        await world.tell(reactions.take_booking, world.booking(BookingHeld, HELD, 1, visitor, awaits=awaits))
    await world.tell(reactions.take_slot, world.slot(SlotMoved, 2, later=timedelta(hours=1)))
    assert [kind for kind, _ in await world.log()] == ["address", "asked", "moved"]
