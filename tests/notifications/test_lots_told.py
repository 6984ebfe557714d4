"""What those are told who wait for lots: that they take part, when lots are drawn, and also that they got no place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications import reactions, sending
from notifications.domain import Kind
from registrations.commands import rules
from registrations.domain.records import EventRules
from registrations.facts import (
    Awaits,
    BookingAskedAgain,
    BookingConfirmed,
    BookingDrawn,
    BookingMoved,
    BookingStatus,
    BookingWaitlisted,
)
from services import repairs
from services.clock import MovedClock
from services.pages.languages import LANGUAGES
from services.process import Running
from tests.notifications.post_office import PROGRAMME, PostOffice, World
from tests.notifications.test_letters import mail
from tests.notifications.test_restating import Told

WAITING = BookingStatus.WAITING
LOTS_AT = datetime(2026, 12, 9, 11, tzinfo=UTC)


def plain(found: Any) -> str:
    return " ".join(str(found.get_body(("plain",)).get_content()).split())


async def test_who_takes_part_is_told_when_lots_are_drawn_and_not_that_all_is_taken(
    world: World, office: PostOffice
) -> None:
    visitor = await world.visitor(language="en")
    await world.tell(reactions.take_booking, world.booking(BookingWaitlisted, WAITING, 1, visitor, lots_at=LOTS_AT))
    await sending.send_due(world.context)
    (found,) = office.mails
    assert found["Subject"] == "You take part in the draw: Homecoming day"
    said = plain(found)
    assert "Lots are drawn Wednesday 9 December 2026, 12:00, and then we write to everyone" in said
    assert "taken" not in said and "waiting list" not in said and "place in line" not in said


@pytest.mark.parametrize("kind", [BookingAskedAgain, BookingMoved])
async def test_what_follows_before_the_draw_promises_no_place_in_line_either(
    world: World, office: PostOffice, kind: Any
) -> None:
    visitor = await world.visitor(language="en")
    more = {"previous_slot_id": visitor} if kind is BookingMoved else {}  # any other slot
    await world.tell(reactions.take_booking, world.booking(kind, WAITING, 2, visitor, lots_at=LOTS_AT, **more))
    await sending.send_due(world.context)
    (found,) = office.mails
    assert "draw" in plain(found) and "place in line" not in plain(found)


async def test_once_lots_are_drawn_who_asks_again_stands_in_line(world: World, office: PostOffice) -> None:
    visitor = await world.visitor(language="en")
    await world.tell(reactions.take_booking, world.booking(BookingWaitlisted, WAITING, 1, visitor, lots_at=LOTS_AT))
    await world.tell(reactions.take_booking, world.booking(BookingDrawn, WAITING, 2, visitor))
    await world.tell(reactions.take_booking, world.booking(BookingAskedAgain, WAITING, 3, visitor))
    await sending.send_due(world.context)
    assert any("You keep your place in line" in plain(found) for found in office.mails)


async def test_whom_the_lots_gave_no_place_hears_it_once_with_the_way_to_their_place_in_line(
    world: World, office: PostOffice
) -> None:
    visitor = await world.visitor(language="en")
    fact = world.booking(BookingDrawn, WAITING, 2, visitor)
    for _ in range(2):
        await world.tell(reactions.take_booking, fact)
    await sending.send_due(world.context)
    (found,) = office.mails
    assert found["Subject"] == "No place by lot: Homecoming day"
    assert "You stand in line now" in plain(found) and "can leave it" in plain(found)
    assert "/my-booking/" in plain(found)


@pytest.mark.parametrize("awaits", list(Awaits))
async def test_who_must_answer_first_or_be_answered_is_told_nothing_of_the_draw(world: World, awaits: Awaits) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingDrawn, WAITING, 2, visitor, awaits=awaits))
    assert await world.log() == []


async def test_who_has_a_place_by_the_time_the_mail_leaves_is_not_told_that_they_have_none(
    world: World, office: PostOffice
) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_booking, world.booking(BookingDrawn, WAITING, 2, visitor))
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, BookingStatus.CONFIRMED, 3, visitor))
    await sending.send_due(world.context)
    assert len(office.mails) == 1
    assert dict(await world.log())["not_drawn"] == "overtaken"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", [Kind.WAITLISTED, Kind.AGAIN, Kind.MOVED])
def test_the_letter_says_when_lots_are_drawn_in_every_language(kind: Kind, lang: str) -> None:
    said = plain(mail(kind, lang, status="waiting", lots_at=LOTS_AT))
    assert "2026" in said and "12:00" in said and "{" not in said
    assert said != plain(mail(kind, lang, status="waiting"))


async def test_after_a_draw_everyone_has_heard_and_restating_tells_nobody_again(
    house: Running, clock: MovedClock
) -> None:
    told = Told(house, clock)
    event = told.registrations.event()
    stand = told.registrations.stand(event)
    slot = told.registrations.slot(stand, 1)
    await told.say("events", event, stand, slot)
    async with told.registrations.database.transaction(PROGRAMME) as tx:
        await rules.set_rules(tx, event.event_id, EventRules(draw_at=told.registrations.moment(5)))
    await told.registrations.decide(*(told.registrations.household(slot) for _ in range(3)))
    await house.drain()
    assert await repairs.restate(house.contexts["registrations"], [PROGRAMME]) >= 3
    await house.drain()
    async with house.contexts["notifications"].database.transaction(PROGRAMME) as tx:
        rows = await tx.connection.fetch("SELECT lots_at FROM known_bookings")
    assert [row["lots_at"] for row in rows] == [told.registrations.moment(5)] * 3
    clock.move_to(told.registrations.moment(5.01))
    await told.registrations.run("draw-lots")
    await house.drain()
    before = await told.log()
    kinds = sorted(kind for kind, _ in before)
    assert kinds == ["confirmed", "not_drawn", "not_drawn", "reminder", "waitlisted", "waitlisted", "waitlisted"]
    await repairs.restate(house.contexts["registrations"], [PROGRAMME])
    await house.drain()
    assert await told.log() == before
