"""CSV as people's programs write it: in whatever encoding, with whatever stands between the cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from registrations.imports.sheets import Unreadable
from services.pages.languages import msgid

DELIMITERS = ";,\t|"
LOOKED_AT = 20
"""Lines from which the delimiter is guessed."""
BROKEN = msgid("Line {line} cannot be read: a quotation mark is missing, or a cell is far too long.")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TOLD = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""Excel's own first line, which names the delimiter."""


def decoded(data: bytes) -> str:
    """The text: by its byte order mark, else as UTF-8 where it is, else as UTF-16 where every other byte of the
    beginning is nothing, else as Windows-1252, which takes anything."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    beginning = data[:400]
    for encoding, nothing in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[0::2])):
        if len(beginning) > 3 and nothing.count(0) > 0.7 * len(nothing):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """What divides the first lines into the same number of cells, the larger the better; a comma where nothing does."""
    lines = [line for line in text.splitlines()[:LOOKED_AT] if line.strip()]
    best = (0.0, ",")
    for one in DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=one)]
        except csv.Error:
            continue
        width = widths[0] if widths else 0
        if width > 1:
            agreeing = sum(found == width for found in widths) / len(widths)
            best = max(best, (agreeing * 100 + width, one), key=lambda found: found[0])
    return best[1]


def lines(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """(line in the file, cells) of each row; raises `Unreadable`."""
    text = decoded(data)
    told = _TOLD.match(text)
    text = text[told.end() :] if told else text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=told.group(1) if told else delimiter_of(text))
    before = 1 if told else 0
    number = before + 1
    try:
        for cells in reader:
            yield number, cells
            number = before + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(BROKEN, line=number) from error
