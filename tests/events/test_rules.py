"""Clashes, addresses, months, doors and the publish gate: rules without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.booking import Door, door, together
from events.domain.clashes import Happening, clash, clashes
from events.domain.gate import checklist, missing
from events.domain.months import days_from, monday_of, month_after, weeks
from events.domain.slugs import slug_of
from events.domain.state import Event, Places, Programme, Slot, Stand
from events.facts import Unit

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE, TWO, ALL = UUID(int=1), UUID(int=2), UUID(int=3)


def happening(start: int, hours: int, municipality: UUID | None = None, *groups: UUID) -> Happening:
    return Happening(uuid4(), NOON + start * HOUR, NOON + (start + hours) * HOUR, municipality, frozenset(groups))


def test_two_municipalities_clash_that_ask_the_same_people_at_the_same_time() -> None:
    here, there = happening(0, 3, ONE, ALL), happening(2, 3, TWO, ALL)
    assert clashes([there, here]) == {here.event_id: (there.event_id,), there.event_id: (here.event_id,)}


@pytest.mark.parametrize(
    "other",
    [
        happening(3, 2, TWO, ALL),  # begins as the first ends
        happening(1, 1, ONE, ALL),  # the same municipality's own affair
        happening(1, 1, TWO, TWO),  # for other people
    ],
)
def test_others_do_not_clash(other: Happening) -> None:
    assert clashes([happening(0, 3, ONE, ALL), other]) == {}


def test_an_event_for_everyone_or_of_all_municipalities_clashes_with_each() -> None:
    common = happening(0, 3)
    assert clash(common, happening(1, 1, ONE, ALL))
    assert clash(common, happening(1, 1))


many = st.lists(
    st.builds(
        happening,
        st.integers(0, 20),
        st.integers(1, 8),
        st.sampled_from([None, ONE, TWO]),
        st.sampled_from([ONE, TWO]),
    ),
    max_size=12,
)


@given(many)
def test_the_sweep_finds_what_comparing_each_with_each_finds(happenings: list[Happening]) -> None:
    pairs = {
        (one.event_id, other.event_id)
        for one in happenings
        for other in happenings
        if one is not other and clash(one, other)
    }
    found = clashes(happenings)
    assert {(one, other) for one, others in found.items() for other in others} == pairs
    assert {one for one, _ in pairs} == set(found)


def test_an_address_is_made_from_the_title_and_steps_aside_for_those_taken() -> None:
    assert slug_of("Hjemkomstdag på Øyværet – velkommen!") == "hjemkomstdag-pa-oyvaeret-velkommen"
    assert slug_of("Hjemkomstdag", {"hjemkomstdag", "hjemkomstdag-2"}) == "hjemkomstdag-3"
    assert slug_of("!!!") == "event"
    # Not of a: two of them are an old å.
    assert slug_of("n" * 200) == "n" * 60
    assert slug_of("ord " * 60) == "-".join(["ord"] * 15)


@given(st.text(max_size=200))
def test_any_title_gives_an_address_that_fits_its_pattern(title: str) -> None:
    slug = slug_of(title)
    assert slug and len(slug) <= 60 and all(one in "abcdefghijklmnopqrstuvwxyz0123456789-" for one in slug)
    assert slug[0] != "-"


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_a_month_is_shown_in_whole_weeks_and_holds_each_of_its_days_once(day: date) -> None:
    first = day.replace(day=1)
    shown = weeks(first, [day], lambda one: [one])
    assert all(len(week) == 7 and week[0].on.weekday() == 0 for week in shown)
    inside = [one.on for week in shown for one in week if one.inside]
    assert inside == [first + timedelta(days=number) for number in range((month_after(first) - first).days)]
    assert [one.on for week in shown for one in week if one.things] == [day]


@given(st.dates())
def test_a_week_begins_on_its_monday_and_shows_each_thing_on_each_of_its_days(day: date) -> None:
    monday = monday_of(day)
    shown = days_from(monday, 7, [day], lambda one: [one, one])
    assert (monday.weekday(), len(shown)) == (0, 7)
    inside = date(2, 1, 8) < day < date(9998, 12, 31)
    assert [one.on for one in shown if one.things] == ([day] if inside else [one.on for one in shown if one.on == day])
    assert monday - timedelta(days=7) < monday < shown[-1].on + timedelta(days=7), "both neighbours exist"


def test_months_follow_each_other_across_the_year() -> None:
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert month_after(date(2026, 1, 1), -1) == date(2025, 12, 1)


# Doors and the gate ---------------------------------------------------------------------------------------------------


def programme(**given: object) -> Programme:
    values = {
        "programme_id": ONE, "slug": "blest", "names": {"nb": "Blest"}, "status": "published", "language": "nb",
        "languages": ("nb", "en", "nl"), "required_languages": ("nb", "en"), "time_zone": "Europe/Oslo", "contact": "",
        "known_since": NOON,
    }  # fmt: skip
    return Programme(**{**values, **given})  # type: ignore[arg-type]


def event(**given: object) -> Event:
    values: dict[str, object] = {
        "event_id": uuid4(), "programme_id": ONE, "version": 1, "slug": "dag", "status": "draft",
        "titles": {"nb": "Dag", "en": "Day", "nl": "Dag"},
        "summaries": {"nb": "En dag", "en": "A day", "nl": "Een dag"},
        "descriptions": {"nb": "Mer"}, "starts_at": NOON + 24 * HOUR, "ends_at": NOON + 30 * HOUR,
        "time_zone": "Europe/Oslo", "venue_name": "Samfunnshuset", "venue_address": "", "latitude": None,
        "longitude": None, "municipality_id": None, "activity_type": None, "target_groups": (TWO,),
        "selling_points": (), "registration_opens_at": None, "registration_closes_at": None, "first_amount": 40,
        "first_unit": Unit.PERSONS, "cover": TWO, "reasons": {}, "created_at": NOON, "updated_at": NOON,
        "published_at": None, "cancelled_at": None,
    }  # fmt: skip
    return Event(**{**values, **given})  # type: ignore[arg-type]


def stand(**given: object) -> Stand:
    values = {
        "stand_id": TWO, "programme_id": ONE, "event_id": ONE, "version": 1, "number": None,
        "names": {"nb": "Stand", "en": "Stand"}, "exhibitor": "Kommunen", "languages": (),
        "offers": {}, "removed": False,
    }  # fmt: skip
    return Stand(**{**values, **given})  # type: ignore[arg-type]


def slot(**given: object) -> Slot:
    values = {
        "slot_id": uuid4(), "programme_id": ONE, "event_id": ONE, "stand_id": TWO, "version": 1, "status": "open",
        "first_amount": 1, "first_unit": Unit.HOUSEHOLDS, "starts_at": NOON + 24 * HOUR, "ends_at": NOON + 25 * HOUR,
        "updated_at": NOON,
    }  # fmt: skip
    return Slot(**{**values, **given})  # type: ignore[arg-type]


def lacks(given: Event, stands: list[Stand] = [], slots: list[Slot] = [], of: Programme | None = None) -> list[str]:  # noqa: B006
    return [item.field for item in missing(checklist(given, stands, slots, of or programme(), NOON))]


def test_an_event_with_all_it_needs_lacks_nothing() -> None:
    assert lacks(event()) == []
    assert lacks(event(first_amount=None, first_unit=None), [stand()], [slot()]) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (event(titles={"nb": "Dag"}), "titles.en"),
        (event(titles={"en": "Day"}), "titles.nb"),
        (event(summaries={"nb": "En dag", "en": "  "}), "summaries.en"),
        (event(venue_name=""), "venue_name"),
        (event(starts_at=NOON - 3 * HOUR, ends_at=NOON), "starts_at"),
        (event(first_amount=None, first_unit=None), "capacity"),
        (event(registration_closes_at=NOON), "registration_closes_at"),
    ],
)
def test_the_gate_names_the_field_of_what_is_missing(given: Event, field: str) -> None:
    assert lacks(given) == [field]


def test_a_stand_needs_a_name_in_every_required_language_and_slots_that_are_still_to_come() -> None:
    bare = event(first_amount=None, first_unit=None)
    assert lacks(bare, [stand(names={"nb": "Stand"})], [slot()]) == ["stands"]
    assert lacks(bare, [stand()], [slot(status="closed")]) == ["capacity"]
    assert lacks(bare, [stand()], [slot(starts_at=NOON - 2 * HOUR, ends_at=NOON)]) == ["capacity"]
    assert lacks(bare, [], [slot()], programme(required_languages=())) == []


def test_languages_that_are_offered_but_not_required_are_advice() -> None:
    items = checklist(event(titles={"nb": "Dag", "en": "Day"}), [], [], programme(), NOON)
    assert [(item.code, item.languages) for item in items if not item.done] == [("languages", ("nl",))]
    assert missing(items) == []


def places(capacity: int, used: int, waiting: int = 0) -> Places:
    return Places(ONE, None, "persons", capacity, used, waiting)


PUBLIC = event(status="published", published_at=NOON)


@pytest.mark.parametrize(
    ("given", "filled", "moment", "expected"),
    [
        (PUBLIC, places(3, 2), NOON, Door.OPEN),
        (PUBLIC, places(3, 3), NOON, Door.FULL),
        (PUBLIC, places(3, 2, 1), NOON, Door.FULL),  # whoever waits comes first
        (PUBLIC, places(2, 3), NOON, Door.FULL),
        (PUBLIC, None, NOON, Door.SHORTLY),
        (PUBLIC, places(3, 0), PUBLIC.starts_at, Door.CLOSED),
        (PUBLIC, places(3, 0), PUBLIC.ends_at, Door.OVER),
        (replace(PUBLIC, registration_opens_at=NOON + HOUR), None, NOON, Door.NOT_YET),
        (replace(PUBLIC, registration_opens_at=NOON), places(3, 0), NOON, Door.OPEN),
        (replace(PUBLIC, registration_closes_at=NOON), places(3, 0), NOON, Door.CLOSED),
        (replace(PUBLIC, registration_closes_at=PUBLIC.ends_at), places(3, 0), PUBLIC.starts_at, Door.CLOSED),
        (replace(PUBLIC, status="cancelled"), places(3, 0), NOON, Door.CANCELLED),
        (event(), places(3, 0), NOON, Door.DRAFT),
    ],
)
def test_the_door_says_whether_one_can_book(
    given: Event, filled: Places | None, moment: datetime, expected: Door
) -> None:
    assert door(given, filled, given.starts_at, given.ends_at, moment) == expected


def test_an_event_is_as_open_as_its_most_open_place() -> None:
    assert together(PUBLIC, [Door.FULL, Door.OPEN, Door.CLOSED], NOON) == Door.OPEN
    assert together(PUBLIC, [Door.CLOSED, Door.FULL], NOON) == Door.FULL
    assert together(PUBLIC, [], NOON) == Door.CLOSED
    assert together(PUBLIC, [Door.OPEN], PUBLIC.ends_at) == Door.OVER
