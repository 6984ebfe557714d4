"""What was read of a file, whatever kind it was: a header and rows of text, cut to what anybody could mean.

Limits are judged while reading, so that a file which unpacks to a thousand times its size is given up in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.pages.languages import msgid

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 100
LONGEST_CELL = 1_000
"""Characters kept of a cell: more than any field takes, so that what is cut is wrong all the same."""

SHEETS_BEGAN = datetime(1899, 12, 30)  # noqa: DTZ001 - sheets count days of no zone: it is whoever wrote them who has one
"""Day 0 of a spreadsheet: its dates and times are days since then."""


class Unreadable(Exception):
    """A file that cannot be imported; `sentence` says what to do, translated where it is shown."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values


TOO_MANY_ROWS = msgid("The file has more than {most} rows. Divide it into several.")
TOO_MANY_COLUMNS = msgid("The file has more than {most} columns. Leave out what is not needed.")
EMPTY = msgid("The file has no rows below a line of column names.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The names of columns, and (number in the file, cells) for each row that holds anything."""

    header: list[str]
    rows: list[tuple[int, list[str]]]


def gathered(lines: Iterable[tuple[int, Sequence[str]]]) -> Sheet:
    """The first line that holds anything as the header, the others as rows. Raises `Unreadable`."""
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    for number, line in lines:
        cells = [cell.replace("\x00", "")[:LONGEST_CELL].strip() for cell in line]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(TOO_MANY_COLUMNS, most=MOST_COLUMNS)
        if not header:
            header = cells
            continue
        if len(rows) == MOST_ROWS:
            raise Unreadable(TOO_MANY_ROWS, most=MOST_ROWS)
        rows.append((number, cells))
    if not rows:
        raise Unreadable(EMPTY)
    return Sheet(header, rows)
