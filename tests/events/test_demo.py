"""The demo's year of events: planned like any other, by the same commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from events import demo
from events.demo.scripts import scripts
from programmes.facts import Municipality, Term
from tests.events.conftest import Village

CODES = {
    "target_groups": [code for script in scripts() for code in script["target_groups"]],
    "selling_points": [code for script in scripts() for code in script["selling_points"]],
    "activity_types": [script["activity"] for script in scripts()],
}


def terms(codes: list[str]) -> tuple[Term, ...]:
    return tuple(Term(id=uuid5(UUID(int=0), code), names={"nb": code}, code=code) for code in dict.fromkeys(codes))


@pytest.fixture
async def played(village: Village) -> Village:
    """The year from the clock's day on."""
    slugs = {"blest-i-havlandet": "nb", "heim-til-fjordbygda": "nn", "rom-i-skogen": "nb"}
    for slug, language in slugs.items():
        await village.found(
            slug,
            language=language,
            languages=("nb", "nn", "en", "nl"),
            required_languages=(language, "en", "nl"),
            municipalities=tuple(
                Municipality(id=uuid5(UUID(int=0), name), slug=name, name=name.title())
                for name in ("ytterhav", "djupevik", "granheia")
            ),
            **{name: terms(codes) for name, codes in CODES.items()},
        )
    first = village.clock.now().date()
    for number in range(366):
        day = first + timedelta(days=number)
        village.clock.move_to(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
        await demo.play(village.context, day)
    return village


async def test_the_year_publishes_its_events_in_every_language(played: Village) -> None:
    async with played.context.database.transaction(None) as tx:
        rows = await tx.connection.fetch("SELECT * FROM calendar_directory ORDER BY starts_at")
    assert [row["slug"] for row in rows] == [
        "emigratiebeurs", "apen-bygdehelg", "heimkveld", "hjemkomstdag", "skogshelg",
    ]  # fmt: skip
    assert all(set(row["titles"]) == set(row["summaries"]) == {"nb", "nn", "en", "nl"} for row in rows)
    assert all(row["starts_at"].weekday() == 5 for row in rows)
    assert [row["slug"] for row in rows if row["ends_at"] > played.clock.now()] == ["hjemkomstdag", "skogshelg"]


async def test_the_fair_has_slots_on_both_days_and_one_of_them_moved(played: Village) -> None:
    told = await played.outbox("blest-i-havlandet")
    opened = [payload for subject, _, payload in told if subject == "events.slot.opened.v1"]
    fair = [one for one in opened if one["time_zone"] == "Europe/Amsterdam"]
    assert len(fair) == 24
    assert {one["first_capacity"]["unit"] for one in fair} == {"households"}
    assert [version for subject, version, _ in told if subject == "events.slot.moved.v1"] == [2]


async def test_the_fair_and_the_homecoming_day_have_a_plan(played: Village) -> None:
    async with played.transaction("blest-i-havlandet") as tx:
        rows = await tx.connection.fetch(
            "SELECT slug, count(x) AS placed FROM stands JOIN events USING (event_id) GROUP BY slug ORDER BY slug"
        )
    assert {row["slug"]: row["placed"] for row in rows} == {"apen-bygdehelg": 0, "emigratiebeurs": 1, "hjemkomstdag": 3}


async def test_a_draft_is_left_that_clashes_and_misses_something(played: Village) -> None:
    async with played.transaction("blest-i-havlandet") as tx:
        rows = await tx.connection.fetch("SELECT slug FROM events WHERE status = 'draft'")
    assert [row["slug"] for row in rows] == ["bryggekveld"]


async def test_the_homecoming_day_has_sessions_and_stands_that_say_what_they_are_about(played: Village) -> None:
    async with played.transaction("blest-i-havlandet") as tx:
        sessions = await tx.connection.fetch("SELECT * FROM slots WHERE stand_id IS NULL ORDER BY starts_at, room")
        topics = await tx.connection.fetchval("SELECT bool_and(topics <> '{}') FROM stands")
    assert [row["room"] for row in sessions] == ["Biblioteket", "Storsalen", "Storsalen"]
    assert all(set(row["titles"]) == {"nb", "nn", "en", "nl"} for row in sessions)
    assert topics is True
