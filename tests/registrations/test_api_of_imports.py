"""Lists of people brought in by API: rehearsed, carried out once, shown as it was done."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from registrations.api import imports
from registrations.imports import carrying
from tests.registrations.desks import Desk
from tests.registrations.lists import encoded
from tests.registrations.test_api import ask, fair
from tests.registrations.test_api_of_places import EVENT, signed_in


async def test_a_list_is_rehearsed_then_carried_out_once(desk: Desk) -> None:
    person = await signed_in(desk)
    _, (slot,) = await fair(desk, 1)
    rows = [["Name", "E-mail"], ["Anna", "anna@example.org"], ["Bram", "bram@example.org"], ["Carl", "nobody"]]
    status, tried = await ask(desk, "POST", f"{EVENT}/imports", {"file": encoded(*rows)}, person=person)
    assert status == 201, tried
    assert [row["fate"] for row in tried["rows"]] == ["booked", "refused", "wrong"]
    assert (tried["done"], tried["columns"], tried["rows"][2]["field"]) == (False, {"name": 0, "email": 1}, "email")
    assert await desk.world.rows("SELECT 1 FROM bookings") == []
    path = f"{EVENT}/imports/{tried['import_id']}"
    assert (await ask(desk, "GET", path))[0] == 404, "not done yet"
    choice = {"wait": True, "place": str(slot.slot_id)}
    answers = [await ask(desk, "POST", path, choice, person=person) for _ in range(2)]
    assert [row["fate"] for row in answers[0][1]["rows"]] == ["booked", "waiting", "wrong"]
    assert answers[1][1]["done"] and len(await desk.world.rows("SELECT 1 FROM bookings")) == 2
    _, done = await ask(desk, "GET", path)
    assert done["counts"] == {"booked": 1, "waiting": 1, "wrong": 1} and "Anna" not in str(done)


async def test_a_list_that_another_carries_out_just_now_is_shown_as_it_was_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await signed_in(desk)
    await fair(desk, 1)
    body = {"file": encoded(["Name", "E-mail"], ["Anna", "anna@example.org"])}
    _, tried = await ask(desk, "POST", f"{EVENT}/imports", body, person=person)
    path, found = f"{EVENT}/imports/{tried['import_id']}", imports.draft_of
    others: list[tuple[int, Any]] = []

    async def after_another(*asked: Any) -> Any:
        if not others:
            others.append((0, None))
            others.append(await ask(desk, "POST", path, {}, person=person))
        return await found(*asked)

    monkeypatch.setattr(imports, "draft_of", after_another)
    status, done = await ask(desk, "POST", path, {}, person=person)
    assert others[1][0] == 200
    assert (status, done["done"], [row["fate"] for row in done["rows"]]) == (200, True, ["booked"])
    assert len(await desk.world.rows("SELECT 1 FROM bookings")) == 1


async def test_of_two_who_carry_a_list_out_at_once_either_tells_what_came_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await signed_in(desk)
    await fair(desk, 1)
    body = {"file": encoded(["Name", "E-mail"], ["Anna", "anna@example.org"], ["Bram", "bram@example.org"])}
    carry_out = carrying.carry_out

    async def behind_another(*asked: Any) -> Any:
        await carry_out(*asked)  # which then dies, or is slower to write it down
        return await carry_out(*asked)

    monkeypatch.setattr(carrying, "carry_out", behind_another)
    _, tried = await ask(desk, "POST", f"{EVENT}/imports", body, person=person)
    path = f"{EVENT}/imports/{tried['import_id']}"
    _, done = await ask(desk, "POST", path, {"wait": True}, person=person)
    assert [row["fate"] for row in done["rows"]] == ["booked", "waiting"]
    desk.world.clock.move(timedelta(minutes=1))
    _, later = await ask(desk, "POST", f"{EVENT}/imports", body, person=person)
    _, done = await ask(desk, "POST", f"{EVENT}/imports/{later['import_id']}", {"wait": True}, person=person)
    assert [row["fate"] for row in done["rows"]] == ["again", "again"], "the same file once more"


async def test_a_list_that_cannot_be_taken_says_why_and_is_not_kept(desk: Desk) -> None:
    person = await signed_in(desk)
    await fair(desk, 1)
    good = encoded(["Name", "E-mail"], ["Anna", "anna@example.org"])
    for body, field in (
        ({"file": "not base64!"}, "file"),
        ({"file": ""}, "file"),
        ({"file": base64.b64encode(b"\xd0\xcf\x11\xe0").decode()}, "file"),
        ({"file": good, "columns": {"shoe_size": 1}}, "columns"),
        ({"file": good, "columns": {"name": 0}}, "columns"),
        ({"file": good, "place": str(uuid4())}, "place"),
        ({"file": good, "language": "xx"}, "language"),
    ):
        status, wrong = await ask(desk, "POST", f"{EVENT}/imports", body, person=person)
        assert (status, [one["field"] for one in wrong["errors"]]) == (422, [field]), body
    assert await desk.world.rows("SELECT 1 FROM import_drafts") == []
    assert (await ask(desk, "POST", f"{EVENT}/imports/{uuid4()}", {}, person=person))[0] == 404


async def test_of_several_places_a_program_says_which(desk: Desk) -> None:
    person = await signed_in(desk)
    _, (_, second) = await fair(desk, 1, 1)
    body = {"file": encoded(["Name", "E-mail"], ["Anna", "anna@example.org"])}
    status, wrong = await ask(desk, "POST", f"{EVENT}/imports", body, person=person)
    assert (status, [one["field"] for one in wrong["errors"]]) == (422, ["place"])
    assert await desk.world.rows("SELECT 1 FROM import_drafts") == []
    said = {**body, "place": str(second.slot_id)}
    status, tried = await ask(desk, "POST", f"{EVENT}/imports", said, person=person)
    assert (status, [row["fate"] for row in tried["rows"]]) == (201, ["booked"])
