"""What may be asked of events, by form and by API alike: one model each, with every wrong field named.

Times may be written as the event's wall clock shows them (`2026-12-05T10:00`) or with an offset; they come out as UTC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from events.domain.zones import ZONES, NoSuchTime, to_utc
from events.facts import Topic, Unit
from services.facts import Language
from services.pages.languages import Refused, msgid

LONGEST_EVENT = timedelta(days=92)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows, and so let a text look like another."""


def _plain(text: str) -> str:
    if any((unicodedata.category(one) == "Cc" and one not in "\n\t") or one in _TURNS for one in text):
        raise Refused(msgid("This holds invisible control characters. Type it anew."))
    return unicodedata.normalize("NFC", text)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", _plain(text)).strip()


def _lines(text: str) -> str:
    return _plain(text.replace("\r\n", "\n").replace("\r", "\n"))


def _filled(texts: dict[str, str]) -> dict[str, str]:
    return {language: text for language, text in texts.items() if text}


def _written(pattern: str, sentence: str) -> Callable[[Any], Any]:
    """Text must look so: pydantic alone would read a bare number as seconds since 1970."""

    def check(value: Any) -> Any:
        if isinstance(value, (int, float)) or (isinstance(value, str) and not re.match(pattern, value.strip())):
            raise Refused(sentence)
        return value.strip() if isinstance(value, str) else value

    return check


