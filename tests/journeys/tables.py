"""The figures of a console page, read from its tables as somebody reads them."""

from __future__ import annotations

import re
from html import unescape

from services.pages.languages import translator

CELL = re.compile(
    r'<t[hd] scope="row"[^>]*data-label="([^"]*)"[^>]*>(.*?)</th>|<td [^>]*data-label="([^"]*)"[^>]*>(.*?)</td>', re.S
)


def row(page: str, name: str, column: str) -> dict[str, str]:
    """Column → what stands in it, of the row that begins with `name` in the table that has this column; spaces of every
    kind are one."""
    for line in page.split('<tr role="row">'):
        cells = {first or other: _plain(text or more) for first, text, other, more in CELL.findall(line)}
        if next(iter(cells.values()), "").startswith(name) and column in cells:
            return cells
    raise AssertionError(f"no row of {name!r}")


def nb(sentence: str) -> str:
    """As the Norwegian console says it."""
    return translator("nb")(sentence)


def _plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
