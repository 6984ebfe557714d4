"""The first sheet of an XLSX file (ISO/IEC 29500-1, parts 18.2 to 18.4), as text, read as a stream.

Why not with a library: those there are unpack what the archive says it holds and lay a sheet out as wide and high as
its furthest cell, so that a kilobyte of file can ask for gigabytes. Here every limit is judged on the way: bytes
unpacked, rows, columns, characters in a cell. What is read is little: strings, numbers as they stand, the stored result
of a formula. XML that declares anything (a DOCTYPE, and with it entities) is refused; no spreadsheet writes one.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from xml.parsers import expat

from registrations.imports.sheets import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, TOO_MANY_COLUMNS, Unreadable
from services.pages.languages import msgid

MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes of all parts read together."""
MOST_STRINGS = 500_000
CHUNK = 64 * 1024
BROKEN = msgid("This is not a spreadsheet that can be read. Save it as XLSX or CSV and try again.")
TOO_LARGE = msgid("The file unpacks to far more than a list of people needs. Save only the sheet with the list.")
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def lines(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """(row in the sheet, cells) of each row; raises `Unreadable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacking = _Unpacking(archive)
            path = _first_sheet(unpacking)
            strings = _strings(unpacking) if "xl/sharedStrings.xml" in archive.namelist() else []
            yield from _rows(unpacking, path, strings)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, EOFError, OSError) as error:
        raise Unreadable(BROKEN) from error
    except (NotImplementedError, RuntimeError) as error:  # another compression, or a password
        raise Unreadable(BROKEN) from error


class _Unpacking:
    """Reads parts of an archive, and gives up where they hold too much."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._unpacked = 0

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as part:
            while chunk := part.read(CHUNK):
                self._unpacked += len(chunk)
                if self._unpacked > MOST_UNPACKED:
                    raise Unreadable(TOO_LARGE)
                yield chunk


class _Reader:
    """An XML reader that knows elements by their local names and collects text while it is told to."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = lambda name, given: self.start(_local(name), given)
        self._parser.EndElementHandler = lambda name: self.end(_local(name))
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._text: list[str] | None = None
        self._length = 0

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)

    def start(self, name: str, given: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def listen(self) -> None:
        self._text, self._length = [], 0

    def heard(self) -> str:
        text, self._text = "".join(self._text or ()), None
        return text[:LONGEST_CELL]

    def _characters(self, text: str) -> None:
        if self._text is not None and self._length < LONGEST_CELL:
            self._text.append(text)
            self._length += len(text)

    def _refuse(self, *_: object) -> None:
        raise Unreadable(BROKEN)


def _local(name: str) -> str:
    return name.rsplit(" ", 1)[-1]


class _Attributes(_Reader):
    """The attributes of every element called so, by their local names."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self._wanted = wanted
        self.found: list[dict[str, str]] = []

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == self._wanted:
            # `id` is there twice in a sheet's element: its number, and (in a namespace) where it lies.
            self.found.append({("r:id" if key.endswith(" id") else _local(key)): value for key, value in given.items()})


def _first_sheet(unpacking: _Unpacking) -> str:
    """Where the first sheet lies that is not hidden."""
    sheets, relations = _Attributes("sheet"), _Attributes("Relationship")
    for reader, name in ((sheets, "xl/workbook.xml"), (relations, "xl/_rels/workbook.xml.rels")):
        for chunk in unpacking.chunks(name):
            reader.feed(chunk)
    seen = [one for one in sheets.found if one.get("state", "visible") == "visible"] or sheets.found
    targets = {one["Id"]: one["Target"] for one in relations.found}
    target = targets[seen[0]["r:id"] if seen else ""]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


class _Strings(_Reader):
    """The strings that cells share; of a string in several styles all runs, of its reading aid (phonetics) none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._runs: list[str] = []
        self._aid = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "si":
            self._runs = []
        elif name == "rPh":
            self._aid = True
        elif name == "t" and not self._aid:
            self.listen()

    def end(self, name: str) -> None:
        if name == "t" and not self._aid:
            self._runs.append(self.heard())
        elif name == "rPh":
            self._aid = False
        elif name == "si":
            if len(self.found) == MOST_STRINGS:
                raise Unreadable(TOO_LARGE)
            self.found.append("".join(self._runs)[:LONGEST_CELL])


def _strings(unpacking: _Unpacking) -> list[str]:
    reader = _Strings()
    for chunk in unpacking.chunks("xl/sharedStrings.xml"):
        reader.feed(chunk)
    return reader.found


class _Rows(_Reader):
    """The rows of a sheet as they come; `take` empties what was read."""

    def __init__(self, strings: Sequence[str]) -> None:
        super().__init__()
        self._strings = strings
        self._done: list[tuple[int, list[str]]] = []
        self._row = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = "n"
        self._value = ""

    def take(self) -> list[tuple[int, list[str]]]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            self._row = int(given.get("r", self._row + 1))
            self._cells = []
        elif name == "c":
            place = _CELL.fullmatch(given.get("r", ""))
            self._column = _column(place.group(1)) if place else len(self._cells)
            self._kind, self._value = given.get("t", "n"), ""
            if self._column > 2 * MOST_COLUMNS:
                raise Unreadable(TOO_MANY_COLUMNS, most=MOST_COLUMNS)
        elif name in {"v", "t"}:
            self.listen()

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._value = (self._value + self.heard())[:LONGEST_CELL]
        elif name == "c" and self._value:
            self._cells += [""] * (self._column + 1 - len(self._cells))
            self._cells[self._column] = self._shown()
        elif name == "row":
            self._done.append((self._row, self._cells))

    def _shown(self) -> str:
        if self._kind == "s":
            number = int(self._value)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if self._kind == "n":
            return self._value.removesuffix(".0")
        return {"1": "TRUE", "0": "FALSE"}.get(self._value, "") if self._kind == "b" else self._value


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _rows(unpacking: _Unpacking, path: str, strings: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    reader, given = _Rows(strings), 0
    for chunk in unpacking.chunks(path):
        reader.feed(chunk)
        for row in reader.take():
            given += bool(row[1])
            yield row
        if given > MOST_ROWS + 1:
            return  # whoever gathers has said so already
