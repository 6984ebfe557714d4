"""The audit: who did what to what, append-only, written in the transaction of what was done.

    await audit.record(tx, call, "event.published", f"event:{event_id}", languages=["nb", "en"])

It outlives the people it names, so it holds identifiers, codes and numbers and no personal data: `record` refuses
text that is none of these. A name is looked up when it is shown, while its account exists.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.database import Transaction
from services.http.pagination import Cursor
from services.http.problems import Invalid
from services.identity import functions
from services.identity.principal import Principal
from services.pages.languages import msgid

if TYPE_CHECKING:
    from services.http.call import Call

CODE = re.compile(r"[\w.:/+-]{0,120}", re.ASCII)
"""An identifier, a code, a moment, a number: nothing with a space or an @."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit. Names are those of today, None where nobody has them any more."""

    id: int
    at: datetime
    actor: str
    account_id: UUID | None
    account_name: str | None
    token_name: str | None
    action: str
    subject: str
    subject_name: str | None
    """Where the subject is an account."""
    details: dict[str, Any]


async def record(tx: Transaction, call: Call | Principal | None, action: str, subject: str, /, **details: Any) -> None:
    """Append one entry to the audit of the transaction's programme (none: of the installation).

    `action` is `<thing>.<what was done>`, `subject` is `<thing>:<id>`; `call` (or its principal) says who, None is the
    installation itself. Raises ValueError for a detail that could be personal data.
    """
    principal = call if call is None or isinstance(call, Principal) else call.principal
    programme_id = tx.programme_id
    if (
        programme_id is None
        and call is not None
        and not isinstance(call, Principal)
        and call.programme_found is not None
    ):
        programme_id = call.programme_found.id
    await record_for(tx, principal, programme_id, action, subject, **details)


async def record_for(
    tx: Transaction,
    principal: Principal | None,
    programme_id: UUID | None,
    action: str,
    subject: str,
    /,
    **details: Any,
) -> None:
    """As `record`, for a programme that is not the transaction's."""
    await functions.value(
        tx.connection,
        "record_audit",
        programme_id,
        principal.kind if principal else "system",
        principal.account_id if principal else None,
        principal.token_id if principal else None,
        action,
        subject,
        json.dumps({name: _plain(name, value) for name, value in details.items()}),
        tx.moment,
    )


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(name, one) for one in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    text = str(value)
    if CODE.fullmatch(text) is None:
        raise ValueError(
            f"audit detail {name!r} is not an identifier or a code: people's words do not belong in the audit"
        )
    return text


async def listed(
    tx: Transaction, programme_id: UUID | None, number: int, before: tuple[datetime, int] | None = None
) -> list[Entry]:
    """`number` entries of a programme (None: of the installation), newest first, older than `before`."""
    moment, identifier = before or (None, None)
    found = await functions.rows(tx.connection, "list_audit", programme_id, moment, identifier, number)
    return [Entry(**{**row, "details": json.loads(row["details"])}) for row in found]


async def latest(tx: Transaction, number: int) -> list[tuple[Entry, str | None]]:
    """The newest entries of all programmes, each with its programme's name; None: of the installation. Operators'."""
    found = [dict(row) for row in await functions.rows(tx.connection, "latest_audit", number)]
    programmes = [row.pop("programme_name") for row in found]
    entries = [Entry(**{**row, "details": json.loads(row["details"])}) for row in found]
    return list(zip(entries, programmes, strict=True))


def after(entry: Entry) -> Cursor:
    """Where the list goes on below an entry."""
    return Cursor.at(at=entry.at, id=entry.id)


def place(cursor: Cursor) -> tuple[datetime, int] | None:
    """The place that a cursor names, for `before`; None at the beginning. Raises `Invalid` for one of another list."""
    if not cursor:
        return None
    at, identifier = cursor.value("at"), cursor.value("id")
    if not isinstance(at, datetime) or not isinstance(identifier, int):
        raise Invalid({"after": msgid("This is not a place in the list. Start again without it.")})
    return at, identifier
