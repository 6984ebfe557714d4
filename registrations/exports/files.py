"""The files themselves, written row by row. Neither grows in memory with the number of its rows.

CSV is that of RFC 4180 in UTF-8: commas, CRLF, quotes where needed. Excel in Norwegian and Dutch opens such a file in
one column and as Windows-1252; for it there is the same with semicolons behind a byte order mark.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import xlsxwriter

from registrations.exports.cells import written
from registrations.exports.columns import Cell
from services.spreadsheets import BOM

MOST_XLSX_ROWS = 1_048_575
"""Below the header; ISO/IEC 29500 leaves it to Excel, and this is Excel's limit."""
WIDTHS = (10, 40)


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    CSV_EXCEL = "csv-excel"

    @property
    def content_type(self) -> str:
        if self is Format.XLSX:
            return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return "text/csv; charset=utf-8; header=present"

    @property
    def ending(self) -> str:
        return "xlsx" if self is Format.XLSX else "csv"


class CsvText:
    """Turns rows into the next bytes of a CSV file."""

    def __init__(self, format: Format, yes: str, no: str) -> None:
        self._answers = (yes, no, "," if format is Format.CSV_EXCEL else ".")
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, delimiter=";" if format is Format.CSV_EXCEL else ",")
        if format is Format.CSV_EXCEL:
            self._buffer.write(BOM)

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """The bytes of these rows, after those that came before."""
        self._writer.writerows([written(cell, *self._answers) for cell in row] for row in rows)
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text.encode()


class Workbook:
    """An XLSX file on disk. Every row is written out as the next one begins (XlsxWriter's constant_memory), to files in
    the folder of `path`. Text is written as text, so that nothing in it is a formula or a link."""

    def __init__(self, path: Path, sheet: str, header: Sequence[str], yes: str, no: str) -> None:
        self._answers = (yes, no)
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._sheet = self._book.add_worksheet(sheet)
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        bold = self._book.add_format({"bold": True})
        for column, label in enumerate(header):
            self._sheet.set_column(column, column, min(max(len(label) + 2, WIDTHS[0]), WIDTHS[1]))
            self._sheet.write_string(0, column, label, bold)
        self._sheet.freeze_panes(1, 0)
        self._next = 1

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows below those that are there."""
        for row in rows:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._next += 1

    def close(self) -> None:
        """Put the file together; it is there when this returns."""
        self._book.close()

    def _write(self, column: int, cell: Cell) -> None:
        match cell:
            case None | "":
                return
            case bool():
                self._sheet.write_string(self._next, column, self._answers[0] if cell else self._answers[1])
            case int() | float():
                self._sheet.write_number(self._next, column, cell)
            case datetime() if cell.tzinfo is None:
                self._sheet.write_datetime(self._next, column, cell, self._moment)
            case datetime():
                self._sheet.write_string(self._next, column, cell.isoformat(timespec="seconds"))
            case date():
                self._sheet.write_datetime(self._next, column, cell, self._day)
            case _:
                self._sheet.write_string(self._next, column, cell)
