"""An organiser writes to those who were chosen: who gets it and who does not, a try on oneself, and once for each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from notifications import choosing, messages, reactions, sending
from notifications.choosing import LeftOut
from registrations.facts import Awaits, BookingConfirmed, BookingFact, BookingStatus, SelectionMade
from services.routes import Role
from tests.notifications.post_office import EVENT, PROGRAMME, PostOffice, World
from tests.registrations.desks import Desk, Page

NEW = "/en/console/havlandet/deliveries/new"
WORDS = {
    "subject.nb": "Ta med støvler",
    "text.nb": "Det regner.\n\nTa med støvler.",
    "subject.en": "Bring boots",
    "text.en": "It rains.\n\nBring boots.",
}


async def booked(world: World, name: str, language: str = "nb", email: str = "", **changes: Any) -> BookingFact:
    visitor = await world.visitor(name, email or f"{name.lower()}@example.org", language)
    status = changes.pop("status", BookingStatus.CONFIRMED)
    fact = world.booking(BookingConfirmed, status, 1, visitor, **changes)
    await world.tell(reactions.take_booking, fact)
    return fact


async def chosen(world: World, *bookings: UUID, chunk: int = 2, selection: UUID | None = None) -> UUID:
    """Told in parts, the last one first."""
    selection = selection or uuid4()
    parts = [bookings[start : start + chunk] for start in range(0, len(bookings), chunk)]
    for number in range(len(parts), 0, -1):
        fact = SelectionMade(
            programme_id=PROGRAMME,
            version=1,
            at=world.context.clock.now(),
            part_id=uuid4(),
            selection_id=selection,
            event_id=EVENT,
            bookings=parts[number - 1],
            part=number,
            parts=len(parts),
            ends_at=world.context.clock.now() + timedelta(hours=1),
        )
        for _ in range(2):  # delivered twice, it is one
            await world.tell(reactions.take_selection, fact)
    return selection


async def compose(desk: Desk, selection: UUID, do: str = "send", **words: str) -> Page:
    page = await desk.get(f"{NEW}?selection={selection}")
    return await desk.fill_in(page, "/deliveries/new", **{"do": do, **(words or WORDS)})


async def told(world: World) -> list[tuple[str, str]]:
    return [one for one in await world.log() if one[0] == "message"]


async def test_each_gets_it_once_in_their_language_and_the_log_shows_it(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await desk.sign_in(Role.ORGANISER)
    facts = [await booked(world, name, language) for name, language in (("Ada", "nb"), ("Bo", "en"), ("Cy", "nl"))]
    selection = await chosen(world, *(one.booking_id for one in facts))
    page = await desk.get(f"{NEW}?selection={selection}")
    assert "3 visitors get it" in page.text
    sent = [await desk.fill_in(page, "/deliveries/new", do="send", **WORDS) for _ in range(2)]
    assert [one.status for one in sent] == [303, 303]
    assert await told(world) == [("message", "planned")] * 3
    await sending.send_due(world.context)
    await sending.send_due(world.context)
    mails = [one for one in office.mails if one["Subject"] in {"Ta med støvler", "Bring boots"}]
    assert sorted(one["Subject"] for one in mails) == ["Bring boots", "Bring boots", "Ta med støvler"]
    english = next(one for one in mails if "bo@" in str(one["To"]))
    plain = english.get_body(("plain",)).get_content()
    assert "It rains." in plain and "Hello Bo" in plain and "/my-booking/" in plain
    assert "Message of the organiser" in (await desk.get("/en/console/havlandet/deliveries")).text


async def test_who_is_left_out_is_said_with_the_reason(world: World, desk: Desk, office: PostOffice) -> None:
    await desk.sign_in(Role.ORGANISER)
    comes = await booked(world, "Ada")
    twice = world.booking(BookingConfirmed, BookingStatus.CONFIRMED, 1, comes.visitor_id, booking_id=uuid4())
    await world.tell(reactions.take_booking, twice)
    gone = await booked(world, "Bo", status=BookingStatus.CANCELLED)
    unsure = await booked(world, "Cy", status=BookingStatus.WAITING, awaits=Awaits.ADDRESS)
    ids = [one.booking_id for one in (comes, twice, gone, unsure)]
    selection = await chosen(world, *ids, uuid4())
    page = await desk.get(f"{NEW}?selection={selection}")
    assert "1 visitor gets it" in page.text and "4 are left out" in page.text
    for name, why in (("Bo", "has cancelled"), ("Cy", "has not confirmed"), ("Ada", "another of their bookings")):
        assert f"{name}</a>: " in page.text and why in page.text
    await compose(desk, selection)
    assert await told(world) == [("message", "planned")]


async def test_it_is_tried_on_oneself_without_anybodys_link_and_nobody_else_gets_it(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await desk.sign_in(Role.ORGANISER)
    fact = await booked(world, "Ada")
    selection = await chosen(world, fact.booking_id)
    tried = await compose(desk, selection, "test")
    assert tried.status == 200 and "on its way to you" in tried.text and "Bring boots" in tried.text
    (mail,) = office.mails
    assert mail["Subject"] == "Bring boots" and "ada@" not in str(mail["To"])
    assert "/my-booking/" not in mail.as_string() and "/t/" not in mail.as_string()
    office.manner = "refuse"
    assert (await compose(desk, selection, "test")).status == 409
    assert await told(world) == []


async def test_half_a_language_and_nothing_at_all_are_sent_back_with_what_was_typed(world: World, desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    fact = await booked(world, "Ada")
    selection = await chosen(world, fact.booking_id)
    half = await compose(desk, selection, **{"subject.nb": "Ta med støvler"})
    assert half.status == 422 and "Ta med støvler" in half.text and "Write both" in half.text
    assert (await compose(desk, selection, **{"subject.nb": ""})).status == 422
    assert await told(world) == []


async def test_the_page_waits_a_moment_for_what_was_just_chosen(world: World, desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    fact = await booked(world, "Ada")
    selection = uuid4()
    asked = asyncio.create_task(desk.get(f"{NEW}?selection={selection}"))
    await asyncio.sleep(0.5)
    await chosen(world, fact.booking_id, selection=selection)
    page = await asked
    assert "Being prepared" not in page.text and "1 visitor gets it." in page.text


async def test_what_has_not_come_yet_or_is_gone_is_said(world: World, desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    assert "Being prepared" in (await desk.get(f"{NEW}?selection={uuid4()}")).text
    assert (await desk.get(f"{NEW}?selection=nonsense")).status == 404
    fact = await booked(world, "Ada")
    selection = await chosen(world, fact.booking_id)
    world.context.clock.move(timedelta(hours=1))
    assert "Being prepared" in (await desk.get(f"{NEW}?selection={selection}")).text
    await sending.forget_deliveries(world.context)
    async with world.context.database.transaction(PROGRAMME) as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM known_selections") == 0


def wall(day: int, hour: int) -> datetime:
    """As a form says it: the event's own clock."""
    return datetime.fromisoformat(f"2026-12-{day:02}T{hour:02}:00")


@pytest.mark.parametrize(
    ("at", "now", "due"),
    [
        (None, datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC)),
        (None, datetime(2026, 12, 1, 21, tzinfo=UTC), datetime(2026, 12, 2, 7, tzinfo=UTC)),
        (wall(3, 9), datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 3, 8, tzinfo=UTC)),
        (wall(3, 22), datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 4, 7, tzinfo=UTC)),
        (wall(1, 9), datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC)),
    ],
)
def test_it_goes_out_when_asked_for_but_never_at_night(at: datetime | None, now: datetime, due: datetime) -> None:
    assert messages.due(at, "Europe/Oslo", now) == due


def test_one_mail_for_each_visitor_for_the_first_booking_that_may_have_one() -> None:
    chosen = [(1, "cancelled", True), (1, "confirmed", True), (1, "attended", True), (2, "waiting", False)]
    rows = [
        {"visitor_id": visitor, "status": status, "awaits": None, "reachable": reachable}
        for visitor, status, reachable in [*chosen, (None, None, None)]
    ]
    assert [one.left_out for one in choosing.judged(rows)] == [
        LeftOut.CANCELLED,
        None,
        LeftOut.TWICE,
        LeftOut.NO_CONTACT,
        LeftOut.GONE,
    ]
