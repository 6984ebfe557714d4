"""The plan of an event's hall: saved as a whole, by those who may, with nobody's change lost; carried to copies."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from services.routes import Role
from tests.events.conftest import STAND, Person, Village, described, published

TWO = {"names": {"nb": "Jobb og bolig", "en": "Work and homes"}, "exhibitor": "Ytterhav", "number": "B3"}


async def fair(organiser: Person) -> tuple[str, str, str]:
    """An event of two stands: (event, A12, B3)."""
    event = await organiser.asked("POST", "events", described(), 201)
    path = f"events/{event['event_id']}/stands"
    stands = [await organiser.asked("POST", path, one, 201) for one in (STAND, TWO)]
    return event["event_id"], stands[0]["stand_id"], stands[1]["stand_id"]


def plan(*spots: tuple[str, float | None, float | None], **given: Any) -> dict[str, Any]:
    return {"stands": [{"stand_id": stand, "x": x, "y": y} for stand, x, y in spots], **given}


def placed(found: dict[str, Any]) -> dict[str, tuple[float | None, float | None]]:
    return {one["number"]: (one["x"], one["y"]) for one in found["stands"]}


async def test_a_plan_begins_empty_in_a_hall_of_usual_size(organiser: Person) -> None:
    event, first, _ = await fair(organiser)
    found = await organiser.asked("GET", f"events/{event}/plan")
    assert (found["version"], found["hall_width"], found["hall_depth"]) == (1, 20, 12)
    assert placed(found) == {"b3": (None, None), "a12": (None, None)}
    one = next(one for one in found["stands"] if one["stand_id"] == first)
    assert (one["width"], one["depth"], one["turned"]) == (3, 2, False)


async def test_stands_are_placed_and_taken_off_and_no_fact_tells_of_it(village: Village, organiser: Person) -> None:
    event, first, second = await fair(organiser)
    said = await village.outbox()
    path = f"events/{event}/plan"
    large = {"stand_id": second, "x": 10, "y": 4.5, "width": 6, "depth": 2.5, "turned": True}
    body = {"hall_width": 30, "hall_depth": 15.5, "stands": [{"stand_id": first, "x": 0, "y": 1.5}, large]}
    found = await organiser.asked("PUT", path, body)
    assert (found["version"], found["hall_width"], found["hall_depth"]) == (2, 30, 15.5)
    assert placed(found) == {"a12": (0, 1.5), "b3": (10, 4.5)}
    assert {name: found["stands"][0][name] for name in large} == large
    assert (await organiser.asked("PUT", path, body))["version"] == 2, "what stays the same is no other version"
    found = await organiser.asked("PUT", path, plan((first, 1, 1)))
    assert placed(found) == {"a12": (1, 1), "b3": (None, None)}, "who is not named is not on the plan"
    assert (found["stands"][0]["width"], found["stands"][0]["turned"]) == (6, True), "and keeps its size"
    assert await village.outbox() == said
    whole = await organiser.asked("GET", f"events/{event}")
    assert (whole["version"], [one["version"] for one in whole["stands"]]) == (1, [1, 1])


async def test_two_stands_change_places_in_one_go(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    path = f"events/{event}/plan"
    await organiser.asked("PUT", path, plan((first, 0, 0), (second, 3, 0)))
    assert placed(await organiser.asked("PUT", path, plan((first, 3, 0), (second, 0, 0))))["a12"] == (3, 0)


async def test_stands_in_each_other_s_place_are_refused_by_name(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    answer = await organiser.api("PUT", f"events/{event}/plan", plan((first, 0, 0), (second, 2.5, 1)))
    (error,) = (await answer.json())["errors"]
    assert (answer.status, error["code"], error["field"]) == (422, "overlap", "stands.1.x")
    assert "A12 Møt oss" in error["detail"] and "B3 Jobb og bolig" in error["detail"]
    answer = await organiser.api("PUT", f"events/{event}/plan", plan((first, 17.5, 0)))
    (error,) = (await answer.json())["errors"]
    assert (error["code"], error["field"]) == ("outside-hall", "stands.0.x")
    assert "A12 Møt oss" in error["detail"]
    assert (await organiser.asked("GET", f"events/{event}/plan"))["version"] == 1


async def test_of_two_organisers_at_one_plan_the_slower_is_told(village: Village, organiser: Person) -> None:
    event, first, second = await fair(organiser)
    other = await village.person("blest", Role.ORGANISER)
    path = f"events/{event}/plan"
    bodies = plan((first, 1, 1), version=1), plan((second, 8, 1), version=1)
    answers = await asyncio.gather(
        *(person.api("PUT", path, body) for person, body in zip((organiser, other), bodies, strict=True))
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    slower = next(answer for answer in answers if answer.status == 409)
    assert (await slower.json())["code"] == "changed-meanwhile"
    assert (await organiser.asked("GET", path))["version"] == 2


async def test_who_edits_the_event_or_a_stand_is_not_in_the_plan_s_way(organiser: Person) -> None:
    event, first, _ = await fair(organiser)
    await organiser.asked("PUT", f"events/{event}/plan", plan((first, 1, 1), version=1))
    await organiser.asked("PUT", f"events/{event}", described(venue_name="Kaia", version=1))
    await organiser.asked("PUT", f"stands/{first}", {**STAND, "exhibitor": "Ytterhav", "version": 1})
    found = await organiser.asked("PUT", f"events/{event}/plan", plan((first, 2, 1), version=2))
    assert placed(found)["a12"] == (2, 1)


async def test_a_stand_that_was_taken_away_leaves_its_floor_to_others(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    path = f"events/{event}/plan"
    await organiser.asked("PUT", path, plan((first, 1, 1)))
    await organiser.asked("DELETE", f"stands/{first}", status=204)
    answer = await organiser.api("PUT", path, plan((first, 1, 1), (second, 8, 1)))
    assert [one["code"] for one in (await answer.json())["errors"]] == ["unknown-stand"]
    assert placed(await organiser.asked("PUT", path, plan((second, 1, 1)))) == {"b3": (1, 1)}


async def test_a_stand_of_another_event_is_not_placed(organiser: Person) -> None:
    event, _, _ = await fair(organiser)
    _, stand, _ = await published(organiser)
    answer = await organiser.api("PUT", f"events/{event}/plan", plan((stand["stand_id"], 1, 1)))
    assert (answer.status, [one["field"] for one in (await answer.json())["errors"]]) == (422, ["stands"])


async def test_a_cancelled_event_keeps_its_plan(organiser: Person) -> None:
    event, first, _ = await fair(organiser)
    await organiser.asked("POST", f"events/{event}/cancel", {"reasons": {"nb": "Ferja går ikke."}})
    assert (await organiser.api("PUT", f"events/{event}/plan", plan((first, 1, 1)))).status == 409


async def test_everybody_of_the_programme_reads_a_plan_and_organisers_save_it(
    village: Village, organiser: Person
) -> None:
    event, first, _ = await fair(organiser)
    for role in Role:
        person = await village.person("blest", role)
        may = role in {Role.OWNER, Role.ORGANISER}
        assert (await person.api("GET", f"events/{event}/plan")).status == 200
        saved = await person.api("PUT", f"events/{event}/plan", plan((first, 1, 1)))
        assert saved.status == (200 if may else 403), role
    neighbour = await village.person("fjord", Role.OWNER)
    assert (await neighbour.api("GET", f"events/{event}/plan")).status == 404
    assert (await neighbour.api("PUT", f"events/{event}/plan", plan())).status == 404
    assert (await Person(village.client, "blest", {}).api("PUT", f"events/{event}/plan", plan())).status == 401


async def test_a_copy_has_the_same_plan(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    body = plan((first, 1, 1), hall_width=30)
    body["stands"].append({"stand_id": second, "width": 5, "turned": True})
    told = await organiser.asked("PUT", f"events/{event}/plan", body)
    copy = await organiser.asked("POST", f"events/{event}/copies", {"starts_at": "2026-07-04T10:00"}, 201)
    dates = {"starts_at": "2026-10-17T10:00", "every": "week", "times": 2}
    series = await organiser.asked("POST", f"events/{event}/series", dates, 201)
    for one in (copy, *series["events"]):
        found = await organiser.asked("GET", f"events/{one['event_id']}/plan")
        assert (found["hall_width"], found["hall_depth"], placed(found)) == (30, 12, placed(told))
        assert [(line["width"], line["turned"]) for line in found["stands"]] == [(5, True), (3, False)]
        assert {line["stand_id"] for line in found["stands"]}.isdisjoint({first, second})


async def test_the_table_refuses_stands_in_each_other_s_place_and_half_a_place(
    village: Village, organiser: Person
) -> None:
    """The walls behind the rules, by statements that go around them."""
    event, first, second = await fair(organiser)
    await organiser.asked("PUT", f"events/{event}/plan", plan((first, 0, 0), (second, 3, 0)))
    put = "UPDATE stands SET {} WHERE stand_id = $1"
    for change, wall in (
        ("x = 2.5", asyncpg.ExclusionViolationError),
        ("y = NULL", asyncpg.CheckViolationError),
        ("x = 3.2", asyncpg.CheckViolationError),
        ("x = 'NaN'", asyncpg.CheckViolationError),
        ("width = 0", asyncpg.CheckViolationError),
        ("depth = 50.5", asyncpg.CheckViolationError),
    ):
        with pytest.raises(wall):
            async with village.transaction() as tx:
                await tx.connection.execute(put.format(change), second)
    with pytest.raises(asyncpg.CheckViolationError):
        async with village.transaction() as tx:
            await tx.connection.execute("UPDATE events SET hall_width = 1 WHERE event_id = $1", event)
