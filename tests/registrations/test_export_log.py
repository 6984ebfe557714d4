"""Exports are written down: who took what, how far it has come, and what broke."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.identity import audit
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_exports import PAGE, fair, taken


async def test_every_export_is_written_down_and_shown(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    event = await fair(desk, "Anna", "Bo")
    await taken(desk, format="csv", columns=["name", "email"], q="anna", state="all")
    (line,) = await desk.world.rows("SELECT * FROM exports")
    assert (line["account_id"], line["event_id"], line["format"]) == (person.account_id, event.event_id, "csv")
    assert (line["columns"], line["searched"], line["expected"], line["rows"]) == (["name", "email"], True, 1, 1)
    assert line["whole"] and line["ended_at"] is not None
    page = await desk.get(PAGE)
    assert "Organiser" in page.text and "narrowed by a search" in page.text
    (again,) = re.findall(r'href="([^"]+)">Choose the same', page.text)
    _, fields = (await desk.get(again.replace("&amp;", "&"))).form("/export")
    assert (fields["columns"], fields["state"], fields["q"]) == (["name", "email"], ["all"], [""])
    audited = await _audit(desk)
    assert [(one["action"], one["details"]["rows"]) for one in audited] == [("attendees.exported", 1)]
    assert "anna" not in str(audited).lower()


async def _audit(desk: Desk) -> list[dict[str, Any]]:
    async with desk.running.contexts["identity"].database.transaction(None) as tx:
        found = await audit.listed(tx, desk.world.programme_id, 50)
    return [{"action": one.action, "details": one.details} for one in found if one.action.startswith("attendees.")]


async def test_the_log_can_neither_be_rewritten_nor_shortened(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna")
    await taken(desk, format="csv", columns=["name"])
    for statement in (
        "UPDATE exports SET rows = 0 RETURNING 1",
        "UPDATE exports SET columns = '{}' RETURNING 1",
        "DELETE FROM exports RETURNING 1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.world.rows(statement)


async def test_the_same_form_sent_twice_is_two_lines_in_the_log(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna")
    attempt = str(uuid4())
    for _ in range(2):
        await taken(desk, format="csv", columns=["name"], attempt=attempt)
    assert len(await desk.world.rows("SELECT id FROM exports WHERE whole")) == 2


async def test_one_sees_how_far_ones_own_export_has_come_and_nobody_elses(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna")
    attempt = str(uuid4())
    await taken(desk, format="csv", columns=["name"], attempt=attempt)
    response = await desk.client.get(f"{PAGE}/{attempt}")
    assert await response.json() == {"state": "done", "rows": 1, "expected": 1}
    assert (await desk.get(f"{PAGE}/{uuid4()}")).status == 404
    await desk.sign_in(Role.OWNER)
    assert (await desk.get(f"{PAGE}/{attempt}")).status == 404


async def test_what_breaks_on_the_way_is_written_down_as_broken_and_is_no_whole_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registrations.exports import sending
    from registrations.exports.files import CsvText

    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna", "Bo", "Cy")
    monkeypatch.setattr(sending, "AT_A_TIME", 1)
    add, seen = CsvText.add, [0]

    def failing(self: CsvText, rows: Any) -> bytes:
        seen[0] += 1
        if seen[0] == 3:
            raise RuntimeError("the disk is full")
        return add(self, rows)

    monkeypatch.setattr(CsvText, "add", failing)
    with pytest.raises(Exception, match=r"(?i)payload|disconnected|closed"):
        await taken(desk, format="csv", columns=["name"])
    (line,) = await desk.world.rows("SELECT rows, whole, ended_at FROM exports")
    assert (line["rows"], line["whole"]) == (1, False) and line["ended_at"] is not None
