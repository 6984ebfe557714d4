"""The story that must always run: from the brochure's QR code to the family that moved, and the one forgotten."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from icalendar import Calendar

from services.clock import MovedClock
from services.process import Running
from tests.journeys.actors import Family, Staff

TEXTS = {
    "nb": "Messe for utvandrere",
    "en": "Fair for emigrants",
    "nl": "Emigratiebeurs",
    "nn": "Messe for utvandrarar",
}


async def settle(house: Running) -> None:
    """A minute passes: facts travel, and what is due is sent, until nothing is left to do."""
    await house.drain()
    clock = house.contexts["identity"].clock
    assert isinstance(clock, MovedClock)
    clock.move(timedelta(minutes=1))
    await house.run_due()
    await house.drain()


async def plan_the_fair(organiser: Staff) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A stand at a fair in the Netherlands, with two times of half an hour, one household each; and published."""
    event = await organiser.ask(
        "POST",
        "events",
        {
            "titles": TEXTS,
            "summaries": TEXTS,
            "descriptions": TEXTS,
            "slug": "emigratiebeurs",
            "time_zone": "Europe/Amsterdam",
            "starts_at": "2026-12-05T10:00",
            "ends_at": "2026-12-05T16:00",
            "venue_name": "Jaarbeurs",
            "venue_address": "Utrecht",
        },
    )
    stand = await organiser.ask(
        "POST",
        f"events/{event['event_id']}/stands",
        {"number": "b12", "names": TEXTS, "exhibitor": "Blest i Havlandet"},
    )
    made = await organiser.ask(
        "POST",
        f"stands/{stand['stand_id']}/slots",
        {
            "first_day": "2026-12-05",
            "opens": "11:00",
            "closes": "12:00",
            "length": 30,
            "capacity": 1,
            "unit": "households",
        },
    )
    await organiser.ask("POST", f"events/{event['event_id']}/publish", {})
    return event, made["slots"]


async def make_the_campaign(marketing: Staff, event: str) -> dict[str, dict[str, Any]]:
    """For Dutch families: a brochure, two ads and a poster, each with its own link; imported figures for the ads."""
    campaign = await marketing.ask(
        "POST",
        "campaigns",
        {
            "names": {"nb": "Nederlandske familier"},
            "starts_on": "2026-10-01",
            "ends_on": "2026-12-05",
            "budget": 100000,
        },
    )
    placements: dict[str, dict[str, Any]] = {"campaign": campaign}
    for name, channel, cost in [
        ("Brosjyre", "brochure", 30000),
        ("Annonse 1", "online_ad", 12000),
        ("Annonse 2", "print_ad", 9000),
        ("Plakat", "poster", 800),
    ]:
        placements[name] = await marketing.ask(
            "POST",
            f"campaigns/{campaign['id']}/placements",
            {"names": {"nb": name}, "channel": channel, "target": f"/events/{event}", "language": "nl", "cost": cost},
        )
    for name, seen in [("Annonse 1", 42000), ("Annonse 2", 9000)]:
        figure = {
            "kind": "impressions",
            "amount": seen,
            "source": "imported",
            "starts_on": "2026-10-01",
            "ends_on": "2026-10-07",
        }
        await marketing.ask("POST", f"placements/{placements[name]['id']}/reach", figure)
    await marketing.ask("POST", f"campaigns/{campaign['id']}/status", {"status": "running"})
    return placements


async def entry_of(family: Family, number: int) -> Any:
    """The calendar entry in a family's mail, as their calendar reads it."""
    mail = (await family.mails())[number]
    source = await family.mailbox.source(mail.id)
    start = source.index(b"BEGIN:VCALENDAR")
    return Calendar.from_ical(source[start : source.index(b"END:VCALENDAR") + len(b"END:VCALENDAR\r\n")])


