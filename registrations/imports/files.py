"""A file as it was sent: which kind it is, told by its first bytes and not by its name, and what is in it."""

from __future__ import annotations

import hashlib

from registrations.imports import texts, workbooks
from registrations.imports.sheets import Sheet, Unreadable, gathered

_ARCHIVE = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read(data: bytes) -> Sheet:
    """The list in a file, CSV or XLSX; raises `Unreadable`. It takes a second at most, and belongs in a thread."""
    if data.startswith(_OLD_EXCEL):
        raise Unreadable(workbooks.BROKEN)
    return gathered(workbooks.lines(data) if data.startswith(_ARCHIVE) else texts.lines(data))


def digest(data: bytes) -> str:
    """What a file is known by: SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
