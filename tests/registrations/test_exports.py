"""Attendees as a file: harmless, in the list's order, and in constant memory."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from registrations.domain.applications import Person
from registrations.domain.consents import Purpose, wording
from registrations.exports.columns import COLUMNS, USUAL
from services.pages.languages import translator
from services.routes import Role
from services.spreadsheets import harmless, meant
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
    assert meant(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "Ola", "+47 900 00 000", "+4790000000", "-4.5", "-12", "O'Hara", "a=b", "3-4"])
def test_names_telephone_numbers_and_negative_numbers_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert meant(text) == text and meant(f"'{text}") == f"'{text}"


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
