"""Answers as columns of an export, for people and for programs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from uuid import uuid4

from registrations.domain.applications import Person
from registrations.domain.questions import Kind
from services.routes import Role
from tests.registrations.asked import PHOTOS, ask_for, question
from tests.registrations.desks import OURS, Desk
from tests.registrations.test_exports import PAGE, fair, rows_of, taken

SIGHTS = question(Kind.CHOICES, "What would you see?", "farm", "harbour")
GARDEN = question(Kind.TEXT, "=What grows there?")
SIZE = question(Kind.NUMBER, "How large is it?")
ARRIVAL = question(Kind.DATE, "When?")
ASKED = (SIGHTS, GARDEN, SIZE, ARRIVAL, PHOTOS)
THEIRS = [f"answer:{one.id}" for one in ASKED]


async def answered(desk: Desk) -> None:
    """A fair that asks of everything, a household that answers it all and one that answers nothing."""
    event = await fair(desk)
    await ask_for(desk.world, event.event_id, *ASKED)
    said = {
        SIGHTS.id: ["harbour", "farm"],
        GARDEN.id: ["=1+1"],
        SIZE.id: ["12,5"],
        ARRIVAL.id: ["2027-05-12"],
        PHOTOS.id: ["1"],
    }
    for name, answers in (("Anna", said), ("Bo", {})):
        person = Person(name, f"{name}@example.org", "nl")
        family = desk.world.household(event, person=person, answers=answers, looking_for=("jobs", "farms"))
        await desk.world.decide(family)


async def test_each_question_is_a_column_with_harmless_answers(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await answered(desk)
    _, body, _ = await taken(desk, format="csv", columns=["name", "looking_for", *THEIRS])
    header = ["What would you see?", "'=What grows there?", "How large is it?", "When?", PHOTOS.labels["en"]]
    assert rows_of(body) == [
        ["Name", "Looks for", *header],
        ["Anna", "Jobs, Farms and land", "Farm, Harbour", "'=1+1", "12.5", "2027-05-12", "Yes"],
        ["Bo", "Jobs, Farms and land", "", "", "", "", ""],
    ]
    _, body, _ = await taken(desk, format="csv-excel", columns=THEIRS)
    assert rows_of(body, ";")[1][2] == "12,5", "12.5 would be the twelfth of May"
    _, body, _ = await taken(desk, format="xlsx", columns=THEIRS)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<t>=1+1</t>" in sheet and "<v>12.5</v>" in sheet
    assert re.search(r'<c r="D2" s="\d+"><v>46519</v>', sheet), "12 May 2027, as a day"
    page = await desk.get(PAGE)
    assert page.text.count("=What grows there?") > 2, "the log calls them by their words"
    rows = await desk.world.rows("SELECT columns FROM exports WHERE format = 'csv'")
    assert rows == [{"columns": ["name", "looking_for", *THEIRS]}]


async def test_programs_take_answers_in_codes_and_are_told_which_columns_there_are(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    await answered(desk)
    headers = {**OURS, "X-CSRF-Token": person.csrf}
    address = "/api/v1/programmes/havlandet/attendees/fair/exports"
    chosen = {"format": "csv", "columns": ["looking_for", *THEIRS]}
    async with desk.client.post(address, json=chosen, headers=headers) as response:
        assert response.status == 200
        rows = rows_of(await response.read())
    assert rows[1] == ["jobs, farms", "farm, harbour", "'=1+1", "12.5", "2027-05-12", "true"]
    chosen["columns"] = ["name", f"answer:{uuid4()}"]
    async with desk.client.post(address, json=chosen, headers=headers) as response:
        assert response.status == 422
        (wrong,) = (await response.json())["errors"]
    assert wrong["field"] == "columns" and THEIRS[0] in json.dumps(wrong)
