"""The organisers' pages, by form as a browser without scripts sends them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.events.conftest import FAMILIES, RETURNERS, STORSKJAER, YTTERHAV, Person, Village, described, published

DRAFT = {
    "titles.nb": "Åpen bygdehelg",
    "titles.en": "",
    "time_zone": "Europe/Oslo",
    "starts_at": "2026-06-06T10:00",
    "ends_at": "2026-06-07T16:00",
    "unit": "persons",
}
FULL = {
    **DRAFT,
    "titles.en": "Open village weekend",
    "summaries.nb": "Kom og se.",
    "summaries.en": "Come and see.",
    "venue_name": "Samfunnshuset",
    "target_groups": [str(FAMILIES), str(RETURNERS)],
}
RULE = {
    "first_day": "2026-06-06", "last_day": "2026-06-07", "opens": "10:00", "closes": "12:00", "length": "30",
    "pause": "0", "desks": "1", "capacity": "2", "unit": "households",
}  # fmt: skip
LIST = "/nb/console/blest/events"


async def sent(person: Person, path: str, fields: dict[str, Any]) -> str:
    """Send a form that is taken; returns where it leads."""
    answer = await person.send(path, fields)
    assert answer.status == 303, unescape(await answer.text())
    return answer.headers["Location"]


def errors(page: str) -> list[str]:
    """The fields that the summary of errors links to."""
    summary = re.search(r'<div class="ds-error-summary".*?</div>', page, re.DOTALL)
    return re.findall(r'href="#([^"]+)"', summary.group(0)) if summary else []


async def test_an_organiser_comes_from_an_empty_form_to_a_published_event(village: Village, organiser: Person) -> None:
    assert "Nytt arrangement" in await organiser.page(LIST)
    editor = await sent(organiser, f"{LIST}/new", DRAFT)
    page = await organiser.page(editor)
    assert "Klart til å publiseres?" in page and 'value="1"' in page

    answer = await organiser.send(editor, {**DRAFT, "then": "publish", "version": "1"})
    page = await answer.text()
    assert (answer.status, errors(page)) == (422, ["titles.en", "summaries.nb", "venue_name", "capacity"])

    stand = {
        "names.nb": "Møt oss",
        "names.en": "Meet us",
        "exhibitor": "Storskjær",
        "number": "A 12",
        "languages": ["no", "nl"],
    }
    stands = await sent(organiser, f"{editor}/stands/new", stand)
    assert stands.endswith("/slots")
    shown = await organiser.send(stands, RULE)
    page = await shown.text()
    assert shown.status == 200 and "8 tider blir laget" in page and page.count("<li>10:00–10:30") == 2
    assert [subject for subject, _, _ in await village.outbox()] == [
        "events.event.changed.v1",
        "events.stand.changed.v1",
    ]
    assert "8 tider er åpnet." in await follow(organiser, await sent(organiser, stands, {**RULE, "then": "make"}))

    assert await sent(organiser, editor, {**FULL, "version": "1", "then": "publish"}) == editor
    assert [subject for subject, _, _ in await village.outbox()][-2:] == [
        "events.event.changed.v1", "events.event.published.v1",
    ]  # fmt: skip
    assert "Meet us" in await village.guest().page("/en/events/apen-bygdehelg")


async def follow(person: Person, path: str) -> str:
    return unescape(await person.page(path))


async def test_what_was_typed_stays_beside_what_is_wrong_with_it(organiser: Person) -> None:
    answer = await organiser.send(
        f"{LIST}/new", {**DRAFT, "titles.nb": "", "ends_at": "2026-06-05T16:00", "venue_name": "Kaia <1>"}
    )
    page = await answer.text()
    assert (answer.status, errors(page)) == (422, ["ends_at"])
    assert 'value="Kaia &lt;1&gt;"' in page and 'value="2026-06-05T16:00"' in page
    answer = await organiser.send(f"{LIST}/new", {**DRAFT, "titles.nb": "", "titles.en": "Day"})
    assert (answer.status, errors(await answer.text())) == (422, ["titles.nb"])


async def test_of_two_organisers_at_one_event_the_slower_is_told(village: Village, organiser: Person) -> None:
    editor = await sent(organiser, f"{LIST}/new", FULL)
    await sent(organiser, editor, {**FULL, "version": "1", "venue_name": "Kaia"})
    answer = await organiser.send(editor, {**FULL, "version": "1", "venue_name": "Skolen"})
    page = unescape(await answer.text())
    assert answer.status == 422 and "Noen andre har endret dette i mellomtiden" in page and 'value="Skolen"' in page
    assert [version for _, version, _ in await village.outbox()] == [1, 2]


async def test_saving_what_is_the_same_tells_nobody(village: Village, organiser: Person) -> None:
    editor = await sent(organiser, f"{LIST}/new", FULL)
    page = await organiser.page(editor)
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'<input [^>]*name="([^"]+)" type="[^"]+" value="([^"]*)"', page)
    }
    assert fields["starts_at"] == "2026-06-06T10:00"
    await sent(organiser, editor, {**FULL, "version": "1", "slug": "apen-bygdehelg"})
    assert [version for _, version, _ in await village.outbox()] == [1]


async def test_slots_are_moved_and_closed_and_calendars_of_others_hear_of_it(
    village: Village, organiser: Person
) -> None:
    event, _, slots = await published(organiser)
    stands = f"{LIST}/{event['event_id']}/stands"
    slot = f"{stands}/slots/{slots[0]['slot_id']}"
    assert 'value="2026-06-06T10:00"' in await organiser.page(f"{slot}/move")
    await sent(
        organiser, f"{slot}/move", {"version": "1", "starts_at": "2026-06-06T13:00", "ends_at": "2026-06-06T13:30"}
    )
    assert "13:00–13:30" in await organiser.page(stands)
    answer = await organiser.send(
        f"{slot}/move", {"version": "1", "starts_at": "2026-06-06T14:00", "ends_at": "2026-06-06T14:30"}
    )
    assert answer.status == 422
    assert "Steng en tid" in await organiser.page(f"{slot}/close")
    await sent(organiser, f"{slot}/close", {"version": "2"})
    assert "13:00–13:30" not in await organiser.page(stands)
    assert (await organiser.get(f"{slot}/close")).status == 404
    told = (await village.outbox())[-2:]
    assert [(subject, version, payload["status"]) for subject, version, payload in told] == [
        ("events.slot.moved.v1", 2, "open"), ("events.slot.closed.v1", 3, "closed"),
    ]  # fmt: skip


async def test_a_stand_is_taken_away_with_its_slots(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    path = f"{LIST}/{event['event_id']}/stands/{stand['stand_id']}"
    assert "8 åpne tidene stenges" in await organiser.page(f"{path}/remove")
    await sent(organiser, f"{path}/remove", {"version": "1"})
    told = (await village.outbox())[-9:]
    assert [subject for subject, _, _ in told] == ["events.slot.closed.v1"] * 8 + ["events.stand.changed.v1"]
    assert told[-1][2]["removed"] is True
    assert (await organiser.get(path)).status == 404
    again = await organiser.send(
        f"{LIST}/{event['event_id']}/stands/new", {"names.nb": "Ny", "exhibitor": "Vi", "number": "A12"}
    )
    assert again.status == 303, "a number is free again when its stand is gone"


async def test_two_stands_of_one_event_cannot_have_one_number(organiser: Person) -> None:
    event, _, _ = await published(organiser)
    answer = await organiser.send(
        f"{LIST}/{event['event_id']}/stands/new", {"names.nb": "Ny", "exhibitor": "Vi", "number": "a 12"}
    )
    assert answer.status == 303
    answer = await organiser.send(
        f"{LIST}/{event['event_id']}/stands/new", {"names.nb": "Ny", "exhibitor": "Vi", "number": "A12"}
    )
    assert (answer.status, errors(await answer.text())) == (422, ["number"])


async def test_an_event_takes_its_slots_along_or_is_held_where_they_are(village: Village, organiser: Person) -> None:
    event, _, slots = await published(organiser)
    editor = f"{LIST}/{event['event_id']}"
    later = {**FULL, "version": "2", "starts_at": "2026-10-24T10:00", "ends_at": "2026-10-25T16:00"}
    answer = await organiser.send(editor, later)
    page = unescape(await answer.text())
    assert (answer.status, errors(page)) == (422, ["starts_at"]) and "8 åpne tider ville ligge utenfor" in page
    await sent(organiser, editor, {**later, "move_slots": "on"})
    told = await village.outbox()
    assert [subject for subject, _, _ in told][-9:] == ["events.event.changed.v1"] + ["events.slot.moved.v1"] * 8
    found = await village.guest().asked("GET", f"/api/v1/events/{event['slug']}")
    # Summer time on Saturday, winter time on Sunday: ten o'clock on the wall is 08:00 UTC, then 09:00.
    assert [slot["starts_at"] for slot in found["slots"]] == [
        f"2026-10-{day}T{hour}:{minute}:00Z" for day, first in (("24", 8), ("25", 9)) for hour, minute in
        ((f"{first:02}", "00"), (f"{first:02}", "30"), (f"{first + 1:02}", "00"), (f"{first + 1:02}", "30"))
    ]  # fmt: skip
    assert [slot["slot_id"] for slot in found["slots"]] == [slot["slot_id"] for slot in slots]


async def test_what_publication_asked_for_cannot_be_taken_away_afterwards(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    for change, field in (
        ({"titles.en": ""}, "titles.en"),
        ({"venue_name": ""}, "venue_name"),
        ({"starts_at": "2026-01-06T10:00", "ends_at": "2026-01-07T16:00", "move_slots": "on"}, "ends_at"),
    ):
        answer = await organiser.send(f"{LIST}/{event['event_id']}", {**FULL, "version": "2", **change})
        assert (answer.status, errors(await answer.text())) == (422, [field]), change
    for fixed in ({"slug": "annet"}, {"capacity": 5}):
        answer = await organiser.api("PUT", f"events/{event['event_id']}", described(**fixed))
        assert (answer.status, [one["field"] for one in (await answer.json())["errors"]]) == (422, [*fixed])


async def test_a_cancelled_event_is_kept_as_it_is_and_can_be_planned_anew(village: Village, organiser: Person) -> None:
    event, stand, slots = await published(organiser)
    editor = f"{LIST}/{event['event_id']}"
    answer = await organiser.send(f"{editor}/cancel", {"version": "2", "reasons.nb": ""})
    assert (answer.status, errors(await answer.text())) == (422, ["reasons"])
    await sent(organiser, f"{editor}/cancel", {"version": "2", "reasons.nb": "Storm"})
    assert (await organiser.send(editor, {**FULL, "version": "3"})).status == 422
    assert "Lagre" not in await organiser.page(editor)
    for method, path, body in (
        ("POST", f"events/{event['event_id']}/stands", {"names": {"nb": "x"}, "exhibitor": "x"}),
        ("DELETE", f"stands/{stand['stand_id']}", None),
        ("DELETE", f"slots/{slots[0]['slot_id']}", None),
    ):
        answer = await organiser.api(method, path, body)
        assert (answer.status, (await answer.json())["code"]) == (409, "cancelled")
    copy = await sent(organiser, f"{editor}/copy", {"starts_at": "2026-11-07T10:00"})
    found = await organiser.asked("GET", f"events/{copy.rpartition('/')[2]}")
    assert (found["status"], found["titles"], len(found["stands"]), len(found["slots"])) == (
        "draft",
        event["titles"],
        1,
        8,
    )
    assert (found["starts_at"], found["ends_at"]) == ("2026-11-07T09:00:00Z", "2026-11-08T15:00:00Z")
    assert found["slots"][0]["starts_at"] == "2026-11-07T09:00:00Z"
    told = [payload for _, _, payload in await village.outbox() if "slug" in payload]
    assert [one["copied_from"] for one in told if one["event_id"] == found["event_id"]] == [event["event_id"]]
    assert {one["copied_from"] for one in told if one["event_id"] == event["event_id"]} == {None}
    assert not {slot["slot_id"] for slot in found["slots"]} & {slot["slot_id"] for slot in slots}


async def test_clashes_between_municipalities_are_marked(village: Village, organiser: Person) -> None:
    ours, *_ = await published(
        organiser, titles={"nb": "Strandrydding", "en": "Beach day"}, municipality_id=str(YTTERHAV)
    )
    theirs, *_ = await published(
        organiser, titles={"nb": "Skoledag", "en": "School day"}, municipality_id=str(STORSKJAER)
    )
    long = {"starts_at": "2026-06-01T10:00", "ends_at": "2026-06-30T10:00", "municipality_id": str(STORSKJAER)}
    await published(organiser, titles={"nb": "Senere", "en": "Later"}, **long)
    page = await organiser.page(LIST)
    assert page.count("Kolliderer med") == 3
    assert "Kolliderer med Skoledag" not in page  # it clashes with two
    assert page.count("Kolliderer med Strandrydding") == 2
    assert "Samtidig med Strandrydding" in await organiser.page(f"{LIST}/{theirs['event_id']}")
    assert (await organiser.page(f"{LIST}/month", month="2026-06")).count("Strandrydding") == 2
    await organiser.asked("POST", f"events/{ours['event_id']}/cancel", {"reasons": {"nb": "x"}})
    assert "Kolliderer" not in await organiser.page(LIST)


async def test_a_week_shows_each_day_with_times_places_and_what_clashes(village: Village, organiser: Person) -> None:
    times = {"starts_at": "2026-06-06T10:00", "ends_at": "2026-06-07T15:00"}
    event, _, slots = await published(organiser, **times, municipality_id=str(YTTERHAV))
    await published(organiser, titles={"nb": "Skoledag", "en": "School day"}, **times, municipality_id=str(STORSKJAER))
    await village.fill(event["event_id"], slots[0]["slot_id"], 10, 4, 2)
    page = await organiser.page(f"{LIST}/week", week="2026-06-03")
    assert "Uke 23" in page and "1. juni" in page and "7. juni" in page
    days = page.partition('class="events-week"')[2].partition("</ol>")[0].split("<li")[1:]
    assert [day.count("Åpen bygdehelg") - day.count("Kolliderer med Åpen bygdehelg") for day in days] == [0] * 5 + [
        1,
        1,
    ]
    assert "4 av 10" in days[5] and "2 venter" in days[5] and "Kolliderer med Skoledag" in days[5]
    assert "week=2026-05-25" in page and "week=2026-06-08" in page
    assert "Ingenting denne uka" in await organiser.page(f"{LIST}/week", week="2026-07-01")


async def test_the_home_shows_what_is_next_and_what_drafts_miss(village: Village, organiser: Person) -> None:
    event, _, slots = await published(organiser)
    await village.fill(event["event_id"], slots[0]["slot_id"], 10, 4, 2)
    bare = {"titles": {"nb": "Utkastet"}, "time_zone": "Europe/Oslo"}
    times = {"starts_at": "2026-07-01T10:00", "ends_at": "2026-07-01T12:00"}
    await organiser.asked("POST", "events", {**bare, **times}, 201)
    next_ = await organiser.page("/nb/console/blest/panels/events-next")
    assert "Åpen bygdehelg" in next_ and "4 av 10" in next_ and "2 venter" in next_ and "Utkastet" not in next_
    drafts = await organiser.page("/nb/console/blest/panels/events-drafts")
    assert "Utkastet" in drafts and "En tittel på alle påkrevde språk" in drafts and "Åpen bygdehelg" not in drafts
    fragment = await organiser.client.get(
        "/nb/console/blest/panels/events-next", headers={**organiser.headers, "HX-Request": "true"}
    )
    assert "<html" not in await fragment.text()


async def test_a_preview_shows_a_draft_to_everyone_in_the_programme(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    page = await organiser.page(f"{LIST}/{event['event_id']}/preview")
    assert "Besøkende ser det ikke ennå" in page and "Kom og se hvordan vi bor." in page
    assert "application/ld+json" not in page


async def test_every_change_has_its_line_in_the_audit(village: Village, organiser: Person, admin: Any) -> None:
    event, _, slots = await published(organiser)
    await organiser.asked("DELETE", f"slots/{slots[0]['slot_id']}")
    rows = await admin.fetch(
        "SELECT action, subject FROM identity.audit WHERE action !~ '^(account|role|programme)' ORDER BY at, id"
    )
    told = [row["action"] for row in rows if row["action"].split(".")[0] in {"event", "stand", "slot", "slots"}]
    assert sorted(told) == sorted(["event.drafted", "stand.placed", "slots.opened", "event.published", "slot.closed"])
    assert {row["subject"] for row in rows if row["action"] == "event.drafted"} == {f"event:{event['event_id']}"}
