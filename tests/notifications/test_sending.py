"""Handing over: taken, refused, later, broken off. No mail goes out twice by itself, and the log says what happened."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient
from icalendar import Calendar

from events.facts import EventCancelled, EventStatus, SlotClosed, SlotMoved, SlotStatus
from notifications import commands, reactions, sending
from notifications.channels.email.transport import Transport, TransportError
from registrations.facts import BookingCancelled, BookingConfirmed, BookingStatus, Cause
from services.clock import MovedClock
from services.keys import Keys, token_hash
from tests.notifications.post_office import PROGRAMME, PostOffice, World

CONFIRMED = BookingStatus.CONFIRMED


@pytest.fixture
async def booked(world: World) -> World:
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    return world


def entry(mail: Any) -> Any:
    [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    return Calendar.from_ical(part.get_payload(decode=True))


async def test_a_confirmation_arrives_in_the_visitors_language_with_ticket_and_calendar(
    booked: World, office: PostOffice
) -> None:
    await sending.send_due(booked.context)
    [mail] = office.mails
    assert mail["Subject"] == "Du er påmeldt: Hjemkomstdag"
    assert mail["To"].addresses[0].addr_spec == "ase@example.org"
    assert mail["Reply-To"] == "post@havlandet.example"
    assert {part.get_content_type() for part in mail.walk()} >= {
        "text/plain",
        "text/html",
        "image/png",
        "text/calendar",
    }
    assert "/nb/my-booking/" in mail.get_body(("plain",)).get_content()
    assert entry(mail).events[0]["SEQUENCE"] == 0
    assert dict(await booked.log())["confirmed"] == "sent"


async def test_a_second_run_sends_nothing_again(booked: World, office: PostOffice) -> None:
    await sending.send_due(booked.context)
    await sending.send_due(booked.context)
    assert len(office.mails) == 1


async def test_the_calendar_follows_a_move_and_a_cancellation(booked: World, office: PostOffice) -> None:
    await sending.send_due(booked.context)
    await booked.tell(reactions.take_slot, booked.slot(SlotMoved, 2, later=timedelta(hours=1)))
    await sending.send_due(booked.context)
    cancelled = booked.booking(BookingCancelled, BookingStatus.CANCELLED, 2, await _visitor(booked))
    await booked.tell(reactions.take_booking, cancelled)
    await sending.send_due(booked.context)
    told = [
        (entry(mail)["METHOD"], entry(mail).events[0]["SEQUENCE"], entry(mail).events[0]["UID"])
        for mail in office.mails
    ]
    assert [(method, sequence) for method, sequence, _ in told] == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
    async with booked.context.database.system() as tx:
        rows = await tx.connection.fetch("SELECT payload FROM outbox WHERE subject LIKE '%.settled.%' ORDER BY id")
    told_others = [row["payload"]["sequence"] for row in rows]
    assert [one for one in told_others if one is not None] == [0, 1, 2], "the overtaken reminder had no entry"
    assert len({uid for _, _, uid in told}) == 1


async def test_a_reminder_goes_out_by_the_clock_and_can_be_declined_with_one_click(
    booked: World, office: PostOffice, clock: MovedClock, client: TestClient[Any, Any]
) -> None:
    await sending.send_due(booked.context)
    clock.move_to(booked.starts_at - timedelta(days=1))
    await sending.send_due(booked.context)
    reminder = office.mails[-1]
    assert reminder["Subject"] == "Snart: Hjemkomstdag"
    address = reminder["List-Unsubscribe"].strip("<>")
    path = address.removeprefix(booked.context.settings.url)
    answer = await client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status == 204
    async with booked.context.database.transaction(PROGRAMME) as tx:
        assert await tx.connection.fetchval("SELECT reminders FROM preferences") is False


async def test_looking_at_the_unsubscribe_address_changes_nothing(
    booked: World, office: PostOffice, client: TestClient[Any, Any]
) -> None:
    await sending.send_due(booked.context)
    token = booked.context.keys.token("preferences", (await _visitor(booked)))
    answer = await client.get(f"/u/{token}", allow_redirects=False)
    assert answer.status == 303
    page = await client.get(f"/nb/preferences/{token}")
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    async with booked.context.database.transaction(PROGRAMME) as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM preferences") == 0
        assert await tx.connection.fetchval("SELECT token_hash FROM preference_directory") == token_hash(token)


async def test_a_refusal_is_final(booked: World, office: PostOffice, clock: MovedClock) -> None:
    office.manner = "refuse"
    await sending.send_due(booked.context)
    assert dict(await booked.log())["confirmed"] == "failed"
    office.manner = "take"
    clock.move(timedelta(hours=1))
    await sending.send_due(booked.context)
    assert office.mails == []


@pytest.mark.parametrize(
    ("manner", "arrives"), [("take", ["kari@xn--pda.no", "ola@example.org"]), ("read every letter", None)]
)
async def test_an_address_with_other_letters_is_told_as_the_server_reads_it_and_stops_nobody_elses(
    world: World, office: PostOffice, manner: str, arrives: list[str] | None
) -> None:
    office.manner = manner
    for address in ("kåre@ø.no", "kari@ø.no", "x@ø" + "ø" * 70 + ".no", "ola@example.org"):
        visitor = await world.visitor(email=address)
        await world.tell(reactions.take_booking, world.booking(BookingConfirmed, BookingStatus.CONFIRMED, 1, visitor))
    await sending.send_due(world.context)
    assert sorted(office.recipients) == (arrives or ["kari@xn--pda.no", "kåre@xn--pda.no", "ola@example.org"])
    assert len(office.mails) == len(office.recipients)
    failed = [status for kind, status in await world.log() if kind == "confirmed" and status == "failed"]
    assert len(failed) == 4 - len(office.recipients)


async def test_what_is_refused_for_now_is_tried_again_later_until_it_is_taken(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    office.manner = "later"
    await sending.send_due(booked.context)
    await sending.send_due(booked.context)
    assert dict(await booked.log())["confirmed"] == "planned"
    office.manner = "take"
    clock.move(timedelta(minutes=1))
    await sending.send_due(booked.context)
    assert dict(await booked.log())["confirmed"] == "sent"
    assert len(office.mails) == 1


async def test_a_mail_server_that_is_away_is_waited_for_three_days(booked: World, clock: MovedClock) -> None:
    for _ in range(60):
        await sending.send_due(booked.context)
        clock.move(timedelta(hours=3))
    assert dict(await booked.log())["confirmed"] == "failed"


async def test_a_lost_answer_is_unknown_and_nothing_is_sent_again_by_itself(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    office.manner = "break off"
    await sending.send_due(booked.context)
    office.manner = "take"
    clock.move(timedelta(hours=5))
    await sending.send_due(booked.context)
    assert office.broken_off == 1
    assert office.mails == []
    assert dict(await booked.log())["confirmed"] == "unknown"
    async with booked.context.database.transaction(PROGRAMME) as tx:
        delivery = await tx.connection.fetchval("SELECT id FROM deliveries WHERE kind = 'confirmed'")
        await commands.ask_again(tx, delivery)
    await sending.send_due(booked.context)
    assert len(office.mails) == 1


async def test_what_was_cancelled_between_planning_and_sending_is_not_confirmed(
    booked: World, office: PostOffice
) -> None:
    async with booked.context.database.transaction(PROGRAMME) as tx:
        await tx.connection.execute("UPDATE known_bookings SET status = 'cancelled'")
    await sending.send_due(booked.context)
    assert office.mails == []
    assert dict(await booked.log())["confirmed"] == "overtaken"


async def test_why_an_event_is_called_off_stands_in_the_mail(booked: World, office: PostOffice) -> None:
    await sending.send_due(booked.context)
    off = booked.event(2, EventCancelled, status=EventStatus.CANCELLED, reasons={"nb": "Det blåser opp til storm."})
    await booked.tell(reactions.take_event, off)
    visitor = UUID(int=9001)
    ended = booked.booking(BookingCancelled, BookingStatus.CANCELLED, 2, visitor, cause=Cause.EVENT)
    await booked.tell(reactions.take_booking, ended)
    await sending.send_due(booked.context)
    assert office.mails[-1]["Subject"] == "Avlyst: Hjemkomstdag"
    assert "«Det blåser opp til storm.»" in office.mails[-1].get_body(("plain",)).get_content()


async def test_while_parts_of_the_story_are_missing_a_mail_waits_for_them(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    async with booked.context.database.transaction(PROGRAMME) as tx:
        await tx.connection.execute("DELETE FROM known_stands")
    await sending.send_due(booked.context)
    assert dict(await booked.log())["confirmed"] == "planned"
    await booked.begin()
    clock.move(timedelta(seconds=5))
    await sending.send_due(booked.context)
    assert len(office.mails) == 1


async def test_a_hostile_name_reaches_nobody_else(world: World, office: PostOffice) -> None:
    visitor = await world.visitor("<script>alert(1)</script>", "eva@example.org", "en")
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    await sending.send_due(world.context)
    [mail] = office.mails
    assert "<script>alert" not in mail.get_body(("html",)).get_content()
    assert mail["Subject"] == "You are booked: Homecoming day"


async def _visitor(world: World) -> Any:
    async with world.context.database.transaction(PROGRAMME) as tx:
        return await tx.connection.fetchval("SELECT visitor_id FROM deliveries LIMIT 1")


async def test_one_slot_taken_off_the_programme_does_not_call_the_event_off(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    await sending.send_due(booked.context)
    off = booked.booking(BookingCancelled, BookingStatus.CANCELLED, 2, await _visitor(booked), cause=Cause.EVENT)
    await booked.tell(reactions.take_booking, off)
    await sending.send_due(booked.context)
    assert len(office.mails) == 1, "it waits to hear what became of the slot"
    await booked.tell(reactions.take_slot, booked.slot(SlotClosed, 2, status=SlotStatus.CLOSED))
    clock.move(timedelta(seconds=5))
    await sending.send_due(booked.context)
    [_, told] = office.mails
    assert "avlyst" not in told.as_string()
    assert "/nb/my-booking/" in told.get_body(("plain",)).get_content()
    assert entry(told)["METHOD"] == "CANCEL"


async def test_a_cancellation_whose_reason_is_never_heard_goes_out_after_a_minute(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    await sending.send_due(booked.context)
    off = booked.booking(BookingCancelled, BookingStatus.CANCELLED, 2, await _visitor(booked), cause=Cause.EVENT)
    await booked.tell(reactions.take_booking, off)
    await sending.send_due(booked.context)
    clock.move(timedelta(minutes=1))
    await sending.send_due(booked.context)
    assert len(office.mails) == 2


async def test_a_mail_server_that_asks_for_a_login_gets_the_one_among_the_secrets(
    booked: World, office: PostOffice, tmp_path: Path
) -> None:
    for name, secret in (("smtp/user", "post@blest.example"), ("smtp/password", "tang tare flyndre")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(secret)
    mail = EmailMessage()
    mail.set_content("Kom!")
    office.manner = "ask for a login"
    async with Transport(booked.context.settings, Keys(tmp_path)) as transport:
        assert await transport.send(mail, "post@blest.example", "anke@example.org") == "250"
    assert office.logins == ["\0post@blest.example\0tang tare flyndre"]
    office.manner = "refuse the login"
    async with Transport(booked.context.settings, Keys(tmp_path)) as transport:
        with pytest.raises(TransportError, match="login-refused") as refused:
            await transport.send(mail, "post@blest.example", "anke@example.org")
    assert not refused.value.permanent, "the next attempt may have the right one"
