"""How cells of an export are written, in a file that a spreadsheet opens and computes nothing of."""

from __future__ import annotations

from datetime import date, datetime

from registrations.exports.columns import Cell
from services.spreadsheets import harmless


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
