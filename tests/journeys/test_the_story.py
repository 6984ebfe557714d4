"""The story that must always run: from the brochure's QR code to the family that moved, and the one forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from icalendar import Calendar

from services.clock import MovedClock
from services.pages.languages import translator
from services.process import Running
from tests.journeys import tables, traces
from tests.journeys.actors import Family, Staff
from tests.journeys.codes import decoded
from tests.journeys.plans import import_figures, make_a_campaign, plan_the_fair, plan_the_homecoming
from tests.journeys.tables import nb


async def settle(house: Running) -> None:
    """A minute passes: facts travel, and what is due is sent, until nothing is left to do."""
    await house.drain()
    clock = house.contexts["identity"].clock
    assert isinstance(clock, MovedClock)
    clock.move(timedelta(minutes=1))
    await house.run_due()
    await house.drain()


async def entry_of(family: Family, number: int = -1) -> Any:
    """The calendar entry in a family's mail, as their calendar reads it."""
    mail = (await family.mails())[number]
    source = await family.mailbox.source(mail.id)
    start = source.index(b"BEGIN:VCALENDAR")
    return Calendar.from_ical(source[start : source.index(b"END:VCALENDAR") + len(b"END:VCALENDAR\r\n")])


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("watched")
async def test_the_story(
    house: Running,
    staff: dict[str, Staff],
    families: dict[str, Family],
    clock: MovedClock,
    admin: asyncpg.Connection,
    folder: Path,
) -> None:
    organiser, marketing, host, door = (staff[name] for name in ("organiser", "marketing", "host", "door"))
    dutch, other, third, home = (families[name] for name in ("dutch", "other", "third", "home"))

    async def log_in() -> None:
        for one in staff.values():
            await one.log_in()

    # Blest i Havlandet plans a stand at a fair and a homecoming day in December.
    event, (first, second) = await plan_the_fair(organiser)
    await plan_the_homecoming(organiser)
    await settle(house)

    # Marketing makes a campaign for Dutch families and one for those who moved away, each placement with its own code.
    placements = await make_a_campaign(
        marketing,
        "Nederlandske familier",
        "/events/emigratiebeurs",
        "nl",
        ("Brosjyre", "brochure", 30000),
        ("Annonse 1", "online_ad", 12000),
        ("Annonse 2", "print_ad", 9000),
        ("Plakat", "poster", 800),
    )
    away = await make_a_campaign(
        marketing, "De som flyttet", "/events/hjemkomstdag", "nb", ("Plakat på butikken", "poster", 500)
    )
    await import_figures(marketing, placements, Annonse_1=42000, Annonse_2=9000)
    await settle(house)
    codes = {
        name: decoded(await marketing.file(f"placements/{one['id']}/qr.png"))
        for name, one in (placements | away).items()
        if name != "campaign"
    }
    assert len(set(codes.values())) == 5
    assert all(code.startswith(one["link"]) for name, code in codes.items() for one in [(placements | away)[name]])

    # A Dutch family of four scans the brochure and reads the event page in Dutch.
    landing, via = await dutch.scan(codes["Brosjyre"])
    assert landing == "/nl/events/emigratiebeurs"
    page = await dutch.open(f"{landing}?via={via}")
    assert "Emigratiebeurs" in page
    assert 'lang="nl"' in page

    # They book a slot for all four, and get a confirmation in Dutch with a calendar entry and a QR code.
    await dutch.register("emigratiebeurs", first["slot_id"], via, children_3_5="1", children_6_12="1")
    await settle(house)
    [confirmation] = await dutch.mails()
    subject = translator("nl")("You are booked: {event}", event="Emigratiebeurs")
    assert confirmation.subject == subject != translator("en")("You are booked: {event}", event="Emigratiebeurs")
    assert {part.content_type for part in confirmation.parts} >= {"image/png", "text/calendar"}
    [booked] = (await organiser.ask("GET", "attendees/emigratiebeurs"))["items"]
    assert (booked["adults"], booked["children"], booked["language"]) == (2, 2, "nl")
    entry = (await entry_of(dutch)).events[0]
    assert entry.start == datetime(2026, 12, 5, 10, 0, tzinfo=UTC)

    # The slot is moved, and their calendar follows.
    await organiser.ask(
        "PUT", f"slots/{first['slot_id']}", {"starts_at": "2026-12-05T13:00", "ends_at": "2026-12-05T13:30"}
    )
    await settle(house)
    moved = (await entry_of(dutch)).events[0]
    assert moved["UID"] == entry["UID"]
    assert moved["SEQUENCE"] > entry["SEQUENCE"]
    assert moved.start == datetime(2026, 12, 5, 12, 0, tzinfo=UTC)

    # Another family waits, and is offered the place when one cancels, whose calendar is cleared; they take it.
    rules = {"line": "offer", "offer_hours": "48", "largest_household": "6"}
    await organiser.send("attendees/emigratiebeurs/rules", rules)
    await third.register("emigratiebeurs", second["slot_id"])
    await settle(house)
    held = (await entry_of(third)).events[0]
    await other.register("emigratiebeurs", second["slot_id"], wait=True)
    await settle(house)
    assert "waiting list" in (await other.newest()).subject
    page = await third.enter_booking()
    await third.act(page, "/en/my-booking/cancel", {})
    await settle(house)
    cancelled = await entry_of(third)
    assert (cancelled["METHOD"], cancelled.events[0]["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (cancelled.events[0]["UID"], cancelled.events[0]["SEQUENCE"]) == (held["UID"], held["SEQUENCE"] + 1)
    assert "There is a place for you" in (await other.newest()).subject
    page = await other.enter_booking()
    await other.act(page, "/en/my-booking/offer", {"answer": "yes"})
    await settle(house)
    assert "You are booked" in (await other.newest()).subject

    # Someone who moved away scans the poster at the shop, and comes to the homecoming day.
    landing, via = await home.scan(codes["Plakat på butikken"])
    assert landing == "/nb/events/hjemkomstdag"
    await home.register("hjemkomstdag", "event", via)
    await settle(house)
    assert [mail.subject for mail in await home.mails()] == ["Du er påmeldt: Hjemkomstdag"]

    # The fair's reminders go out the day before.
    clock.move_to(datetime(2026, 12, 4, 2, 0, tzinfo=UTC))
    before = len(await dutch.mails())
    await settle(house)
    assert len(await dutch.mails()) == before
    clock.move_to(datetime(2026, 12, 4, 12, 30, tzinfo=UTC))
    await settle(house)
    assert len(await dutch.mails()) == before + 1

    # At the fair the code on their phone is scanned while there is no network; the scan is sent later, twice.
    clock.move_to(datetime(2026, 12, 5, 12, 40, tzinfo=UTC))
    await log_in()
    booking = await scan_offline(door, event, await dutch.ticket(), datetime(2026, 12, 5, 11, 55, tzinfo=UTC))
    await settle(house)
    assert nb("reported later") in await organiser.read(f"attendees/emigratiebeurs/{booking}")

    # The host notes what they look for, with their consent, and who will follow up; and does.
    lead = await note_a_lead(host, booking)
    await settle(house)
    clock.move(timedelta(days=7))
    await log_in()
    assert "Send vacancies" in await host.read("leads?show=mine")
    await host.send(f"leads/{lead}/done", {})
    assert "Send vacancies" not in await host.read("leads?show=mine")

    # Next week the campaign page shows what each placement cost per family met.
    page = await marketing.read(f"campaigns/{placements['campaign']['id']}")
    brochure = tables.row(page, "Brosjyre", nb("Families met"))
    for step in ("Visits", "Registrations", "Check-ins", "Families met"):
        assert brochure[nb(step)].startswith("1 "), step
        assert "30 000" in brochure[nb(step)], "the price of the only one is all it cost"
    for nobody in ("Annonse 1", "Annonse 2", "Plakat"):
        assert tables.row(page, nobody, nb("Families met"))[nb("Families met")] == "0"
    assert tables.row(page, "Annonse 1", nb("Impressions"))[nb("Impressions")] == "42 000"
    figures = await marketing.ask("GET", f"campaigns/{placements['campaign']['id']}/figures")
    [measured] = [row for row in figures["placements"] if row["slug"] == placements["Brosjyre"]["slug"]]
    assert {step: count for step, count in measured["counts"].items() if count} == {
        "human": 1,
        "registrations": 1,
        "check_ins": 1,
        "leads": 1,
    }
    assert measured["cost_per"]["leads"] == 30_000_00
    assert figures["total"]["impressions"] == 51_000
    assert figures["unattributed"]["registrations"] == 1

    # A day before the homecoming day is in the night: its reminder comes the evening before that, and none by night.
    clock.move_to(datetime(2026, 12, 27, 17, 30, tzinfo=UTC))
    await settle(house)
    assert len(await home.mails()) == 1
    clock.move_to(datetime(2026, 12, 27, 18, 5, tzinfo=UTC))
    await settle(house)
    assert len(await home.mails()) == 2
    for hour in (20, 23, 26, 30):
        clock.move_to(datetime(2026, 12, 27, tzinfo=UTC) + timedelta(hours=hour, minutes=40))
        await settle(house)
    assert len(await home.mails()) == 2

    # A year later the page says how many moved, and the year after how many stayed.
    for kind, when in [
        ("moved", datetime(2027, 6, 1, 8, tzinfo=UTC)),
        ("still_here_12", datetime(2028, 6, 2, 8, tzinfo=UTC)),
    ]:
        clock.move_to(when)
        await settle(house)
        await log_in()
        fields = {"kind": kind, "on": when.date().isoformat(), "source": "self_reported"}
        await host.send(f"leads/{lead}/outcomes", fields)
        await settle(house)
    page = await marketing.read(f"campaigns/{placements['campaign']['id']}")
    for step in ("Moved", "Still here after 12 months"):
        assert tables.row(page, "Brosjyre", nb(step))[nb(step)].split()[0] == "1", step
    figures = await marketing.ask("GET", f"campaigns/{placements['campaign']['id']}/figures")
    assert (figures["total"]["counts"]["moved"], figures["total"]["counts"]["stayed_12"]) == (1, 1)
    board = await organiser.read("outcomes")
    assert dutch.name in board

    # That family asks to be forgotten, and is, everywhere; what was counted stays counted.
    assert "people.visitors" in await traces.in_tables(admin, *traces.names(dutch))
    assert traces.in_files(folder, booking), "the bus keeps what it carried, and we can look into it"
    mails = len(await dutch.mails())
    page = await dutch.enter_booking()
    await dutch.act(page, "/nl/my-booking/forget", {"sure": "on"})
    await settle(house)
    assert await traces.in_tables(admin, *traces.names(dutch)) == set()
    assert traces.in_files(folder, *traces.names(dutch)) == set()
    assert dutch.name not in await organiser.read("outcomes")
    assert await marketing.ask("GET", f"campaigns/{placements['campaign']['id']}/figures") == figures
    clock.move(timedelta(days=2))
    await settle(house)
    assert len(await dutch.mails()) == mails


async def scan_offline(door: Staff, event: dict[str, Any], ticket: str, scanned_at: datetime) -> str:
    """A scan that waited for a network; sent twice, since the first answer was lost, it is one check-in."""
    scan = {
        "event_id": event["event_id"],
        "text": ticket,
        "nonce": "01900000-0000-7000-8000-00000000abcd",
        "scanned_at": scanned_at.isoformat(),
        "offline": True,
    }
    answers = [await door.ask("POST", "check-ins", scan) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["verdict"], answers[0]["adults"], answers[0]["children"]) == ("admitted", 2, 2)
    return str(answers[0]["booking_id"])


async def note_a_lead(host: Staff, booking: str) -> str:
    noted = await host.ask(
        "POST",
        "leads",
        {
            "booking_id": booking,
            "interest": "hot",
            "note": "Looks for a nurse's job and a house with a view",
            "consent": True,
            "consent_language": "nl",
            "next_step": "Send vacancies",
            "next_step_on": "2026-12-12",
            "owner": str(host.person.account_id),
        },
    )
    return str(noted["lead_id"])
