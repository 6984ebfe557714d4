"""What a file of attendees may hold, column by column: its name, whether it is personal, and its value in a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from registrations.domain.check_in import shown
from registrations.sentences import AWAITED, BANDS, HEARD_OF, LOOKING_FOR, MOVING, STATUSES
from services.pages.languages import ENDONYMS, Translate, msgid, text_in

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Wording:
    """How values are said: in the reader's language and the event's zone or, for programs (`plain`), in codes."""

    translate: Translate
    time_zone: str
    groups: Mapping[str, str]
    """Target groups, id → name."""
    plain: bool = False

    def moment(self, value: datetime | None) -> Cell:
        if value is None:
            return None
        return value.astimezone(UTC) if self.plain else value.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)

    def named(self, names: Mapping[Any, str], code: str | None) -> Cell:
        return self.translate(names[code]) if code in names and not self.plain else code

    def texts(self, texts: Mapping[str, str] | None) -> Cell:
        return text_in(texts, self.translate.lang)[0]


@dataclass(frozen=True, slots=True)
class Column:
    """`usual` ones are ticked until somebody chooses otherwise."""

    name: str
    label: str
    value: Callable[[Any, Wording], Cell]
    personal: bool = False
    usual: bool = False


def _plainly(name: str) -> Callable[[Any, Wording], Cell]:
    def value(row: Any, _: Wording) -> Cell:
        found: Cell = row[name]
        return found

    return value


def _moment(name: str) -> Callable[[Any, Wording], Cell]:
    return lambda row, wording: wording.moment(row[name])


def _groups(row: Any, wording: Wording) -> Cell:
    return ", ".join(wording.groups.get(str(one), str(one)) for one in row["target_groups"])


def _topics(row: Any, wording: Wording) -> Cell:
    return ", ".join(str(wording.named(LOOKING_FOR, one)) for one in row["looking_for"] or ())


def _code(row: Any, wording: Wording) -> Cell:
    return str(row["code"]) if wording.plain else shown(row["code"])


_AWAITED_NAMES = {awaits: name for awaits, (name, _) in AWAITED.items()}
_STATUS_NAMES = {status: name for status, (name, _) in STATUSES.items()}

_EVERY = (
    Column("name", msgid("Name"), _plainly("name"), personal=True, usual=True),
    Column("email", msgid("E-mail"), _plainly("email"), personal=True, usual=True),
    Column("group", msgid("Group"), _plainly("group_name"), personal=True),
    Column(
        "language",
        msgid("Language"),
        lambda row, wording: row["language"] if wording.plain else ENDONYMS.get(row["language"]),
        usual=True,
    ),
    Column("status", msgid("State"), lambda row, wording: wording.named(_STATUS_NAMES, row["status"]), usual=True),
    Column("awaits", msgid("Awaits"), lambda row, wording: wording.named(_AWAITED_NAMES, row["awaits"]), usual=True),
    Column("stand", msgid("Stand"), lambda row, wording: wording.texts(row["stand_names"]), usual=True),
    Column("session", msgid("Session"), lambda row, wording: wording.texts(row["session_titles"]), usual=True),
    Column("starts_at", msgid("Begins"), _moment("starts_at"), usual=True),
    Column("ends_at", msgid("Ends"), _moment("ends_at")),
    Column("adults", msgid("Adults"), _plainly("adults"), usual=True),
    Column("children", msgid("Children"), _plainly("children"), usual=True),
    *(Column(band, label, _plainly(band)) for band, label in BANDS.items()),
    Column("lives_in", msgid("Lives in"), _plainly("lives_in"), personal=True),
    Column("moving", msgid("May move"), lambda row, wording: wording.named(MOVING, row["moving"]), personal=True),
    Column("looking_for", msgid("Looks for"), _topics, personal=True),
    Column("target_groups", msgid("Target groups"), _groups),
    Column("heard_of", msgid("Heard of us through"), lambda row, wording: wording.named(HEARD_OF, row["heard_of"])),
    Column("follow_up", msgid("May be contacted about moving here"), _plainly("follow_up")),
    Column("news", msgid("Wants news"), _plainly("news")),
    Column(
        "code", msgid("Code"), lambda row, wording: row["code"] if wording.plain else shown(row["code"]), usual=True
    ),
    Column("line", msgid("Place in line"), _plainly("line")),
    Column("walk_in", msgid("Walk-in"), _plainly("walk_in")),
    Column("came", msgid("Of the group came"), _plainly("came")),
    Column("booked_at", msgid("Booked"), _moment("created_at")),
    Column("changed_at", msgid("Last changed"), _moment("changed_at")),
    Column("booking_id", msgid("Booking number"), lambda row, _: str(row["id"])),
)

COLUMNS: Mapping[str, Column] = {column.name: column for column in _EVERY}
"""In the order in which a file holds them, whatever the order in which they were ticked."""
USUAL = tuple(column.name for column in _EVERY if column.usual)


def chosen(names: tuple[str, ...], columns: Mapping[str, Column] = COLUMNS) -> list[Column]:
    """The columns called so, in the order of files."""
    return [column for name, column in columns.items() if name in names]
