"""What people type about themselves, made fit to be stored and shown: composed letters, one line, nothing invisible."""

from __future__ import annotations

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Controls, zero-width and direction marks, halves of letters, private letters: none is part of a name."""


def one_line(text: str) -> str:
    """`text` as one line in NFC, spaces squeezed, without what cannot be seen; empty where nothing is left.

    A right-to-left name keeps its letters and loses only marks that could turn the text around it.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())  # most of what is typed: nothing in it is to be changed letter by letter
    spaced = "".join(" " if one.isspace() or unicodedata.category(one).startswith("Z") else one for one in text)
    seen = "".join(one for one in spaced if unicodedata.category(one) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def several_lines(text: str) -> str:
    """As `one_line`, keeping line breaks, at most one empty line at a time."""
    lines = [one_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
