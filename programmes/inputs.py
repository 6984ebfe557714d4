"""What may be asked of a programme: the inputs of commands, the same for forms and for the JSON API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    model_validator,
)

from programmes.domain import Direction, LeaderTitle
from services.facts import Language, Slug
from services.pages.languages import Refused, msgid


def _readable(value: str) -> str:
    """Without control characters but line ends and tabs; PostgreSQL's text holds no NUL."""
    if any(ord(one) < 32 and one not in "\n\r\t" for one in value):
        raise Refused(msgid("This holds characters that cannot be read."))
    return value.replace("\r\n", "\n")


def _one_line(value: str) -> str:
    return " ".join(_readable(value).split())


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise Refused(msgid("We do not know this time zone. Write it as in Europe/Oslo."))
    return value


def _without_blanks(value: Any) -> Any:
    """A language whose text is left empty is not there."""
    if isinstance(value, dict):
        return {
            lang: one for lang, one in value.items() if not (one is None or (isinstance(one, str) and not one.strip()))
        }
    return value


def _each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160), AfterValidator(_one_line)]
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000), AfterValidator(_readable)
]
Names = Annotated[dict[Language, Line], BeforeValidator(_without_blanks)]
Proses = Annotated[dict[Language, Prose], BeforeValidator(_without_blanks)]
Languages = Annotated[tuple[Language, ...], AfterValidator(_each_once), Field(min_length=1)]
Zone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_time_zone)]
ProgrammeSlug = Annotated[Slug, StringConstraints(min_length=3, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(Input):
    """A change to something that was read before: refused where it has changed since `version`."""

    version: int = Field(ge=1, lt=2**31, description="The version that was shown")


class Spoken(Input):
    """The languages of a programme, which fit each other."""

    language: Language
    languages: Languages
    required_languages: Annotated[tuple[Language, ...], AfterValidator(_each_once)] = ()

    @model_validator(mode="after")
    def _fit(self) -> Spoken:
        if self.language not in self.languages:
            raise Refused(msgid("The language you write in first must be among the languages you offer."))
        if not set(self.required_languages) <= set(self.languages):
            raise Refused(msgid("A language can only be required where you offer it."))
        return self


class NewProgramme(Spoken):
    slug: ProgrammeSlug
    names: Names
    time_zone: Zone = "Europe/Oslo"
    contact: EmailStr


class About(Change):
    names: Names
    fields: Names = {}
    summaries: Proses = {}
    aims: Proses = {}
    reasons: Proses = {}
    organisation: Proses = {}
    notes: Proses = {}


class ProgrammeSettings(Spoken, Change):
    time_zone: Zone
    contact: EmailStr
    goal_inhabitants: int | None = Field(default=None, ge=1, le=10_000_000)
    goal_year: int | None = Field(default=None, ge=1900, le=2200)

    @model_validator(mode="after")
    def _goal(self) -> ProgrammeSettings:
        if self.goal_year is not None and self.goal_inhabitants is None:
            raise Refused(msgid("Say how many inhabitants you aim for, or leave the year out."))
        return self


class Municipality(Input):
    name: Line
    county: Line
    inhabitants: int = Field(ge=0, le=10_000_000)
    counted_on: date
    sami_area: bool = False


class MunicipalityChange(Municipality, Change):
    pass


class NewTerm(Input):
    """A standard term by its code, or one of the programme's own by its names. `parts` compose a target group."""

    code: str | None = Field(default=None, max_length=64)
    names: Names = {}
    parts: tuple[UUID, ...] = ()


class TermChange(Change):
    names: Names
    parts: tuple[UUID, ...] = ()


class Move(Change):
    direction: Direction


class Group(Input):
    """A working group; with `parent_id` a process group, which needs neither activity nor leader of its own."""

    names: Names
    parent_id: UUID | None = None
    activity_id: UUID | None = None
    leader_name: Line | None = None
    leader_title: LeaderTitle | None = None
    leader_municipality_id: UUID | None = None


class GroupChange(Group, Change):
    pass


class NewMember(Input):
    """`stands_for` is the id of a municipality or of a partner; `body` names one that is neither, such as a state
    agency. One of the two."""

    name: Line
    title: Line
    stands_for: UUID | None = None
    body: Line | None = None


class MemberChange(NewMember, Change):
    pass


class NewTask(Input):
    title: Line
    due_on: date | None = None
    owner_id: UUID | None = None


class TaskChange(NewTask, Change):
    pass


class Nothing(Input):
    """A command that needs no more than its address."""


class Back(Input):
    """Where to go after a button."""

    back: str = Field(default="", max_length=20)
