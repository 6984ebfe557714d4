"""Files as people have them: every encoding and delimiter, spreadsheets, and what is none or wants to do harm."""

from __future__ import annotations

import pytest

from registrations.imports.files import read
from registrations.imports.mapping import consent_columns, guessed
from registrations.imports.sheets import LONGEST_CELL, MOST_ROWS, Unreadable
from registrations.imports.texts import delimiter_of
from tests.registrations.lists import csv_of, inline, sheet_of, xlsx_of

HEADER = ("Navn", "E-post", "Bosted")
ROWS = (("Åse Ærlig", "aase@example.org", "Tromsø"), ("Bo", "bo@example.org", "Den Haag"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    sheet = read(csv_of(HEADER, *ROWS, delimiter=delimiter, encoding=encoding))
    assert sheet.header == list(HEADER)
    assert sheet.rows == [(2, list(ROWS[0])), (3, list(ROWS[1]))]


def test_excels_own_line_names_the_delimiter() -> None:
    sheet = read(b"sep=|\r\nname|email\r\nA,B;C|a@example.org\r\n")
    assert (sheet.header, sheet.rows) == (["name", "email"], [(3, ["A,B;C", "a@example.org"])])


def test_rows_are_numbered_as_in_the_file_whatever_is_empty_or_goes_over_lines() -> None:
    sheet = read(b'\nname,email\n\n"A\nB",a@example.org\n,,\nC,c@example.org')
    assert [number for number, _ in sheet.rows] == [4, 7]


def test_a_comma_in_a_name_does_not_decide_the_delimiter() -> None:
    assert delimiter_of("name;email\nBerg, Anna;a@example.org\nDahl;d@example.org") == ";"


def test_xlsx_is_read_with_its_numbers_and_gaps() -> None:
    sheet = read(xlsx_of(("Name", "E-mail", "Adults"), ("Anna", "", 3), (), ("=1+1", "b@example.org", 2.5)))
    assert sheet.header == ["Name", "E-mail", "Adults"]
    assert sheet.rows[0] == (2, ["Anna", "", "3"])
    assert sheet.rows[1][0] == 4 and sheet.rows[1][1][1:] == ["b@example.org", "2.5"]


def test_strings_in_the_cells_themselves_are_read_too() -> None:
    assert read(sheet_of(inline(HEADER, *ROWS))).rows[0] == (2, list(ROWS[0]))


def test_a_string_in_several_styles_is_one_and_its_reading_aid_is_none() -> None:
    strings = "<sst><si><r><t>An</t></r><r><t>na</t></r><rPh><t>anna</t></rPh></si></sst>"
    cells = '<row><c t="inlineStr"><is><t>Name</t></is></c></row><row><c t="s"><v>0</v></c><c t="s"><v>9</v></c></row>'
    sheet = read(sheet_of(f"<worksheet><sheetData>{cells}</sheetData></worksheet>", sharedStrings=strings))
    assert sheet.rows == [(2, ["Anna"])]


def test_a_cell_is_cut_to_more_than_any_field_takes() -> None:
    for data in (csv_of(("name",), ("x" * 100_000,)), xlsx_of(("name",), ("x" * 32_000,))):
        assert [len(cell) for cell in read(data).rows[0][1]] == [LONGEST_CELL]


BOMB = "<worksheet><sheetData><row><c><v>" + "1" * 200_000_000 + "</v></c></row></sheetData></worksheet>"
FAR = '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet><sheetData/></worksheet>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no rows"),
        (b"name,email\n", "no rows"),
        (b"PK\x03\x04 and then nothing", "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old one", "not a spreadsheet"),
        (xlsx_of(("a",), ("b",))[:-200], "not a spreadsheet"),
        (b'name,email\n"' + b"x" * 200_000, "Line"),
        (csv_of(("name",), *(("x",) for _ in range(MOST_ROWS + 1))), "more than"),
        (csv_of(tuple(f"c{n}" for n in range(101)), ("x",)), "columns"),
        (sheet_of(FAR), "columns"),
        (sheet_of(LAUGHS), "not a spreadsheet"),
        (sheet_of("<worksheet><sheetData>"), "no rows"),
        (sheet_of('<worksheet><sheetData><row r="x"/></sheetData></worksheet>'), "not a spreadsheet"),
    ],
    ids=[
        "empty", "header alone", "no archive", "old excel", "cut off", "quote", "rows", "columns", "far", "entities",
        "unfinished", "row that is none",
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(data)


def test_an_archive_that_unpacks_to_gigabytes_is_given_up_in_time() -> None:
    data = sheet_of(BOMB)
    assert len(data) < 300_000
    with pytest.raises(Unreadable, match="unpacks"):
        read(data)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["Navn", "E-post", "Språk", "Voksne"], {"name": 0, "email": 1, "language": 2, "adults": 3}),
        (["Førenamn", "Etternamn", "E-postadresse"], {"given_name": 0, "family_name": 1, "email": 2}),
        (["Email", "Children 0–2", "FULL NAME", "?"], {"email": 0, "children_0_2": 1, "name": 2}),
        (["Naam", "E-mailadres", "Woonplaats", "Taal"], {"name": 0, "email": 1, "lives_in": 2, "language": 3}),
        (["name", "email", "starts_at", "stand"], {"name": 0, "email": 1, "starts_at": 2, "stand": 3}),
        (["Navn", "Navn"], {"name": 0}),
        (["Samtykke", "x"], {}),
    ],
)
def test_columns_are_guessed_from_their_names(header: list[str], found: dict[str, int]) -> None:
    assert guessed(header) == found


def test_a_consent_is_seen_and_never_taken() -> None:
    assert consent_columns(["Name", "Samtykke til nyhetsbrev", "Consent given"]) == [
        "Samtykke til nyhetsbrev",
        "Consent given",
    ]
