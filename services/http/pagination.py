"""Pages of a list by keyset: the cursor says where the last page ended, so rows that come or go shift nothing.

    cursor = Cursor.read(call.query.after, "moment", "id")       # Invalid where it was tampered with
    rows = await queries.bookings(tx.connection, moment=cursor.value("moment"), id=cursor.value("id"), many=limit + 1)
    return call.json(Page[Booking].of(rows, limit, lambda row: Cursor.at(moment=row["moment"], id=row["id"]), show))

A cursor is opaque to callers: base64url of JSON. It only ever says from where to read on; what may be read is decided
by the query and its fence, so a forged one shows nothing that a plain request would not.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.http.problems import FieldError, Invalid
from services.pages.languages import msgid

T = TypeVar("T")
Value = str | int | bool | UUID | datetime | date | None

LARGEST_CURSOR = 1024


class Paging(BaseModel):
    """The query string of a list: extend it with filters."""

    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(default=None, max_length=LARGEST_CURSOR, description="`next` of the page before")
    limit: Annotated[int, Field(ge=1, le=200, description="How many at most")] = 50


class Page(BaseModel, Generic[T]):
    """One page of a list. `next` is the cursor of the page after it, absent on the last."""

    items: list[T]
    next: str | None = None

    @classmethod
    def of(
        cls,
        rows: Sequence[Any],
        limit: int,
        cursor: Callable[[Any], Cursor],
        show: Callable[[Any], T] = lambda row: row,
    ) -> Page[T]:
        """A page from `limit + 1` rows asked for: one too many says that there is more. `show` makes an item."""
        kept = rows[:limit]
        return cls(
            items=[show(row) for row in kept], next=cursor(kept[-1]).text if kept and len(rows) > limit else None
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the values of the columns that the list is ordered by."""

    values: dict[str, Value] = field(default_factory=dict)

    @classmethod
    def at(cls, **values: Value) -> Cursor:
        return cls(values)

    @classmethod
    def read(cls, text: str | None, *names: str) -> Cursor:
        """The cursor in `text`, which holds exactly `names`; empty without a text. Raises `Invalid` on `after`."""
        if not text:
            return cls()
        try:
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            found = {str(name): _decode(*pair) for name, pair in json.loads(raw).items()}
        except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
            raise _unknown() from error
        if names and set(found) != set(names):
            raise _unknown()
        return cls(found)

    def value(self, name: str) -> Any:
        """One value, or None on the first page."""
        return self.values.get(name)

    @property
    def text(self) -> str:
        raw = json.dumps({name: _encode(value) for name, value in self.values.items()}, separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    def __bool__(self) -> bool:
        return bool(self.values)


def _unknown() -> Invalid:
    sentence = msgid("This is not a place in the list. Start again without it.")
    return Invalid((FieldError("after", sentence, "cursor"),))


def _encode(value: Value) -> list[Any]:
    match value:
        case UUID():
            return ["u", str(value)]
        case datetime():
            return ["t", value.astimezone(UTC).isoformat()]
        case date():
            return ["d", value.isoformat()]
        case _:
            return ["", value]


def _decode(kind: str, value: Any) -> Value:
    match kind:
        case "u":
            return UUID(value)
        case "t":
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError("a moment without a zone")
            return moment
        case "d":
            return date.fromisoformat(value)
        case "" if value is None or isinstance(value, (str, int)):
            if isinstance(value, str) and "\x00" in value:
                raise ValueError("PostgreSQL's text holds no NUL")
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError("beyond a bigint")
            return value
    raise ValueError("unknown kind")
