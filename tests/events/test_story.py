"""From a draft to a public page: the organiser writes, the house is told, visitors read, calendars follow."""

from __future__ import annotations

from typing import Any

from icalendar import Calendar

from tests.events.conftest import RULE, STAND, Person, Village, described, published


async def test_an_event_is_drafted_given_a_stand_with_slots_and_published(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    assert (event["status"], event["version"], event["slug"]) == ("draft", 1, "apen-bygdehelg")
    assert event["starts_at"] == "2026-06-06T08:00:00Z"
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    assert stand["number"] == "a12"
    made = await organiser.asked("POST", f"stands/{stand['stand_id']}/slots", RULE, 201)
    assert [slot["starts_at"] for slot in made["slots"]] == [
        f"2026-06-0{day}T{time}:00Z" for day in (6, 7) for time in ("08:00", "08:30", "09:00", "09:30")
    ]
    event = await organiser.asked("POST", f"events/{event['event_id']}/publish", {"version": 1})
    assert (event["status"], event["version"]) == ("published", 2)

    told = await village.outbox()
    assert [(subject, version) for subject, version, _ in told] == [
        ("events.event.changed.v1", 1),
        ("events.stand.changed.v1", 1),
        *[("events.slot.opened.v1", 1)] * 8,
        ("events.event.published.v1", 2),
    ]
    assert told[-1][2]["venue"] == {
        "name": "Samfunnshuset", "address": "Storskjær", "latitude": None, "longitude": None,
    }  # fmt: skip
    assert told[2][2]["first_capacity"] == {"amount": 1, "unit": "households"}
    assert told[2][2]["time_zone"] == "Europe/Oslo"


async def test_visitors_see_an_event_once_it_is_published(village: Village, organiser: Person) -> None:
    guest = village.guest()
    event = await organiser.asked("POST", "events", described(capacity=40), 201)
    assert (await guest.get(f"/nb/events/{event['slug']}")).status == 404
    assert "Åpen bygdehelg" not in await guest.page("/nb/events")
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    assert "Åpen bygdehelg" in await guest.page("/nb/events")
    page = await guest.page(f"/nb/events/{event['slug']}")
    assert "Kom og se hvordan vi bor." in page
    assert "Open village weekend" in await guest.page(f"/en/events/{event['slug']}")


async def test_a_calendar_follows_an_event_that_moves_and_is_cancelled(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    first = await entry(village, event["slug"])
    assert (first["SEQUENCE"], first["STATUS"], first["SUMMARY"]) == (2, "CONFIRMED", "Åpen bygdehelg")
    assert first.decoded("DTSTART").isoformat() == "2026-06-06T08:00:00+00:00"
    later = described(starts_at="2026-06-13T10:00", ends_at="2026-06-14T16:00", move_slots=True)
    await organiser.asked("PUT", f"events/{event['event_id']}", later)
    moved = await entry(village, event["slug"])
    assert (moved["UID"], moved["SEQUENCE"]) == (first["UID"], 3)
    assert moved.decoded("DTSTART").isoformat() == "2026-06-13T08:00:00+00:00"
    await organiser.asked("POST", f"events/{event['event_id']}/cancel", {"reasons": {"nb": "Storm"}})
    gone = await entry(village, event["slug"])
    assert (gone["UID"], gone["SEQUENCE"], gone["STATUS"]) == (first["UID"], 4, "CANCELLED")


async def entry(village: Village, slug: str) -> Any:
    answer = await village.guest().get(f"/nb/events/{slug}.ics")
    assert (answer.status, answer.content_type) == (200, "text/calendar")
    calendar = Calendar.from_ical(await answer.read())
    assert calendar["METHOD"] == "PUBLISH"
    (found,) = calendar.walk("VEVENT")
    return found
