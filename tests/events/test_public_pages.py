"""What visitors see: doors, places left, click tokens that travel on, filters, feeds, and answers not sent twice."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

from icalendar import Calendar

from services.keys import Keys
from tests.events.conftest import FAIR, FAMILIES, RETURNERS, STORSKJAER, YTTERHAV, Person, Village, described, published


async def test_a_slot_leads_to_booking_once_its_places_are_known(village: Village, organiser: Person) -> None:
    event, stand, slots = await published(organiser)
    guest, path = village.guest(), f"/en/events/{event['slug']}"
    assert "Opening shortly" in await guest.page(path)
    assert "/register/" not in await guest.page(path)
    await village.fill(event["event_id"], slots[0]["slot_id"], 2, 1)
    page = unescape(await guest.page(path))
    link = f"/en/register/{event['slug']}?stand={stand['stand_id']}&slot={slots[0]['slot_id']}"
    assert page.count(f'href="{link}"') == 1
    assert "room for 1 household" in page
    await village.fill(event["event_id"], slots[0]["slot_id"], 2, 2)
    page = unescape(await guest.page(path))
    assert "Full – waiting list" in page and "Join the waiting list" in page and f'href="{link}"' in page


async def test_the_newest_word_of_registrations_counts(village: Village, organiser: Person) -> None:
    event, _, slots = await published(organiser)
    await village.fill(event["event_id"], slots[0]["slot_id"], 5, 1)
    await village.fill(event["event_id"], slots[0]["slot_id"], 5, 3)
    found = await village.guest().asked("GET", f"/api/v1/events/{event['slug']}")
    assert [slot["places_left"] for slot in found["slots"]] == [2, *[None] * 7]
    assert [slot["door"] for slot in found["slots"]] == ["open", *["shortly"] * 7]


async def test_a_click_travels_on_and_a_forged_one_is_dropped(village: Village, organiser: Person, keys: Keys) -> None:
    event, _, slots = await published(organiser)
    await village.fill(event["event_id"], slots[0]["slot_id"], 2, 1)
    via = keys.sign("via", str(uuid4()))
    for path in (f"/nb/events/{event['slug']}", "/nb/events"):
        page = unescape(await village.guest().page(path, via=via))
        links = re.findall(r'href="(/nb/(?:register/|events/apen)[^"]*)"', page)
        links = [link for link in links if ".ics" not in link and "month" not in link]
        booking = [link for link in links if "/register/" in link] or links[:1]
        assert booking and all(f"via={via}" in link for link in booking)
        forged = unescape(await village.guest().page(path, via=f"{uuid4()}.forged"))
        assert not re.findall(r'<a[^>]* href="/nb/register[^"]*via=|<h3><a href="[^"]*via=', forged)


async def test_registration_that_opens_later_or_has_closed_says_so(village: Village, organiser: Person) -> None:
    times = {"registration_opens_at": "2026-05-01T10:00", "registration_closes_at": "2026-06-01T10:00"}
    event = await organiser.asked("POST", "events", described(capacity=5, **times), 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    await village.fill(event["event_id"], None, 5, 0)
    path = f"/en/events/{event['slug']}"
    assert "Registration opens Fri 1 May, 10:00" in await village.guest().page(path)
    village.clock.move(timedelta(days=20))
    assert ">Book</a>" in await village.guest().page(path)
    village.clock.move(timedelta(days=30))
    assert "Registration is closed" in await village.guest().page(path)
    village.clock.move(timedelta(days=30))
    assert "This event is over" in await village.guest().page(path)


async def test_a_cancelled_event_stays_with_its_reason(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    await organiser.asked("POST", f"events/{event['event_id']}/cancel", {"reasons": {"nb": "Ferja går ikke."}})
    page = await village.guest().page(f"/nb/events/{event['slug']}")
    assert "Ferja går ikke." in page and "/register/" not in page
    assert "Avlyst" in await village.guest().page("/nb/events")
    assert (await village.outbox())[-1][2]["reasons"] == {"nb": "Ferja går ikke."}


async def test_a_cancelled_draft_never_becomes_public(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    await organiser.asked("POST", f"events/{event['event_id']}/cancel", {"reasons": {"nb": "Nei"}})
    assert (await village.guest().get(f"/nb/events/{event['slug']}")).status == 404
    assert (await village.guest().get(f"/nb/events/{event['slug']}.ics")).status == 404
    assert (await village.guest().asked("GET", "/api/v1/events"))["items"] == []


async def test_the_calendar_is_narrowed_by_links(village: Village, organiser: Person) -> None:
    north = {"municipality_id": str(YTTERHAV), "activity_type": str(FAIR)}
    south = {"municipality_id": str(STORSKJAER), "target_groups": [str(FAMILIES)], "starts_at": "2026-06-06T10:15"}
    for titles, given in (
        ({"nb": "Nord", "en": "North"}, north),
        ({"nb": "Heim", "en": "Home"}, {"starts_at": "2026-05-30T10:00", "target_groups": [str(RETURNERS)]}),
    ):
        await published(organiser, titles=titles, **given)
    event = await organiser.asked(
        "POST", "events", described(titles={"nb": "Sør", "en": "South"}, capacity=9, **south), 201
    )
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    expected = [
        ({}, ["home", "north", "south"]),
        ({"place": "ytterhav"}, ["north"]),
        ({"target": "families"}, ["south"]),
        ({"target": str(RETURNERS)}, ["home"]),
        ({"activity": "fair"}, ["north"]),
        ({"programme": "blest"}, ["home", "north", "south"]),
        ({"programme": "fjord"}, []),
        ({"place": "nowhere"}, []),
        ({"place": "ytterhav", "target": "families"}, []),
    ]
    for query, titles in expected:
        found = await village.guest().asked("GET", "/api/v1/events", **query)
        assert [one["titles"]["en"].lower() for one in found["items"]] == titles, query
        feed = Calendar.from_ical(await (await village.guest().get("/en/events.ics", **query)).read())
        assert [str(one["SUMMARY"]).lower() for one in feed.walk("VEVENT")] == titles
        page = await village.guest().page("/en/events", **query)
        assert [title for title in ("home", "north", "south") if f">{title.title()}</span></a></h3>" in page] == titles
    for month, titles in (("2026-05", ["home"]), ("2026-06", ["home", "north", "south"]), ("2026-07", [])):
        page = await village.guest().page("/en/events", month=month)
        assert [title for title in ("home", "north", "south") if f">{title.title()}</span></a></h3>" in page] == titles


async def test_the_list_goes_on_from_where_a_page_ended(village: Village, organiser: Person) -> None:
    for number in range(5):
        event = await organiser.asked(
            "POST",
            "events",
            described(capacity=1, titles={"nb": f"N{number}", "en": "E"}, starts_at=f"2026-06-0{number + 1}T10:00"),
            201,
        )
        await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await village.guest().asked("GET", "/api/v1/events", limit="2", **after)
        seen += [one["titles"]["nb"] for one in page["items"]]
        if not page["next"]:
            break
        after = {"after": page["next"]}
    assert seen == ["N0", "N1", "N2", "N3", "N4"]


async def test_an_unchanged_page_is_not_sent_again(village: Village, organiser: Person) -> None:
    event, _, slots = await published(organiser)
    for path in (f"/nb/events/{event['slug']}", "/nb/events", "/nb/events.ics", f"/nb/events/{event['slug']}.ics"):
        first = await village.guest().get(path)
        again = await village.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status, again.status, await again.read()) == (200, 304, b"")
    # Browsers put the headers of a 304 in the place of those they keep: it says nothing of what a page may do.
    path = f"/nb/events/{event['slug']}"
    first = await village.guest().get(path)
    again = await village.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    content = {"Content-Security-Policy", "Permissions-Policy", "Content-Type", "Content-Language"}
    assert {name: again.headers[name] for name in again.headers if name in content} == {}
    kept = {"Cache-Control", "Referrer-Policy", "Cross-Origin-Opener-Policy", "X-Content-Type-Options"}
    assert {name: again.headers[name] for name in kept} == {name: first.headers[name] for name in kept}
    await village.fill(event["event_id"], slots[0]["slot_id"], 2, 1)
    assert (await village.client.get(path, headers={"If-None-Match": first.headers["ETag"]})).status == 200


async def test_search_engines_are_told_in_data_that_no_text_breaks_out_of(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser, titles={"nb": "</script><script>alert(1)</script>", "en": "Day"})
    page = await village.guest().page(f"/nb/events/{event['slug']}")
    assert "<script>alert" not in page
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    told = json.loads(block)
    assert told["name"] == "</script><script>alert(1)</script>"
    assert (told["startDate"], told["eventStatus"]) == (
        "2026-06-06T10:00:00+02:00",
        "https://schema.org/EventScheduled",
    )


async def test_an_event_reads_in_the_language_there_is_and_says_which(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    page = await village.guest().page(f"/nl/events/{event['slug']}")
    assert '<h1 lang="en">Open village weekend</h1>' in page
    assert '<html lang="nl">' in page


async def test_the_feed_holds_nothing_of_anybody_and_keeps_its_uids(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    for lang in ("nb", "en", "nl", "nn"):
        (entry,) = Calendar.from_ical(await (await village.guest().get(f"/{lang}/events.ics")).read()).walk("VEVENT")
        assert entry["UID"] == f"{event['event_id']}@events.blest"
        assert set(entry) == {
            "UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION",
            "URL", "STATUS",
        }  # fmt: skip
        assert entry["URL"].endswith(f"/{lang}/events/{event['slug']}")
