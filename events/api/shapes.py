"""What the API answers: events, stands and slots as JSON. Times are UTC, their zone stands beside them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from events.domain.booking import Door, door, fewest
from events.domain.state import Slot
from events.facts import EventStatus, SlotStatus, Topic, Unit
from events.ics import Listed
from events.records import Whole
from services.facts import Texts


class Shape(BaseModel):
    """Read from the values of `domain`."""

    model_config = ConfigDict(from_attributes=True)


class ListedOut(Shape):
    """An event as the public list has it."""

    event_id: UUID
    programme_id: UUID
    version: int
    slug: str
    status: EventStatus
    titles: Texts
    summaries: Texts
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    venue_name: str
    venue_address: str
    municipality_id: UUID | None
    activity_type: UUID | None
    target_groups: tuple[UUID, ...]
    updated_at: datetime

    @classmethod
    def of(cls, one: Listed) -> ListedOut:
        return cls.model_validate(one)


class SlotOut(Shape):
    slot_id: UUID
    stand_id: UUID
    version: int
    status: SlotStatus
    starts_at: datetime
    ends_at: datetime
    desk: int
    unit: Unit
    door: Door | None = None
    """Whether it can be booked now."""
    places_left: int | None = None
    """Absent while it is being made ready for booking."""


class SessionOut(Shape):
    """A slot of the event itself."""

    slot_id: UUID
    version: int
    status: SlotStatus
    titles: Texts
    room: str
    starts_at: datetime
    ends_at: datetime
    unit: Unit
    door: Door | None = None
    """Whether it can be booked now."""
    places_left: int | None = None
    """Absent while it is being made ready for booking."""


class StandOut(Shape):
    stand_id: UUID
    version: int
    number: str | None
    names: Texts
    exhibitor: str
    languages: tuple[str, ...]
    topics: tuple[Topic, ...]
    offers: Texts


class SpotOut(Shape):
    """Where a stand stands: metres from the hall's upper left corner, of its own as it lies."""

    stand_id: UUID
    number: str | None
    names: Texts
    x: float | None
    """Absent, as `y`: it is not on the plan."""
    y: float | None
    width: float
    depth: float
    turned: bool
    """By a quarter: its width lies along the hall's depth."""


class PlanOut(BaseModel):
    """The plan of an event's hall, in metres."""

    event_id: UUID
    version: int
    """The plan's own; the event has another."""
    hall_width: float
    hall_depth: float
    stands: list[SpotOut]

    @classmethod
    def of(cls, whole: Whole) -> PlanOut:
        event = whole.event
        return cls(
            event_id=event.event_id,
            version=event.plan_version,
            hall_width=event.hall_width,
            hall_depth=event.hall_depth,
            stands=[SpotOut.model_validate(one) for one in whole.stands],
        )


class ShiftOut(Shape):
    """Somebody at a stand: an account, never a name."""

    shift_id: UUID
    event_id: UUID
    stand_id: UUID
    version: int
    account_id: UUID
    starts_at: datetime
    ends_at: datetime


class GapOut(Shape):
    """When a stand receives visitors at more tables than it has hosts."""

    starts_at: datetime
    ends_at: datetime
    missing: int


class HostsOut(Shape):
    shifts: list[ShiftOut]
    gaps: list[GapOut]


class MyShiftOut(ShiftOut):
    """A shift of one's own, with where it is."""

    names: Texts
    """Of the stand."""
    number: str | None
    titles: Texts
    """Of the event."""
    time_zone: str
    venue_name: str


class MyShiftsOut(Shape):
    shifts: list[MyShiftOut]


class EventOut(ListedOut):
    """An event with everything at it."""

    descriptions: Texts
    latitude: float | None
    longitude: float | None
    selling_points: tuple[UUID, ...]
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    first_amount: int | None
    first_unit: Unit | None
    reasons: Texts
    published_at: datetime | None
    cancelled_at: datetime | None
    stands: list[StandOut] = []
    slots: list[SlotOut] = []
    """The open ones at its stands, in order of time."""
    sessions: list[SessionOut] = []
    """Those that take place, in order of time, then room."""

    @classmethod
    def whole(cls, whole: Whole, moment: datetime) -> EventOut:
        event = whole.event

        def shown(slot: Slot) -> tuple[Door, int | None]:
            places = fewest(whole.places_at(slot.slot_id))
            return door(event, places, slot.starts_at, slot.ends_at, moment), places.left if places else None

        slots = [slot_out(slot, *shown(slot)) for slot in whole.open_slots if not slot.is_session]
        sessions = [session_out(slot, *shown(slot)) for slot in whole.sessions]
        stands = [StandOut.model_validate(stand) for stand in whole.stands]
        return cls.model_validate(event).model_copy(update={"stands": stands, "slots": slots, "sessions": sessions})


def slot_out(slot: Slot, shown: Door | None = None, left: int | None = None) -> SlotOut:
    """A slot, with what stands on its door where that is asked for."""
    values = {name: getattr(slot, name) for name in SlotOut.model_fields if hasattr(slot, name)}
    return SlotOut(**values, unit=slot.first_unit, door=shown, places_left=left)


def session_out(slot: Slot, shown: Door | None = None, left: int | None = None) -> SessionOut:
    """A session, with what stands on its door where that is asked for."""
    values = {name: getattr(slot, name) for name in SessionOut.model_fields if hasattr(slot, name)}
    return SessionOut(**values, unit=slot.first_unit, door=shown, places_left=left)


class PlannedOut(BaseModel):
    """A slot as it would be."""

    starts_at: datetime
    ends_at: datetime
    desk: int


class MadeOut(BaseModel):
    """Slots of a rule, or several that change together: as they now are, or with `preview` as they would be."""

    slots: list[SlotOut] = []
    planned: list[PlannedOut] = []


class DateOut(Shape):
    """An event of several as it would be."""

    starts_at: datetime
    ends_at: datetime
    clashes: tuple[Texts, ...]
    """Titles of the events it would clash with."""
    closed: bool
    """Registration would be over already, as it closes so many days before: one like this is not published."""


class SeriesOut(BaseModel):
    """An event on several dates: the copies made, or with `preview` as they would be."""

    events: list[ListedOut] = []
    planned: list[DateOut] = []
    new: bool = False
    """False where nothing was made: by a preview, or since this attempt had made them before."""
