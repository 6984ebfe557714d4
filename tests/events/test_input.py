"""Bad input: each refused with a 4xx that names the field, nothing stored, nothing said."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.events.conftest import RULE, STAND, Person, Village, described, published

EVENT: list[tuple[str, dict[str, Any], str]] = [
    ("no title in the programme's language", described(titles={"en": "Day"}), "titles.nb"),
    ("a title too long", described(titles={"nb": "x" * 121}), "titles.nb"),
    ("a title with a character that turns the line", described(titles={"nb": "Dag \u202e gad"}), "titles.nb"),
    ("a language that is none", described(titles={"nb": "Dag", "xx": "?"}), "titles.xx.[key]"),
    ("a language that the programme lacks", described(summaries={"nb": "En", "se": "Okta"}), "summaries.se"),
    ("a summary too long", described(summaries={"nb": "x" * 301}), "summaries.nb"),
    ("no start", described(starts_at=None), "starts_at"),
    ("a start that is no moment", described(starts_at="soon"), "starts_at"),
    ("seconds since 1970", described(starts_at=1780000000), "starts_at"),
    ("a start in the year 9999", described(starts_at="9999-01-01T10:00"), "starts_at"),
    ("a start that clocks skip", described(starts_at="2027-03-28T02:30", ends_at="2027-03-28T12:00"), "starts_at"),
    ("an end before the start", described(ends_at="2026-06-06T09:00"), "ends_at"),
    ("an end a year later", described(ends_at="2027-06-06T09:00"), "ends_at"),
    ("half a minute", described(ends_at="2026-06-06T16:00:30"), "ends_at"),
    ("a zone that is none", described(time_zone="Mars/Olympus"), "time_zone"),
    ("a way out of the zones' folder", described(time_zone="../etc/passwd"), "time_zone"),
    ("no zone", {name: value for name, value in described().items() if name != "time_zone"}, "time_zone"),
    ("a municipality of nobody's", described(municipality_id=str(uuid4())), "municipality_id"),
    ("an activity of nobody's", described(activity_type=str(uuid4())), "activity_type"),
    ("a target group of nobody's", described(target_groups=[str(uuid4())]), "target_groups"),
    ("a selling point that is no id", described(selling_points=["nature"]), "selling_points.0"),
    ("latitude without longitude", described(latitude=69.1), "longitude"),
    ("a place beyond the pole", described(latitude=91, longitude=0), "latitude"),
    ("a negative capacity", described(capacity=-1), "capacity"),
    ("a capacity that is no number", described(capacity="many"), "capacity"),
    ("a unit that is none", described(capacity=1, unit="boats"), "unit"),
    ("a unit that is counted beside places", described(capacity=1, unit="children"), "unit"),
    (
        "registration that closes before it opens",
        described(registration_opens_at="2026-05-02T10:00", registration_closes_at="2026-05-01T10:00"),
        "registration_closes_at",
    ),
    (
        "registration until after the end",
        described(registration_closes_at="2026-06-08T10:00"),
        "registration_closes_at",
    ),
    ("an address with spaces", described(slug="my event"), "slug"),
    ("an address with capitals", described(slug="Dag"), "slug"),
    ("a field that is none", described(colour="red"), "colour"),
]

STANDS: list[tuple[str, dict[str, Any], str]] = [
    ("no name", {**STAND, "names": {}}, "names.nb"),
    ("no exhibitor", {**STAND, "exhibitor": "  "}, "exhibitor"),
    ("a number with a slash", {**STAND, "number": "A/12"}, "number"),
    ("a language that is a word", {**STAND, "languages": ["norsk"]}, "languages.0"),
    ("a topic that is none", {**STAND, "topics": ["jobs", "weather"]}, "topics.1"),
    ("an offer too long", {**STAND, "offers": {"nb": "x" * 301}}, "offers.nb"),
]

RULES: list[tuple[str, dict[str, Any], str]] = [
    ("no first day", {**RULE, "first_day": None}, "first_day"),
    ("a day that is none", {**RULE, "first_day": "2026-02-30"}, "first_day"),
    ("a last day before the first", {**RULE, "last_day": "2026-06-05"}, "last_day"),
    ("a time that is none", {**RULE, "opens": "25:00"}, "opens"),
    ("a time in seconds", {**RULE, "opens": 36000}, "opens"),
    ("closing before opening", {**RULE, "closes": "09:00"}, "closes"),
    ("slots of one minute", {**RULE, "length": 1}, "length"),
    ("slots longer than the window", {**RULE, "length": 180}, "length"),
    ("more slots than anyone wants", {**RULE, "closes": "16:00", "length": 5, "desks": 20}, "length"),
    ("a negative pause", {**RULE, "pause": -5}, "pause"),
    ("no table", {**RULE, "desks": 0}, "desks"),
    ("a negative capacity", {**RULE, "capacity": -1}, "capacity"),
    ("a unit that is counted beside places", {**RULE, "unit": "children"}, "unit"),
    ("before the event begins", {**RULE, "opens": "08:00"}, "opens"),
    ("after the event is over", {**RULE, "closes": "18:00"}, "closes"),
]


async def fields(answer: Any) -> list[str]:
    told = await answer.json()
    assert answer.content_type == "application/problem+json"
    return [one["field"] for one in told["errors"]]


async def test_it_refuses_an_event_with_bad_fields(village: Village, organiser: Person) -> None:
    for name, body, field in EVENT:
        answer = await organiser.api("POST", "events", body)
        assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == []
    assert (await organiser.asked("GET", "events", show="drafts"))["items"] == []


async def test_all_wrong_fields_are_named_at_once(organiser: Person) -> None:
    answer = await organiser.api(
        "POST", "events", {"time_zone": "Mars", "starts_at": "x", "ends_at": "y", "capacity": -1}
    )
    assert sorted(await fields(answer)) == ["capacity", "ends_at", "starts_at", "time_zone"]


async def test_it_refuses_a_stand_with_bad_fields(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    said = await village.outbox()
    for name, body, field in STANDS:
        answer = await organiser.api("POST", f"events/{event['event_id']}/stands", body)
        assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == said


async def test_it_refuses_a_rule_with_bad_fields(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    said = await village.outbox()
    for name, body, field in RULES:
        for preview in ("true", "false"):
            answer = await organiser.api("POST", f"stands/{stand['stand_id']}/slots", body, preview=preview)
            assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == said


async def test_it_refuses_to_move_a_slot_where_it_cannot_be(village: Village, organiser: Person) -> None:
    _, _, slots = await published(organiser)
    said = await village.outbox()
    slot = slots[0]["slot_id"]
    for body, field in (
        ({"starts_at": "2026-06-06T10:15", "ends_at": "2026-06-06T10:45"}, "starts_at"),  # onto the next
        ({"starts_at": "2026-06-06T13:00", "ends_at": "2026-06-06T13:00"}, "ends_at"),
        ({"starts_at": "2026-06-06T09:00", "ends_at": "2026-06-06T09:30"}, "starts_at"),  # before the event
        ({"starts_at": "2026-06-07T15:50", "ends_at": "2026-06-07T16:20"}, "ends_at"),  # after the event
        ({"starts_at": "2026-06-06T13:00"}, "ends_at"),
    ):
        answer = await organiser.api("PUT", f"slots/{slot}", body)
        assert (answer.status, await fields(answer)) == (422, [field]), body
    assert await village.outbox() == said


async def test_a_cancellation_must_say_why(organiser: Person) -> None:
    event, _, _ = await published(organiser)
    answer = await organiser.api("POST", f"events/{event['event_id']}/cancel", {"reasons": {"nb": "  "}})
    assert (answer.status, await fields(answer)) == (422, ["reasons"])


async def test_the_gate_says_all_that_is_missing(village: Village, organiser: Person) -> None:
    bare = {
        "titles": {"nb": "Dag"},
        "time_zone": "Europe/Oslo",
        "starts_at": "2026-06-06T10:00",
        "ends_at": "2026-06-06T16:00",
    }
    event = await organiser.asked("POST", "events", bare, 201)
    answer = await organiser.api("POST", f"events/{event['event_id']}/publish", {})
    assert (answer.status, await fields(answer)) == (409, ["titles.en", "summaries.nb", "venue_name", "capacity"])
    assert [subject for subject, _, _ in await village.outbox()] == ["events.event.changed.v1"]


async def test_it_refuses_a_list_asked_for_badly(village: Village) -> None:
    for query, field in (
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"since": "yesterday"}, "since"),
        ({"place": "no such place!"}, "place"),
        ({"sorted": "by-name"}, "sorted"),
    ):
        answer = await village.guest().api("GET", "/api/v1/events", **query)
        assert (answer.status, await fields(answer)) == (422, [field])
    for query in ({"month": "2026-13"}, {"after": "nonsense"}, {"place": "'; DROP TABLE"}):
        assert (await village.guest().get("/nb/events", **query)).status == 422
