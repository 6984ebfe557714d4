"""The things of this service as plain values: what a row says, without the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from events.domain.plan import Ground, Hall, Spot
from events.domain.slots import Stretch
from events.domain.staffing import Shift
from events.facts import EventStatus, SlotStatus, Topic, Unit
from programmes.facts import Municipality, Organisation, ProgrammeStatus, Term

if TYPE_CHECKING:
    from _typeshed import DataclassInstance  # there for the type checker alone

R = TypeVar("R", bound="DataclassInstance")


def read(kind: type[R], row: Mapping[str, Any]) -> R:
    """A row as a value of `kind`; columns it has no field for are left out."""
    return kind(**{one.name: row[one.name] for one in fields(kind) if one.name in row})


@dataclass(frozen=True, slots=True)
class Event:
    event_id: UUID
    programme_id: UUID
    version: int
    slug: str
    status: str
    titles: dict[str, str]
    summaries: dict[str, str]
    descriptions: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    venue_name: str
    venue_address: str
    latitude: float | None
    longitude: float | None
    municipality_id: UUID | None
    activity_type: UUID | None
    target_groups: tuple[UUID, ...]
    selling_points: tuple[UUID, ...]
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    first_amount: int | None
    first_unit: Unit | None
    cover: UUID
    reasons: dict[str, str]
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    cancelled_at: datetime | None
    copied_from: UUID | None = None
    hall_width: float = Hall().width
    hall_depth: float = Hall().depth
    plan_version: int = 1
    """Of where its stands stand: it rises when they are placed anew, and the event's own does not."""

    @property
    def hall(self) -> Hall:
        return Hall(self.hall_width, self.hall_depth)

    @property
    def is_draft(self) -> bool:
        return self.status == EventStatus.DRAFT

    @property
    def is_published(self) -> bool:
        return self.status == EventStatus.PUBLISHED

    @property
    def is_cancelled(self) -> bool:
        return self.status == EventStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class Stand:
    stand_id: UUID
    programme_id: UUID
    event_id: UUID
    version: int
    number: str | None
    names: dict[str, str]
    exhibitor: str
    languages: tuple[str, ...]
    offers: dict[str, str]
    removed: bool
    topics: tuple[Topic, ...] = ()
    x: float | None = None
    y: float | None = None
    width: float = Ground().width
    depth: float = Ground().depth
    turned: bool = False

    @property
    def ground(self) -> Ground:
        """What it takes of the hall's floor, on the plan or not."""
        return Ground(width=self.width, depth=self.depth, turned=self.turned)

    @property
    def spot(self) -> Spot | None:
        """Where it stands in the hall; None where it is not on the plan."""
        if self.x is None or self.y is None:
            return None
        return Spot(x=self.x, y=self.y, width=self.width, depth=self.depth, turned=self.turned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Stretch):
    slot_id: UUID
    programme_id: UUID
    event_id: UUID
    stand_id: UUID | None
    version: int
    status: str
    first_amount: int
    first_unit: Unit
    updated_at: datetime
    titles: dict[str, str] = field(default_factory=dict)
    room: str = ""

    @property
    def is_session(self) -> bool:
        """Whether it is a slot of the event itself."""
        return self.stand_id is None

    @property
    def is_open(self) -> bool:
        return self.status == SlotStatus.OPEN


@dataclass(frozen=True, slots=True)
class Places:
    """How full a slot or an event is, as registrations last told."""

    event_id: UUID
    slot_id: UUID | None
    unit: str
    capacity: int
    used: int
    waiting: int
    scope: str = "place"
    """The place itself, or what it lies across: stand or event."""
    stand_id: UUID | None = None

    @property
    def left(self) -> int:
        """Places that a newcomer can have now: whoever waits comes first."""
        return 0 if self.waiting else max(0, self.capacity - self.used)


@dataclass(frozen=True, slots=True)
class Programme:
    """What we know of a programme, from its own facts."""

    programme_id: UUID
    slug: str
    names: dict[str, str]
    status: str
    language: str
    languages: tuple[str, ...]
    required_languages: tuple[str, ...]
    time_zone: str
    contact: str
    known_since: datetime
    municipalities: tuple[Municipality, ...] = field(default=())
    partners: tuple[Organisation, ...] = field(default=())
    target_groups: tuple[Term, ...] = field(default=())
    selling_points: tuple[Term, ...] = field(default=())
    activity_types: tuple[Term, ...] = field(default=())

    @property
    def is_closed(self) -> bool:
        return self.status == ProgrammeStatus.CLOSED

    def municipality(self, municipality_id: UUID | None) -> Municipality | None:
        return next((one for one in self.municipalities if one.id == municipality_id), None)

    def activity_type(self, activity_type: UUID | None) -> Term | None:
        return next((one for one in self.activity_types if one.id == activity_type), None)

    def groups(self, ids: tuple[UUID, ...]) -> list[Term]:
        """Target groups in the programme's own order."""
        return [one for one in self.target_groups if one.id in ids]

    def points(self, ids: tuple[UUID, ...]) -> list[Term]:
        """Selling points in the programme's own order."""
        return [one for one in self.selling_points if one.id in ids]


def event_of(row: Mapping[str, Any]) -> Event:
    unit = Unit(row["first_unit"]) if row["first_unit"] else None
    return read(
        Event,
        {
            **row,
            "target_groups": tuple(row["target_groups"]),
            "selling_points": tuple(row["selling_points"]),
            "first_unit": unit,
        },
    )


def stand_of(row: Mapping[str, Any]) -> Stand:
    return read(
        Stand, {**row, "languages": tuple(row["languages"]), "topics": tuple(Topic(one) for one in row["topics"])}
    )


def slot_of(row: Mapping[str, Any]) -> Slot:
    return read(Slot, {**row, "first_unit": Unit(row["first_unit"])})


def shift_of(row: Mapping[str, Any]) -> Shift:
    return read(Shift, row)


def places_of(row: Mapping[str, Any]) -> Places:
    return read(Places, row)


def programme_of(row: Mapping[str, Any]) -> Programme:
    lists: dict[str, Any] = {
        "municipalities": Municipality,
        "partners": Organisation,
        "target_groups": Term,
        "selling_points": Term,
        "activity_types": Term,
    }
    found = {name: tuple(kind.model_validate(one) for one in row[name]) for name, kind in lists.items()}
    return read(
        Programme,
        {**row, **found, "languages": tuple(row["languages"]), "required_languages": tuple(row["required_languages"])},
    )
