"""Text that stays text: a spreadsheet must not take what a visitor typed for a formula.

After OWASP, "CSV Injection": what begins with = + - @, a tab or a line's end is given an apostrophe, also behind
spaces and in the wide forms that East Asian spreadsheets take for the same. A telephone number (+47 900 00 000) and a
negative number (-4.5) are no formulas and stay as they are: after their sign stand digits and spaces alone, with one
decimal part at most, so that +1-2 and -2+3, which a spreadsheet would work out, are not among them.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from registrations.exports.columns import Cell

_BEGINNINGS = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]\d[\d ]*(?:[.,]\d+)?")


def harmless(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would do more than show it."""
    risky = text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS)
    return f"'{text}" if risky and _NUMBER.fullmatch(text) is None else text


def written(cell: Cell, yes: str, no: str, decimal: str = ".") -> str | int:
    """A cell as CSV holds it: moments as 2026-12-05 10:30 or, where they have a zone, as ISO 8601. For Excel in
    Norwegian and Dutch `decimal` is a comma: it takes 12.5 for the twelfth of May."""
    match cell:
        case None:
            return ""
        case bool():
            return yes if cell else no
        case int():
            return cell
        case float():
            return str(cell).replace(".", decimal)
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M") if cell.tzinfo is None else cell.isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case _:
            return harmless(cell)
