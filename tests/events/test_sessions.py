"""Sessions: slots of the event itself, several at a time in different rooms, with places of their own."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from icalendar import Calendar

from events.checks import CHECKS
from events.commands import sessions
from events.domain.refusal import Refusal
from events.domain.slot_inputs import SessionInput
from services.routes import Role
from tests.events.conftest import YTTERHAV, Person, Village, described, published
from tests.events.test_console_pages import LIST, errors, sent

TALK = {
    "titles": {"nb": "De som flyttet hjem", "en": "Those who came home"},
    "room": "Storsalen",
    "starts_at": "2026-06-06T13:00",
    "ends_at": "2026-06-06T14:00",
    "capacity": 60,
}
FORM = {
    "titles.nb": "De som flyttet hjem", "titles.en": "", "room": "Storsalen", "starts_at": "2026-06-06T13:00",
    "ends_at": "2026-06-06T14:00", "capacity": "60", "unit": "persons",
}  # fmt: skip


async def fields(answer: Any) -> list[str]:
    return [one["field"] for one in (await answer.json())["errors"]]


async def test_a_session_is_told_of_as_a_slot_without_a_stand(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    made = await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    subject, version, told = (await village.outbox())[-1]
    assert (subject, version) == ("events.slot.opened.v1", 1)
    assert {name: told[name] for name in ("slot_id", "stand_id", "titles", "room", "first_capacity", "desk")} == {
        "slot_id": made["slot_id"],
        "stand_id": None,
        "titles": TALK["titles"],
        "room": "Storsalen",
        "first_capacity": {"amount": 60, "unit": "persons"},
        "desk": 1,
    }
    whole = await organiser.asked("GET", f"events/{event['event_id']}")
    assert (whole["slots"], [one["slot_id"] for one in whole["sessions"]]) == ([], [made["slot_id"]])


async def test_it_refuses_a_session_with_bad_fields(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    said = await village.outbox()
    for name, change, field in (
        ("no title in the programme's language", {"titles": {"en": "Talk"}}, "titles.nb"),
        ("a title too long", {"titles": {"nb": "x" * 121}}, "titles.nb"),
        ("a language that the programme lacks", {"titles": {"nb": "x", "se": "x"}}, "titles.se"),
        ("a room too long", {"room": "x" * 81}, "room"),
        ("a room that turns the line", {"room": "sal \u202e las"}, "room"),
        ("a room that is taken, written otherwise", {"room": " storSALEN ", "starts_at": "2026-06-06T13:59",
                                                     "ends_at": "2026-06-06T15:00"}, "room"),
        ("no start", {"starts_at": None}, "starts_at"),
        ("before the event", {"room": "", "starts_at": "2026-06-06T09:59"}, "starts_at"),
        ("after the event", {"room": "", "ends_at": "2026-06-07T16:01"}, "ends_at"),
        ("no time at all", {"room": "", "ends_at": "2026-06-06T13:00"}, "ends_at"),
        ("no capacity", {"capacity": None}, "capacity"),
        ("a negative capacity", {"capacity": -1}, "capacity"),
        ("a unit that is none", {"unit": "chairs"}, "unit"),
        ("a unit that is counted beside places", {"unit": "children"}, "unit"),
        ("a turn that is none", {"starts_turn": "third"}, "starts_turn"),
        ("a field that is none", {"speaker": "Kari"}, "speaker"),
    ):  # fmt: skip
        answer = await organiser.api("POST", f"events/{event['event_id']}/sessions", {**TALK, **change})
        assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == said


async def test_several_sessions_go_on_at_a_time_in_different_rooms(organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    path = f"events/{event['event_id']}/sessions"
    for room in ("Storsalen", "Biblioteket", "", ""):  # where no room is named, nobody can say that it is taken
        await organiser.asked("POST", path, {**TALK, "room": room}, 201)
    await organiser.asked("POST", path, {**TALK, "starts_at": "2026-06-06T14:00", "ends_at": "2026-06-06T15:00"}, 201)


async def test_a_session_changes_and_is_called_off(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    made = await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    path = f"sessions/{made['slot_id']}"
    change = {name: value for name, value in TALK.items() if name != "capacity"}
    same = await organiser.asked("PUT", path, {**change, "version": 1})
    assert same["version"] == 1, "what stays the same raises no version"
    moved = await organiser.asked("PUT", path, {**change, "version": 1, "room": "Kirka", "ends_at": "2026-06-06T15:00"})
    assert (moved["version"], moved["room"], moved["ends_at"]) == (2, "Kirka", "2026-06-06T13:00:00Z")
    answer = await organiser.api("PUT", path, {**change, "version": 1})
    assert (answer.status, (await answer.json())["code"]) == (409, "changed-meanwhile")
    answer = await organiser.api("PUT", path, {**change, "capacity": 5})
    assert (answer.status, await fields(answer)) == (422, ["capacity"]), "its places belong to registrations"
    answer = await organiser.api("PUT", path, {**change, "titles": {"nb": "Bare norsk"}})
    assert (answer.status, await fields(answer)) == (422, ["titles.en"]), "a published event needs it"
    await organiser.asked("DELETE", path, version="2")
    told = (await village.outbox())[-3:]
    assert [(subject, version, payload["room"]) for subject, version, payload in told] == [
        ("events.slot.opened.v1", 1, "Storsalen"),
        ("events.slot.moved.v1", 2, "Kirka"),
        ("events.slot.closed.v1", 3, "Kirka"),
    ]
    assert (await organiser.api("PUT", path, change)).status == 409
    assert (await organiser.asked("GET", f"events/{event['event_id']}"))["sessions"] == []


async def test_a_slot_is_no_session_and_a_session_no_slot(organiser: Person) -> None:
    event, _, slots = await published(organiser)
    made = await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    change = {name: value for name, value in TALK.items() if name != "capacity"}
    assert (await organiser.api("PUT", f"sessions/{slots[0]['slot_id']}", change)).status == 404
    assert (await organiser.api("DELETE", f"sessions/{slots[0]['slot_id']}")).status == 404
    times = {"starts_at": "2026-06-06T15:00", "ends_at": "2026-06-06T15:30"}
    assert (await organiser.api("PUT", f"slots/{made['slot_id']}", times)).status == 404
    stands = f"{LIST}/{event['event_id']}/stands/slots/{made['slot_id']}/move"
    assert (await organiser.get(stands)).status == 404


async def test_a_title_missing_in_a_required_language_holds_back_publication(organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    made = await organiser.asked(
        "POST", f"events/{event['event_id']}/sessions", {**TALK, "titles": {"nb": "Bare norsk"}}, 201
    )
    answer = await organiser.api("POST", f"events/{event['event_id']}/publish", {})
    assert (answer.status, await fields(answer)) == (409, ["sessions"])
    editor = await organiser.page(f"{LIST}/{event['event_id']}")
    assert f'href="{LIST}/{event["event_id"]}/sessions"' in editor
    await organiser.asked("DELETE", f"sessions/{made['slot_id']}")
    answer = await organiser.api("POST", f"events/{event['event_id']}/publish", {})
    assert await fields(answer) == ["capacity"], "and what is called off is nothing to book"
    await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})


async def test_an_organiser_keeps_the_sessions_by_form(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    path = f"{LIST}/{event['event_id']}/sessions"
    assert 'value="2026-06-06T10:00"' in await organiser.page(f"{path}/new")
    answer = await organiser.send(f"{path}/new", {**FORM, "titles.nb": "", "room": "Fjøset"})
    page = await answer.text()
    assert (answer.status, errors(page)) == (422, ["titles.nb"]) and 'value="Fjøset"' in page
    assert await sent(organiser, f"{path}/new", FORM) == path
    page = await organiser.page(path)
    assert "De som flyttet hjem" in page and "13:00–14:00" in page and "English" in page
    (session,) = (await organiser.asked("GET", f"events/{event['event_id']}"))["sessions"]
    one = f"{path}/{session['slot_id']}"
    assert 'value="2026-06-06T13:00"' in await organiser.page(one)
    await sent(organiser, one, {**FORM, "version": "1", "titles.en": "Those who came home"})
    answer = await organiser.send(one, {**FORM, "version": "1", "room": "Kaia"})
    assert answer.status == 422 and 'value="Kaia"' in await answer.text()
    await organiser.page(f"{one}/cancel")
    await sent(organiser, f"{one}/cancel", {"version": "2"})
    assert "De som flyttet hjem" not in await organiser.page(path)
    assert (await organiser.get(one)).status == 404


async def test_visitors_read_the_sessions_and_book_one_once_its_places_are_known(
    village: Village, organiser: Person
) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    made = await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    path = f"/en/events/{event['slug']}"
    page = await village.guest().page(path)
    assert "Those who came home" in page and "Storsalen" in page and "Opening shortly" in page
    assert "/register/" not in page
    await village.fill(event["event_id"], made["slot_id"], 60, 57)
    page = await village.guest().page(path)
    assert f'href="/en/register/{event["slug"]}?slot={made["slot_id"]}"' in page and "room for 3 households" in page
    (found,) = (await village.guest().asked("GET", f"/api/v1/events/{event['slug']}"))["sessions"]
    assert (found["door"], found["places_left"]) == ("open", 3)


async def test_the_calendar_has_sessions_and_tells_of_those_called_off(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    path = f"events/{event['event_id']}/sessions"
    never = await organiser.asked("POST", path, TALK, 201)
    await organiser.asked("DELETE", f"sessions/{never['slot_id']}")
    made = await organiser.asked("POST", path, TALK, 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})

    async def entries() -> dict[str, Any]:
        answer = await village.guest().get(f"/en/events/{event['slug']}.ics")
        return {str(one["UID"]): one for one in Calendar.from_ical(await answer.read()).walk("VEVENT")}

    before = await entries()
    uid, whole = f"{made['slot_id']}@events.blest", f"{event['event_id']}@events.blest"
    assert set(before) == {whole, uid}, "what was called off while it was a draft was never in a calendar"
    session = before[uid]
    assert (session["SUMMARY"], session["LOCATION"], session["STATUS"], session["RELATED-TO"]) == (
        "Those who came home", "Storsalen, Samfunnshuset, Storskjær", "CONFIRMED", whole,
    )  # fmt: skip
    assert session.decoded("DTSTART").isoformat() == "2026-06-06T11:00:00+00:00"
    village.clock.move_to(village.clock.now().replace(hour=8))
    await organiser.asked("DELETE", f"sessions/{made['slot_id']}")
    after = (await entries())[uid]
    assert after["STATUS"] == "CANCELLED" and after["SEQUENCE"] > session["SEQUENCE"]


async def test_the_feed_of_all_events_has_the_sessions_of_those_it_holds(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(municipality_id=str(YTTERHAV)), 201)
    path = f"events/{event['event_id']}/sessions"
    made = await organiser.asked("POST", path, TALK, 201)
    draft = await organiser.asked("POST", "events", described(titles={"nb": "Kladd", "en": "Draft"}), 201)
    await organiser.asked("POST", f"events/{draft['event_id']}/sessions", TALK, 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    other, *_ = await published(organiser, titles={"nb": "Uten økter", "en": "Without sessions"})

    async def entries(path: str, **query: str) -> dict[str, str]:
        found = Calendar.from_ical(await (await village.guest().get(path, **query)).read()).walk("VEVENT")
        return {str(one["UID"]): one.to_ical().decode() for one in found}

    own = await entries(f"/en/events/{event['slug']}.ics")
    feed = await entries("/en/events.ics")
    whole, session, without = (f"{id}@events.blest" for id in (event["event_id"], made["slot_id"], other["event_id"]))
    assert set(feed) == {whole, session, without}, "a draft's are nobody's business"
    assert {uid: feed[uid] for uid in own} == own and "SUMMARY:Those who came home" in own[session].replace(
        ";LANGUAGE=en", ""
    )
    assert set(await entries("/en/events.ics", place="ytterhav")) == {whole, session}
    village.clock.move_to(village.clock.now().replace(hour=8))
    await organiser.asked("DELETE", f"sessions/{made['slot_id']}")
    assert "STATUS:CANCELLED" in (await entries("/en/events.ics"))[session]


async def test_sessions_move_along_with_their_event_and_are_copied(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    later = described(starts_at="2026-06-13T10:00", ends_at="2026-06-14T16:00", move_slots=True)
    moved = await organiser.asked("PUT", f"events/{event['event_id']}", later)
    assert [one["starts_at"] for one in moved["sessions"]] == ["2026-06-13T11:00:00Z"]
    copy = await organiser.asked("POST", f"events/{event['event_id']}/copies", {"starts_at": "2026-11-07T10:00"}, 201)
    (one,) = copy["sessions"]
    assert (one["titles"], one["room"], one["starts_at"]) == (TALK["titles"], "Storsalen", "2026-11-07T12:00:00Z")
    async with village.context.database.system() as tx:
        assert {check.name: await check.count(tx) for check in CHECKS} == dict.fromkeys(
            (check.name for check in CHECKS), 0
        )


async def test_of_sessions_opened_at_once_in_one_room_one_is_made(
    village: Village, organiser: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with the look at the others switched off: what remains is the constraint on the table."""
    event = await organiser.asked("POST", "events", described(), 201)

    async def open_one() -> str:
        try:
            async with village.transaction() as tx:
                await sessions.open_session(tx, UUID(event["event_id"]), SessionInput(**TALK))
        except (Refusal, asyncpg.DeadlockDetectedError) as refused:
            return getattr(refused, "field", "room")
        return "made"

    monkeypatch.setattr(sessions, "first_clash", lambda *_: None)
    assert sorted(await asyncio.gather(*(open_one() for _ in range(4)))) == ["made", "room", "room", "room"]


async def test_only_organisers_keep_sessions(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    made = await organiser.asked("POST", f"events/{event['event_id']}/sessions", TALK, 201)
    host = await village.person("blest", Role.STAND_HOST)
    neighbour = await village.person("fjord", Role.OWNER)
    change = {name: value for name, value in TALK.items() if name != "capacity"}
    for person, status in ((host, 403), (neighbour, 404)):
        assert (await person.api("POST", f"events/{event['event_id']}/sessions", TALK)).status == status
        assert (await person.api("PUT", f"sessions/{made['slot_id']}", change)).status == status
        assert (await person.api("DELETE", f"sessions/{made['slot_id']}")).status == status