def _sane(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2100:
        raise Refused(msgid("Choose a year between 2000 and 2100."))
    if value.second or value.microsecond:
        raise Refused(msgid("Write whole minutes."))
    return value


def _sane_day(value: date) -> date:
    if not 2000 <= value.year <= 2100:
        raise Refused(msgid("Choose a year between 2000 and 2100."))
    return value


def _sane_time(value: time) -> time:
    if value.second or value.microsecond or value.tzinfo is not None:
        raise Refused(msgid("Write a time of day, such as 14:30."))
    return value


def _known_zone(name: str) -> str:
    if name not in ZONES:
        raise Refused(msgid("We do not know this time zone. Write it as Europe/Oslo."))
    return name


Line = AfterValidator(_line)
"""A text on one line: white space becomes single blanks."""
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120), AfterValidator(_line)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(_line)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_lines)]
Titles = Annotated[dict[Language, Title], AfterValidator(_filled)]
Shorts = Annotated[dict[Language, Short], AfterValidator(_filled)]
Longs = Annotated[dict[Language, Long], AfterValidator(_filled)]
Zone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), AfterValidator(_known_zone)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Moment = Annotated[
    datetime,
    BeforeValidator(
        _written(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d", msgid("Write a date and a time, such as 2027-05-31 14:30."))
    ),
    AfterValidator(_sane),
]
Date = Annotated[
    date,
    BeforeValidator(_written(r"^\d{4}-\d\d-\d\d$", msgid("Write a date, such as 2027-05-31."))),
    AfterValidator(_sane_day),
]
Clock = Annotated[
    time,
    BeforeValidator(_written(r"^\d\d:\d\d(:00)?$", msgid("Write a time of day, such as 14:30."))),
    AfterValidator(_sane_time),
]


def _of_a_place(unit: Unit) -> Unit:
    if unit is Unit.CHILDREN:
        raise Refused(msgid("Children are counted beside a place, under attendees. Choose households or persons."))
    return unit


CountedIn = Annotated[Unit, AfterValidator(_of_a_place)]
"""What the places of an event, a slot or a session are counted in."""
Amount = Annotated[int, Field(ge=0, le=100_000)]
SpokenLanguage = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
StandNumber = Annotated[
    str,
    BeforeValidator(lambda value: re.sub(r"\s+", "-", value.strip()).lower() if isinstance(value, str) else value),
    StringConstraints(max_length=20, pattern=r"^[a-z0-9][a-z0-9_-]*$"),
]


def moment_in(value: datetime, zone: str) -> datetime:
    """UTC of what was written: a naive time is the wall clock's. Raises `Refused` for a time that clocks skip."""
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return to_utc(value, zone)
    except NoSuchTime:
        raise Refused(msgid("This time does not exist that day: clocks go forward over it.")) from None


class Asked(BaseModel):
    """Every input: nothing unknown is taken; `version` is the one its writer saw, so that nobody's change is lost."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = None
    """Refused where the thing has changed since; absent: overwrite whatever is there."""


class EventInput(Asked):
    """An event as its organiser describes it. Only the times are needed to begin a draft, and a title in the
    programme's own language."""

    titles: Titles = {}
    summaries: Shorts = {}
    descriptions: Longs = {}
    """Markdown."""
    slug: Address | None = None
    """Its address; made from the title where it is absent. Fixed once the event is published."""
    time_zone: Zone
    starts_at: Moment
    ends_at: Moment
    venue_name: Short = ""
    venue_address: Short = ""
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = Field(None, validate_default=True)
    municipality_id: UUID | None = None
    activity_type: UUID | None = None
    target_groups: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    selling_points: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    capacity: Amount | None = None
    """Places at the event itself; absent where visitors book slots at its stands only. Registrations owns it once the
    event is published."""
    unit: CountedIn = Unit.PERSONS
    move_slots: bool = False
    """Where the event moves: its slots move along by the wall clock."""

    @field_validator("starts_at", "ends_at", "registration_opens_at", "registration_closes_at")
    @classmethod
    def _in_its_zone(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        zone = info.data.get("time_zone")
        return moment_in(value, zone) if value is not None and zone is not None else value

    @field_validator("ends_at")
    @classmethod
    def _ends_after_it_starts(cls, value: datetime, info: ValidationInfo) -> datetime:
        starts_at, zone = info.data.get("starts_at"), info.data.get("time_zone")
        if starts_at is not None and zone is not None:
            if value <= starts_at:
                raise Refused(msgid("This is not after the start."))
            if value - starts_at > LONGEST_EVENT:
                raise Refused(msgid("An event lasts at most {days} days."), days=LONGEST_EVENT.days)
        return value

    @field_validator("registration_closes_at")
    @classmethod
    def _closes_after_it_opens(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        opens, ends = info.data.get("registration_opens_at"), info.data.get("ends_at")
        if value is not None and value.tzinfo is not None:
            if opens is not None and value <= opens:
                raise Refused(msgid("Registration closes before it opens."))
            if ends is not None and value > ends:
                raise Refused(msgid("The event is over by then."))
        return value

    @field_validator("longitude")
    @classmethod
    def _both_or_none(cls, value: float | None, info: ValidationInfo) -> float | None:
        if "latitude" in info.data and (value is None) != (info.data["latitude"] is None):
            raise Refused(msgid("Give both latitude and longitude, or neither."))
        return value

    @field_validator("target_groups", "selling_points")
    @classmethod
    def _each_once(cls, value: tuple[UUID, ...]) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys(value))


class StandInput(Asked):
    """A stand: who stands there, what one can ask about, in which languages."""

    number: StandNumber | None = None
    names: Titles
    exhibitor: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_line)
    ]
    languages: Annotated[tuple[SpokenLanguage, ...], Field(max_length=20)] = ()
    topics: Annotated[tuple[Topic, ...], Field(max_length=len(Topic))] = ()
    """What one can ask about there."""
    offers: Shorts = {}
    """The same in one's own words."""

    @field_validator("topics")
    @classmethod
    def _in_order(cls, value: tuple[Topic, ...]) -> tuple[Topic, ...]:
        return tuple(one for one in Topic if one in value)


class CancelInput(Asked):
    """Why an event is cancelled, in the words that those who have booked will read."""

    reasons: Shorts

    @field_validator("reasons")
    @classmethod
    def _says_something(cls, value: dict[str, str]) -> dict[str, str]:
        if not value:
            raise Refused(msgid("Say why, in one language at least: those who have booked will read it."))
        return value


class CopyInput(BaseModel):
    """When the copy of an event begins; its end, stands and slots keep their distance from that."""

    model_config = ConfigDict(extra="forbid")

    starts_at: Moment
