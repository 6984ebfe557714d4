"""Text that stays text: a spreadsheet must not take what somebody typed for a formula.

After OWASP, "CSV Injection": what begins with = + - @, a tab or a line's end is given an apostrophe, also behind
spaces and in the wide forms that East Asian spreadsheets take for the same. A telephone number (+47 900 00 000) and a
negative number (-4.5) are no formulas and stay as they are: after their sign stand digits and spaces alone, with one
decimal part at most, so that +1-2 and -2+3, which a spreadsheet would work out, are not among them.
"""

from __future__ import annotations

import re

_BEGINNINGS = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]\d[\d ]*(?:[.,]\d+)?")

BOM = "\ufeff"
"""Before a CSV file, so that Excel reads it as UTF-8."""


def harmless(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would do more than show it."""
    risky = text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS)
    return f"'{text}" if risky and _NUMBER.fullmatch(text) is None else text


def meant(text: str) -> str:
    """What stood in a cell before `harmless` gave it an apostrophe; every other text as it is."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text