@pytest.mark.timeout(180)
async def test_the_story(
    house: Running,
    staff: dict[str, Staff],
    families: dict[str, Family],
    clock: MovedClock,
    admin: asyncpg.Connection,
) -> None:
    organiser, marketing, host, door = (staff[name] for name in ("organiser", "marketing", "host", "door"))
    dutch, other = families["dutch"], families["other"]

    # Blest i Havlandet plans a stand at a fair, and a campaign for Dutch families.
    event, (first, second) = await plan_the_fair(organiser)
    await settle(house)
    placements = await make_the_campaign(marketing, "emigratiebeurs")
    await settle(house)

    # A Dutch family of four scans the brochure and reads the event page in Dutch.
    landing, via = await dutch.scan(placements["Brosjyre"]["link"])
    assert landing == "/nl/events/emigratiebeurs"
    page = await dutch.open(f"{landing}?via={via}")
    assert "Emigratiebeurs" in page
    assert 'lang="nl"' in page

    # They book a slot for all of them, and get a confirmation with a calendar entry and a QR code.
    await dutch.register("emigratiebeurs", first["slot_id"], via, children_3_5="1", children_6_12="1")
    await settle(house)
    [confirmation] = await dutch.mails()
    assert "Emigratiebeurs" in confirmation.subject
    assert {part.content_type for part in confirmation.parts} >= {"image/png", "text/calendar"}
    entry = (await entry_of(dutch, 0)).events[0]
    assert entry.start == datetime(2026, 12, 5, 10, 0, tzinfo=UTC)

    # The slot is moved, and their calendar follows.
    await organiser.ask(
        "PUT", f"slots/{first['slot_id']}", {"starts_at": "2026-12-05T13:00", "ends_at": "2026-12-05T13:30"}
    )
    await settle(house)
    moved = (await entry_of(dutch, -1)).events[0]
    assert moved["UID"] == entry["UID"]
    assert moved["SEQUENCE"] > entry["SEQUENCE"]
    assert moved.start == datetime(2026, 12, 5, 12, 0, tzinfo=UTC)

    # Another family waits, and gets the place when one cancels.
    third = Family(house, other.server, other.mailbox, "Els Bakker", "els@example.org", "en")
    async with third:
        await third.register("emigratiebeurs", second["slot_id"])
        await other.register("emigratiebeurs", second["slot_id"], wait=True)
        await settle(house)
        assert "waiting list" in (await other.mails())[-1].subject
        await third.enter_booking()
        await third.send("/en/my-booking/cancel", {})
    await settle(house)
    assert "You are booked" in (await other.mails())[-1].subject

    # Reminders go out the day before, but not at night.
    clock.move_to(datetime(2026, 12, 4, 2, 0, tzinfo=UTC))
    before = len(await dutch.mails())
    await settle(house)
    assert len(await dutch.mails()) == before
    clock.move_to(datetime(2026, 12, 4, 12, 30, tzinfo=UTC))
    await settle(house)
    assert len(await dutch.mails()) == before + 1

    # At the fair their code is scanned, and the host notes what they look for, with their consent, and who follows up.
    clock.move_to(datetime(2026, 12, 5, 11, 55, tzinfo=UTC))
    for one in staff.values():
        await one.log_in()
    booking = await check_in(door, event, dutch)
    await settle(house)
    lead = await note_a_lead(host, booking)
    await settle(house)

    # Next week the campaign page shows what each placement cost per family met.
    clock.move(timedelta(days=7))
    await marketing.log_in()
    page = await marketing.read(f"campaigns/{placements['campaign']['id']}")
    assert "Brosjyre" in page
    figures = await marketing.ask("GET", f"campaigns/{placements['campaign']['id']}/figures")
    brochure = next(row for row in figures["placements"] if row["slug"] == placements["Brosjyre"]["slug"])
    assert brochure["counts"] == {
        "human": 1,
        "interests": 0,
        "registrations": 1,
        "check_ins": 1,
        "leads": 1,
        "visit_trips": 0,
        "jobs": 0,
        "houses": 0,
        "moved": 0,
        "stayed_12": 0,
        "stayed_24": 0,
    }
    assert brochure["cost_per"]["leads"] == 30_000_00
    assert figures["total"]["impressions"] == 51_000
    assert figures["unattributed"]["registrations"] == 1

    # One family asks to be forgotten, and is, everywhere; what was counted stays counted.
    await be_forgotten(other)
    await settle(house)
    await nothing_remains_of(admin, other)
    figures_after = await marketing.ask("GET", f"campaigns/{placements['campaign']['id']}/figures")
    assert figures_after == figures

    # A year later the page says how many moved and stayed.
    for kind, when in [
        ("moved", datetime(2027, 6, 1, 8, tzinfo=UTC)),
        ("still_here_12", datetime(2028, 6, 2, 8, tzinfo=UTC)),
    ]:
        clock.move_to(when)
        await host.log_in()
        await host.ask(
            "POST",
            f"leads/{lead}/outcomes",
            {"kind": kind, "on": when.date().isoformat(), "source": "self_reported", "adults": 2, "children": 2},
        )
        await settle(house)
    await marketing.log_in()
    figures = await marketing.ask("GET", f"campaigns/{placements['campaign']['id']}/figures")
    assert (figures["total"]["counts"]["moved"], figures["total"]["counts"]["stayed_12"]) == (1, 1)


async def check_in(door: Staff, event: dict[str, Any], family: Family) -> str:
    """Scan the ticket from their mail; the same scan sent twice is one check-in."""
    [ticket] = {found for mail in await family.mails() for found in re.findall(r"/t/([a-z2-7]{26})", mail.text or "")}
    scan = {"event_id": event["event_id"], "text": ticket, "nonce": "01900000-0000-7000-8000-00000000abcd"}
    answers = [await door.ask("POST", "check-ins", scan) for _ in range(2)]
    assert answers[0] == answers[1]
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
        },
    )
    return str(noted["lead_id"])


async def be_forgotten(family: Family) -> None:
    await family.enter_booking()
    await family.send(f"/{family.language}/my-booking/forget", {"sure": "on", "confirm": "on"})


async def nothing_remains_of(admin: asyncpg.Connection, family: Family) -> None:
    """Neither name nor address is anywhere in the database, outboxes and letters included."""
    tables = await admin.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    assert len(tables) > 60
    found = []
    for row in tables:
        query = f"SELECT count(*) FROM {row['name']} AS one WHERE one::text ILIKE $1 OR one::text ILIKE $2"
        if await admin.fetchval(query, f"%{family.name}%", f"%{family.email}%"):
            found.append(row["name"])
    assert found == []
