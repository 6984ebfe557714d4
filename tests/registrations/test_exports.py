"""Attendees as a file: harmless, in the list's order, in constant memory, and written down."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from registrations.domain.applications import Person
from registrations.domain.consents import Purpose, wording
from registrations.domain.questions import Kind
from registrations.exports.cells import harmless
from registrations.exports.columns import COLUMNS, USUAL
from services.identity import audit
from services.pages.languages import translator
from services.routes import Role
from tests.registrations.asked import PHOTOS, ask_for, question
from tests.registrations.crowds import crowd
from tests.registrations.desks import OURS, Desk

PAGE = "/en/console/havlandet/attendees/fair/export"


async def fair(desk: Desk, *names: str) -> Any:
    event = desk.world.event("fair", households=99)
    await desk.world.programme()
    await desk.world.hear(event)
    for name in names:
        person = Person(name, f"{uuid4().hex[:8]}@example.org", "nl")
        await desk.world.decide(desk.world.household(event, person=person))
    return event


async def taken(desk: Desk, **chosen: Any) -> tuple[int, bytes, dict[str, str]]:
    """(status, body, headers) of the form filled in so."""
    address, fields = (await desk.get(PAGE)).form("/export")
    fields = {**fields, **{name: value if isinstance(value, list) else [value] for name, value in chosen.items()}}
    pairs = [(name, str(value)) for name, values in fields.items() for value in values]
    response = await desk.client.post(address, data=pairs, headers=OURS)
    return response.status, await response.read(), dict(response.headers)


def rows_of(body: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter))


# Cells ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1-2",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        " =1+1",
        "＝1",
        "-",
        "=",
        "+47=1",
        '=HYPERLINK("http://x")',
    ],
)
def test_what_a_spreadsheet_would_work_out_is_given_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ola", "+47 900 00 000", "+4790000000", "-4.5", "-12", "O'Hara", "a=b", "3-4"])
def test_names_telephone_numbers_and_negative_numbers_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


# The form -------------------------------------------------------------------------------------------------------------


async def test_the_form_has_the_usual_columns_ticked_and_marks_the_personal_ones(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    page = await desk.get(PAGE)
    _, fields = page.form("/export")
    assert fields["columns"] == list(USUAL)
    assert page.text.count(">Personal<") == sum(column.personal for column in COLUMNS.values()) > 2


@pytest.mark.parametrize(
    ("lang", "about"),
    [
        ("en", "about moving here"),
        ("nb", "om å flytte hit"),
        ("nn", "om å flytte hit"),
        ("nl", "over hierheen verhuizen"),
    ],
)
def test_the_column_of_a_consent_says_what_the_visitors_of_today_agree_to(lang: str, about: str) -> None:
    translate = translator(lang)
    assert about in translate(wording(Purpose.FOLLOW_UP)), "what visitors read"
    assert translate(COLUMNS["follow_up"].label).endswith(about)


async def test_a_choice_is_kept_by_its_link(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk)
    page = await desk.get(f"{PAGE}?state=waiting&q=ola&columns=code&columns=nonsense&columns=name&format=csv")
    _, fields = page.form("/export")
    assert (fields["state"], fields["q"]) == (["waiting"], ["ola"])
    assert (fields["columns"], fields["format"]) == (["name", "code"], ["csv"])
    assert "Keep it as a bookmark" in page.text


async def test_the_list_leads_to_its_export(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna")
    page = await desk.get("/en/console/havlandet/attendees/fair?state=coming&q=anna")
    (link,) = re.findall(r'href="([^"]+/export\?[^"]+)"', page.text)
    _, fields = (await desk.get(link.replace("&amp;", "&"))).form("/export")
    assert (fields["state"], fields["q"]) == (["coming"], ["anna"])


async def test_without_a_column_nothing_is_exported_and_nothing_written_down(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna")
    status, body, _ = await taken(desk, columns=[])
    assert status == 422 and b"Columns:" in body
    status, _, _ = await taken(desk, columns=["nonsense"])
    assert status == 422
    assert await desk.world.rows("SELECT id FROM exports") == []


async def test_only_organisers_may_take_people_out(desk: Desk) -> None:
    await desk.sign_in(Role.CHECK_IN, Role.STAND_HOST, Role.READER)
    await fair(desk, "Anna")
    assert (await desk.get(PAGE)).status == 403


# CSV ------------------------------------------------------------------------------------------------------------------


async def test_csv_is_that_of_the_rfc_in_the_order_of_the_list(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Åse Ås", "=cmd|' /C calc'!A0", 'Anna "Nan", Berg')
    status, body, headers = await taken(desk, format="csv", columns=["name", "adults", "starts_at"])
    assert status == 200
    assert headers["Content-Disposition"].startswith('attachment; filename="fair-coming-')
    assert headers["Content-Type"].startswith("text/csv") and headers["Cache-Control"] == "no-store"
    assert not body.startswith(b"\xef\xbb\xbf") and body.count(b"\r\n") == 4 and body.endswith(b"\r\n")
    assert b'"Anna ""Nan"", Berg",2026' in body
    assert rows_of(body) == [
        ["Name", "Begins", "Adults"],
        ['Anna "Nan", Berg', "2026-04-23 09:00", "2"],
        ["'=cmd|' /C calc'!A0", "2026-04-23 09:00", "2"],
        ["Åse Ås", "2026-04-23 09:00", "2"],
    ]


async def test_excel_gets_a_byte_order_mark_and_semicolons(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Åse")
    _, body, _ = await taken(desk, format="csv-excel", columns=["name", "adults"])
    assert body.startswith("\ufeffName;Adults\r\n".encode())
    assert rows_of(body, ";")[1] == ["Åse", "2"]


async def test_state_and_search_narrow_as_in_the_list(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk, "Anna Berg", "Anna Dahl", "Bo")
    await desk.world.hear(event)
    rows = await desk.world.rows("SELECT booking_id FROM people.households WHERE name = 'Anna Dahl'")
    await desk.world.rows("UPDATE bookings SET status = 'attended' WHERE id = $1 RETURNING 1", rows[0]["booking_id"])
    for chosen, names in (
        ({"state": "coming", "q": "anna"}, ["Anna Berg"]),
        ({"state": "attended", "q": ""}, ["Anna Dahl"]),
        ({"state": "all", "q": ""}, ["Anna Berg", "Anna Dahl", "Bo"]),
        ({"state": "all", "q": "%"}, []),
    ):
        _, body, _ = await taken(desk, format="csv", columns=["name"], **chosen)
        assert [row[0] for row in rows_of(body)[1:]] == names, chosen


async def test_who_was_forgotten_is_a_row_without_a_name(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna", "Bo")
    await desk.world.rows("DELETE FROM people.households WHERE name = 'Anna' RETURNING 1")
    _, body, _ = await taken(desk, format="csv", columns=["name", "adults"])
    assert rows_of(body)[1:] == [["Bo", "2"], ["", "2"]]


# XLSX -----------------------------------------------------------------------------------------------------------------


async def test_xlsx_holds_text_as_text_and_numbers_as_numbers_and_leaves_no_file_behind(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    await desk.sign_in(Role.ORGANISER)
    await fair(desk, "=1+1")
    status, body, headers = await taken(desk, format="xlsx", columns=["name", "adults", "starts_at"])
    assert status == 200 and headers["Content-Disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<t>=1+1</t>" in sheet and "<v>2</v>" in sheet
    assert re.search(r'<c r="B2" s="\d+"><v>46135\.375</v>', sheet), "23 April 2026, nine o'clock in Amsterdam"
    assert [path for path in folder.iterdir() if path.name.startswith("blest-export-")] == []


# Answers --------------------------------------------------------------------------------------------------------------

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


# The log --------------------------------------------------------------------------------------------------------------


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


# By API ---------------------------------------------------------------------------------------------------------------


async def test_a_program_gets_codes_and_moments_in_utc(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    await fair(desk, "Anna")
    address = "/api/v1/programmes/havlandet/attendees/fair/exports"
    headers = {**OURS, "X-CSRF-Token": person.csrf}
    body = {"columns": ["name", "status", "starts_at", "walk_in"], "state": ["confirmed"], "format": "csv"}
    response = await desk.client.post(address, json=body, headers=headers)
    assert response.status == 200
    assert rows_of(await response.read()) == [
        ["name", "status", "starts_at", "walk_in"],
        ["Anna", "confirmed", "2026-04-23T07:00:00+00:00", "false"],
    ]
    wrong = await desk.client.post(address, json={"columns": ["nonsense"]}, headers=headers)
    assert wrong.status == 422 and "booking_id" in await wrong.text()


# At scale -------------------------------------------------------------------------------------------------------------


@pytest.mark.all
@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_twenty_thousand_rows_take_no_more_memory_than_two_thousand(
    desk: Desk, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sign_in(Role.ORGANISER)
    few, many = await crowd(desk.world, 2_000, "few"), await crowd(desk.world, 20_000, "fair", begin=2_001)
    assert few.event_id != many.event_id
    peaks = []
    for slug in ("few", "few", "fair"):
        address, fields = (await desk.get(PAGE.replace("fair", slug))).form("/export")
        chosen = {**fields, "columns": list(COLUMNS), "format": [format], "state": ["all"]}
        pairs = [(name, str(value)) for name, values in chosen.items() for value in values]
        tracemalloc.start()
        async with desk.client.post(address, data=pairs, headers=OURS) as response:
            assert response.status == 200
            length = 0
            async for chunk in response.content.iter_chunked(64 * 1024):
                length += len(chunk)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    _, small, large = peaks
    print(f"{format}: {length / 1e6:.1f} MB file, peak {small / 1e6:.2f} MB for 2,000, {large / 1e6:.2f} MB for 20,000")
    assert large < 1.3 * small + 1_000_000
    (line,) = await desk.world.rows("SELECT rows, whole FROM exports WHERE event_id = $1", many.event_id)
    assert (line["rows"], line["whole"]) == (20_000, True)
