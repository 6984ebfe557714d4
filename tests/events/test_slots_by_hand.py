"""Slots adjusted by hand: moved, longer, at another table, one more; several at once; right across daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.routes import Role
from tests.events.conftest import RULE, STAND, Person, Village, described, published
from tests.events.test_console_pages import LIST, errors, sent

NIGHT = {"starts_at": "2026-10-24T20:00", "ends_at": "2026-10-25T08:00"}  # clocks go back at 03:00


async def fields(answer: Any) -> list[str]:
    return [one["field"] for one in (await answer.json())["errors"]]


@pytest.fixture
async def night(organiser: Person) -> dict[str, Any]:
    """A stand at an event over the night in which clocks go back."""
    event = await organiser.asked("POST", "events", described(**NIGHT), 201)
    return dict(await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201), event=event)


async def test_a_slot_is_moved_made_longer_and_set_at_another_table(village: Village, organiser: Person) -> None:
    _, _, slots = await published(organiser)
    path = f"slots/{slots[3]['slot_id']}"  # the last of the first day: 11:30
    longer = await organiser.asked("PUT", path, {"starts_at": "2026-06-06T11:30", "ends_at": "2026-06-06T12:45"})
    assert (longer["ends_at"], longer["version"]) == ("2026-06-06T10:45:00Z", 2)
    onto = {"starts_at": "2026-06-06T10:00", "ends_at": "2026-06-06T10:30"}
    answer = await organiser.api("PUT", path, onto)
    assert (answer.status, await fields(answer)) == (422, ["starts_at"])
    beside = await organiser.asked("PUT", path, {**onto, "desk": 2})
    assert (beside["desk"], beside["version"]) == (2, 3)
    assert (await village.outbox())[-1][2]["desk"] == 2
    same = await organiser.asked("PUT", path, onto)
    assert (same["desk"], same["version"]) == (2, 3), "without a table it stays where it is"


async def test_a_slot_under_way_may_end_later_but_not_begin_anew(village: Village, organiser: Person) -> None:
    _, _, slots = await published(organiser)
    village.clock.move_to(datetime(2026, 6, 7, 9, 40, tzinfo=UTC))
    organiser = await village.person("blest", Role.ORGANISER)
    path = f"slots/{slots[7]['slot_id']}"  # 11:30 to 12:00 in Oslo, so it has begun
    answer = await organiser.api("PUT", path, {"starts_at": "2026-06-07T11:35", "ends_at": "2026-06-07T12:30"})
    assert (answer.status, await fields(answer)) == (422, ["starts_at"])
    answer = await organiser.api("PUT", path, {"starts_at": "2026-06-07T11:30", "ends_at": "2026-06-07T11:40"})
    assert (answer.status, await fields(answer)) == (422, ["ends_at"])
    longer = await organiser.asked("PUT", path, {"starts_at": "2026-06-07T11:30", "ends_at": "2026-06-07T12:30"})
    assert longer["ends_at"] == "2026-06-07T10:30:00Z"


async def test_one_more_slot_is_opened_with_its_first_capacity(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    more = {"starts_at": "2026-06-06T12:00", "ends_at": "2026-06-06T12:20", "capacity": 4, "unit": "persons"}
    made = await organiser.asked("POST", f"stands/{stand['stand_id']}/slots/one", more, 201)
    subject, _, told = (await village.outbox())[-1]
    assert (subject, told["slot_id"], told["first_capacity"]) == (
        "events.slot.opened.v1", made["slot_id"], {"amount": 4, "unit": "persons"},
    )  # fmt: skip


async def test_it_refuses_one_more_slot_with_bad_fields(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    said = await village.outbox()
    more = {"starts_at": "2026-06-06T12:00", "ends_at": "2026-06-06T12:20"}
    for name, change, field in (
        ("no start", {"starts_at": None}, "starts_at"),
        ("no end", {"ends_at": ""}, "ends_at"),
        ("the end first", {"ends_at": "2026-06-06T11:00"}, "ends_at"),
        ("before the event", {"starts_at": "2026-06-06T09:00"}, "starts_at"),
        ("after the event", {"ends_at": "2026-06-07T16:01"}, "ends_at"),
        ("onto another", {"starts_at": "2026-06-06T11:59"}, "starts_at"),
        ("no table", {"desk": 0}, "desk"),
        ("a table too many", {"desk": 21}, "desk"),
        ("a negative capacity", {"capacity": -1}, "capacity"),
        ("a unit that is none", {"unit": "boats"}, "unit"),
    ):
        answer = await organiser.api("POST", f"stands/{stand['stand_id']}/slots/one", {**more, **change})
        assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == said


async def test_a_time_that_comes_twice_is_asked_about(organiser: Person, night: dict[str, Any]) -> None:
    path = f"stands/{night['stand_id']}/slots/one"
    twice = {"starts_at": "2026-10-25T02:30", "ends_at": "2026-10-25T04:00"}
    answer = await organiser.api("POST", path, twice)
    assert (answer.status, await fields(answer)) == (422, ["starts_turn"])
    second = await organiser.asked("POST", path, {**twice, "starts_turn": "second"}, 201)
    assert (second["starts_at"], second["ends_at"]) == ("2026-10-25T01:30:00Z", "2026-10-25T03:00:00Z")
    first = await organiser.asked(
        "POST", path, {**twice, "starts_turn": "first", "ends_at": "2026-10-25T02:30", "ends_turn": "second"}, 201
    )
    assert (first["starts_at"], first["ends_at"]) == ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"), (
        "an hour between half past two and half past two"
    )
    offset = {"starts_at": "2026-10-25T02:30+02:00", "ends_at": "2026-10-25T02:40+02:00", "desk": 2}
    said = await organiser.asked("POST", path, offset, 201)
    assert said["starts_at"] == "2026-10-25T00:30:00Z", "an offset says which"


async def test_the_form_asks_which_of_the_two_and_remembers(organiser: Person, night: dict[str, Any]) -> None:
    stands = f"{LIST}/{night['event']['event_id']}/stands"
    one = f"{stands}/{night['stand_id']}/slots/one"
    filled = {
        "starts_at": "2026-10-25T02:15", "ends_at": "2026-10-25T04:00", "desk": "1", "capacity": "1",
        "unit": "households",
    }  # fmt: skip
    answer = await organiser.send(one, filled)
    page = await answer.text()
    assert (answer.status, errors(page)) == (422, ["starts_turn"]) and 'name="starts_turn"' in page
    await sent(organiser, one, {**filled, "starts_turn": "second"})
    (slot,) = (await organiser.asked("GET", f"events/{night['event']['event_id']}"))["slots"]
    assert slot["starts_at"] == "2026-10-25T01:15:00Z"
    page = await organiser.page(f"{stands}/slots/{slot['slot_id']}/move")
    assert '<option value="second" selected>' in page and 'value="2026-10-25T02:15"' in page
    # Sent back as it is, nothing moves.
    again = {"version": "1", **{name: filled[name] for name in ("starts_at", "ends_at", "desk")}}
    await sent(organiser, f"{stands}/slots/{slot['slot_id']}/move", {**again, "starts_turn": "second"})
    (slot,) = (await organiser.asked("GET", f"events/{night['event']['event_id']}"))["slots"]
    assert slot["version"] == 1


async def test_an_event_by_day_asks_nothing_about_clocks(organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    page = await organiser.page(f"{LIST}/{event['event_id']}/stands/{stand['stand_id']}/slots/one")
    assert "starts_turn" not in page


async def test_all_slots_of_a_stand_shift_in_real_time(village: Village, organiser: Person) -> None:
    event, stand, slots = await published(organiser)
    path = f"stands/{stand['stand_id']}/slots/shift"
    planned = await organiser.asked("POST", path, {"minutes": 30}, preview="true")
    assert [one["starts_at"] for one in planned["planned"]][:2] == ["2026-06-06T08:30:00Z", "2026-06-06T09:00:00Z"]
    assert (await organiser.asked("GET", f"events/{event['event_id']}"))["slots"][0]["version"] == 1
    moved = await organiser.asked("POST", path, {"minutes": 30, "version": 8})
    assert [one["starts_at"] for one in moved["slots"]] == [one["starts_at"] for one in planned["planned"]]
    assert [subject for subject, _, _ in (await village.outbox())[-8:]] == ["events.slot.moved.v1"] * 8
    answer = await organiser.api("POST", path, {"minutes": 30, "version": 8})
    assert (answer.status, (await answer.json())["code"]) == (409, "changed-meanwhile"), "a double click shifts once"
    second = await organiser.asked("POST", path, {"minutes": -15, "since": "2026-06-07T00:00"})
    assert [one["slot_id"] for one in second["slots"]] == [one["slot_id"] for one in slots[4:]]
    assert second["slots"][0]["starts_at"] == "2026-06-07T08:15:00Z"


async def test_it_refuses_a_shift_that_cannot_be(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    said = await village.outbox()
    for name, body, field in (
        ("no minutes", {}, "minutes"),
        ("by nothing", {"minutes": 0}, "minutes"),
        ("by words", {"minutes": "soon"}, "minutes"),
        ("by more than a day", {"minutes": 1441}, "minutes"),
        ("to before the event", {"minutes": -30}, "minutes"),
        ("to after the event", {"minutes": 300}, "minutes"),
        ("onto those that stay", {"minutes": -30, "since": "2026-06-06T10:30"}, "minutes"),
        ("none that late", {"minutes": 5, "since": "2026-06-07T15:00"}, "since"),
        ("a moment that is none", {"minutes": 5, "since": "later"}, "since"),
    ):
        answer = await organiser.api("POST", f"stands/{stand['stand_id']}/slots/shift", body)
        assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == said


async def test_a_range_of_slots_is_closed(village: Village, organiser: Person) -> None:
    event, stand, slots = await published(organiser)
    path = f"stands/{stand['stand_id']}/slots/close"
    lunch = {"since": "2026-06-06T10:45", "until": "2026-06-06T11:30"}
    planned = await organiser.asked("POST", path, lunch, preview="true")
    assert [one["starts_at"] for one in planned["planned"]] == ["2026-06-06T08:30:00Z", "2026-06-06T09:00:00Z"]
    closed = await organiser.asked("POST", path, lunch)
    assert [one["slot_id"] for one in closed["slots"]] == [one["slot_id"] for one in slots[1:3]]
    assert [subject for subject, _, _ in (await village.outbox())[-2:]] == ["events.slot.closed.v1"] * 2
    assert len((await organiser.asked("GET", f"events/{event['event_id']}"))["slots"]) == 6
    said = await village.outbox()
    for name, body, field in (
        ("closed already", lunch, "since"),
        ("no beginning", {"until": "2026-06-06T11:30"}, "since"),
        ("no end", {"since": "2026-06-06T11:30"}, "until"),
        ("the end first", {"since": "2026-06-06T11:30", "until": "2026-06-06T11:00"}, "until"),
        ("an hour that clocks skip", {"since": "2027-03-28T02:30", "until": "2027-03-28T05:00"}, "since"),
    ):
        answer = await organiser.api("POST", path, body)
        assert (answer.status, await fields(answer)) == (422, [field]), name
    assert await village.outbox() == said


async def test_several_slots_change_by_form_after_a_look_at_them(village: Village, organiser: Person) -> None:
    event, stand, slots = await published(organiser)
    await village.fill(event["event_id"], slots[0]["slot_id"], 1, 1)
    path = f"{LIST}/{event['event_id']}/stands/{stand['stand_id']}/slots"
    assert 'name="version" value="8"' in await organiser.page(f"{path}/several")
    shift = {"version": "8", "minutes": "15"}
    said = await village.outbox()
    page = await (await organiser.send(f"{path}/shift", shift)).text()
    assert "10:15–10:45" in page and await village.outbox() == said
    await sent(organiser, f"{path}/shift", {**shift, "then": "do"})
    again = await organiser.send(f"{path}/shift", {**shift, "then": "do"})
    assert again.status == 422 and len(await village.outbox()) == len(said) + 8
    lunch = {"version": "16", "since": "2026-06-06T10:15", "until": "2026-06-06T10:45"}
    answer = await organiser.send(f"{path}/close", {**lunch, "until": ""})
    assert (answer.status, errors(await answer.text())) == (422, ["until"])
    assert (await organiser.send(f"{path}/close", lunch)).status == 200
    await sent(organiser, f"{path}/close", {**lunch, "then": "do"})
    assert (await village.outbox())[-1][2]["slot_id"] == slots[0]["slot_id"]


async def test_a_rule_makes_slots_beside_those_set_by_hand(organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    more = {"starts_at": "2026-06-06T12:00", "ends_at": "2026-06-06T12:20"}
    await organiser.asked("POST", f"stands/{stand['stand_id']}/slots/one", more, 201)
    assert len((await organiser.asked("POST", f"stands/{stand['stand_id']}/slots", RULE, 201))["slots"]) == 8
