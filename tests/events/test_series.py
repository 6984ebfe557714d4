"""An event on several dates in one go: shown first with what they clash with, then made all or none, and once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.commands import series
from events.domain.refusal import Refusal
from events.domain.series import MOST_SLOTS_IN_ALL
from events.domain.series_inputs import SeriesInput
from services.routes import Role
from tests.events.conftest import RULE, STAND, STORSKJAER, YTTERHAV, Person, Village, described, published

LIST = "/nb/console/blest/events"
WEEKLY = {"starts_at": "2026-10-17T10:00", "every": "week", "times": 3}
ATTEMPT = str(UUID(int=77))


async def events_of(village: Village) -> int:
    async with village.transaction() as tx:
        return int(await tx.connection.fetchval("SELECT count(*) FROM events"))


def begins(found: dict[str, Any]) -> list[str]:
    return [one["starts_at"] for one in found["planned"] or found["events"]]


async def test_each_date_is_a_copy_at_the_same_time_of_day_also_after_clocks_have_changed(
    village: Village, organiser: Person
) -> None:
    event, _, _ = await published(organiser)
    path = f"events/{event['event_id']}/series"
    shown = await organiser.asked("POST", path, WEEKLY, preview="true")
    assert begins(shown) == ["2026-10-17T08:00:00Z", "2026-10-24T08:00:00Z", "2026-10-31T09:00:00Z"]
    assert (shown["events"], shown["new"], await events_of(village)) == ([], False, 1)
    made = await organiser.asked("POST", path, WEEKLY, 201)
    assert begins(made) == begins(shown) and made["new"]
    assert [one["ends_at"] for one in made["events"]] == [one["ends_at"] for one in shown["planned"]]
    last = await organiser.asked("GET", f"events/{made['events'][-1]['event_id']}")
    assert (last["status"], last["titles"], len(last["stands"]), len(last["slots"])) == (
        "draft",
        event["titles"],
        1,
        8,
    )
    assert last["slots"][0]["starts_at"] == "2026-10-31T09:00:00Z"
    told = [payload for _, _, payload in await village.outbox() if payload.get("copied_from")]
    assert {one["copied_from"] for one in told} == {event["event_id"]}
    assert len({one["slug"] for one in told}) == 3


async def test_all_are_made_or_none(village: Village, organiser: Person) -> None:
    """What lacks a summary is not published, and then not drafted either."""
    event = await organiser.asked("POST", "events", described(summaries={}), 201)
    answer = await organiser.api("POST", f"events/{event['event_id']}/series", {**WEEKLY, "publish": True})
    assert answer.status == 409 and await events_of(village) == 1
    assert len([1 for _, _, payload in await village.outbox() if payload.get("copied_from")]) == 0


async def test_one_that_fails_late_takes_the_earlier_ones_back(
    village: Village, organiser: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, _, _ = await published(organiser)
    copied, many = series.copy_whole, []

    async def fails_at_the_third(*given: Any) -> Any:
        many.append(given)
        if len(many) == 3:
            raise Refusal("overlap", "It overlaps.", field="starts_at")
        return await copied(*given)

    monkeypatch.setattr(series, "copy_whole", fails_at_the_third)
    answer = await organiser.api("POST", f"events/{event['event_id']}/series", {**WEEKLY, "attempt": ATTEMPT})
    assert (answer.status, len(many), await events_of(village)) == (422, 3, 1)
    monkeypatch.undo()
    again = await organiser.asked("POST", f"events/{event['event_id']}/series", {**WEEKLY, "attempt": ATTEMPT}, 201)
    assert len(again["events"]) == 3, "what was taken back keeps nobody from trying again"


async def test_published_at_once_they_can_be_booked_and_stand_in_the_calendar(
    village: Village, organiser: Person, admin: Any
) -> None:
    event, _, _ = await published(organiser)
    made = await organiser.asked("POST", f"events/{event['event_id']}/series", {**WEEKLY, "publish": True}, 201)
    assert {one["status"] for one in made["events"]} == {"published"}
    listed = await village.guest().asked("GET", "/api/v1/events")
    assert {one["event_id"] for one in made["events"]} < {one["event_id"] for one in listed["items"]}
    done = await admin.fetch("SELECT action, count(*) AS many FROM identity.audit GROUP BY action")
    assert {(one["action"], one["many"]) for one in done} >= {("event.copied", 3), ("event.published", 4)}


async def test_of_two_who_make_a_year_of_one_title_at_once_both_get_it(village: Village, organiser: Person) -> None:
    """Their addresses are made from one title: the second finds a whole row of them taken."""
    event = await organiser.asked("POST", "events", described(capacity=10), 201)
    year = SeriesInput(starts_at="2026-10-17T10:00", every="week", times=52)

    async def make() -> series.Series:
        async with village.transaction() as tx:
            return await series.make_series(tx, UUID(event["event_id"]), year)

    found = await asyncio.gather(make(), make())
    assert len({event.slug for one in found for event in one.events}) == 104


async def test_clashes_are_marked_as_the_calendar_marks_them(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser, municipality_id=str(YTTERHAV))
    theirs = {"starts_at": "2026-10-25T12:00", "ends_at": "2026-10-25T15:00", "municipality_id": str(STORSKJAER)}
    await published_alone(organiser, titles={"nb": "Skoledag", "en": "School day"}, **theirs)
    ours = {**theirs, "starts_at": "2026-10-31T12:00", "ends_at": "2026-10-31T15:00", "municipality_id": str(YTTERHAV)}
    await published_alone(organiser, titles={"nb": "Vår egen", "en": "Our own"}, **ours)
    shown = await organiser.asked("POST", f"events/{event['event_id']}/series", WEEKLY, preview="true")
    assert [[one["nb"] for one in date["clashes"]] for date in shown["planned"]] == [[], ["Skoledag"], []]
    await organiser.asked("POST", f"events/{event['event_id']}/series", WEEKLY, 201)
    page = await organiser.page(LIST)
    assert page.count("Kolliderer med") == 2, "the date and the school day"


async def published_alone(organiser: Person, **given: Any) -> None:
    event = await organiser.asked("POST", "events", described(capacity=10, **given), 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})


async def test_on_the_page_dates_are_shown_then_those_still_ticked_are_made(
    village: Village, organiser: Person
) -> None:
    event, _, _ = await published(organiser, municipality_id=str(YTTERHAV))
    theirs = {"starts_at": "2026-10-25T12:00", "ends_at": "2026-10-25T15:00", "municipality_id": str(STORSKJAER)}
    await published_alone(organiser, titles={"nb": "Skoledag", "en": "School day"}, **theirs)
    path = f"{LIST}/{event['event_id']}/series"
    assert f'href="{path}"' in await organiser.page(f"{LIST}/{event['event_id']}/copy")
    assert "Ingenting lagres før" in await organiser.page(path)
    typed = {**WEEKLY, "dates": ["2026-12-05T18:00", ""], "attempt": ATTEMPT}
    shown = await organiser.send(path, typed)
    page = await shown.text()
    assert (shown.status, page.count("Kolliderer med Skoledag")) == (200, 1)
    ticks = ["2026-10-17T10:00", "2026-10-24T10:00", "2026-10-31T10:00", "2026-12-05T18:00"]
    assert [f'value="{one}" form="series" checked' in page for one in ticks] == [True] * 4
    assert page.count('name="dates"') == 4, "the one typed, and three more"
    none = await organiser.send(path, {**typed, "then": "make"})
    assert none.status == 422 and "Kryss av minst én av datoene" in await none.text()
    chosen = {**typed, "then": "make", "ticked": [ticks[0], ticks[3]]}
    for sentence in ("2 utkast er laget.", "Disse 2 datoene er laget fra før."):
        done = await organiser.send(path, chosen)
        assert (done.status, done.headers["Location"]) == (303, f"{LIST}?show=drafts")
        assert sentence in await organiser.page(done.headers["Location"])
    assert await events_of(village) == 4


async def test_what_cannot_be_published_is_said_and_the_ticks_stay(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(summaries={}, capacity=5), 201)
    path = f"{LIST}/{event['event_id']}/series"
    typed = {**WEEKLY, "attempt": ATTEMPT, "then": "make", "publish": "on", "ticked": ["2026-10-24T10:00"]}
    answer = await organiser.send(path, typed)
    page = await answer.text()
    assert answer.status == 422 and "Mangler:" in page
    assert 'value="2026-10-24T10:00" form="series" checked' in page
    assert 'value="2026-10-17T10:00" form="series">' in page
    assert await events_of(village) == 1


async def test_wrong_input_is_named_by_its_field(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)

    async def fields(body: dict[str, Any]) -> list[tuple[str, str]]:
        answer = await organiser.api("POST", f"events/{event['event_id']}/series", body)
        assert answer.status == 422, await answer.text()
        return [(one["field"], one["code"]) for one in (await answer.json())["errors"]]

    assert await fields({}) == [("starts_at", "no-dates")]
    assert await fields({**WEEKLY, "until": "2027-01-01"}) == [("times", "no-end")]
    assert await fields({**WEEKLY, "starts_at": "2020-10-17T10:00"}) == [("starts_at", "in-the-past")]
    assert await fields({"dates": ["2020-10-17T10:00"]}) == [("dates", "in-the-past")]
    assert [one[0] for one in await fields({**WEEKLY, "times": 53})] == ["times"]
    assert [one[0] for one in await fields({**WEEKLY, "every": "day"})] == ["every"]
    assert [one[0] for one in await fields({"dates": ["2026-10-17T10:00"] * 53})] == ["dates"]
    assert await events_of(village) == 1


async def test_slots_are_not_made_by_the_ten_thousand(
    village: Village, organiser: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    await organiser.asked("POST", f"stands/{stand['stand_id']}/slots", {**RULE, "desks": 5}, 201)  # 40 slots
    most = MOST_SLOTS_IN_ALL // 40
    body = {"starts_at": "2026-10-17T10:00", "every": "week", "times": most + 1}
    answer = await organiser.api("POST", f"events/{event['event_id']}/series", body)
    assert [(one["field"], one["code"]) for one in (await answer.json())["errors"]] == [("times", "too-many-slots")]
    begun = asyncio.get_running_loop().time()
    made = await organiser.asked("POST", f"events/{event['event_id']}/series", {**body, "times": most}, 201)
    took = timedelta(seconds=asyncio.get_running_loop().time() - begun)
    assert len(made["events"]) == most and took < timedelta(seconds=15), took


async def test_only_organisers_of_the_programme_make_dates(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    for other, status in (
        (await village.person("blest", Role.STAND_HOST), 403),
        (await village.person("fjord", Role.OWNER), 404),
    ):
        answer = await other.api("POST", f"events/{event['event_id']}/series", WEEKLY)
        assert answer.status == status
        assert (await other.get(f"/nb/console/{other.programme}/events/{event['event_id']}/series")).status == status
    assert await events_of(village) == 1
