"""What events tells the others: what happens, where and when, and which stands and slots there are."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.facts import Code, Fact, PublicText, Slug, Texts, TimeZone


class EventStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"  # draft -> published
    CANCELLED = "cancelled"  # draft | published -> cancelled


class Unit(StrEnum):
    """What a capacity counts."""

    HOUSEHOLDS = "households"
    PERSONS = "persons"
    CHILDREN = "children"  # of a stand or an event as a whole, beside another count


class FirstCapacity(BaseModel):
    """The capacity with which a place begins; registrations owns it from then on."""

    amount: int = Field(ge=0, le=100_000)
    unit: Unit


class Venue(BaseModel):
    name: PublicText
    address: PublicText = ""
    latitude: float | None = None
    longitude: float | None = None


class EventFact(Fact):
    """The public state of an event."""

    key = "event_id"

    event_id: UUID
    slug: Slug
    titles: Texts
    summaries: Texts
    status: EventStatus
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    time_zone: TimeZone
    venue: Venue | None = None
    municipality_id: UUID | None = None
    activity_type: UUID | None = None
    target_groups: tuple[UUID, ...] = ()
    selling_points: tuple[UUID, ...] = ()
    registration_opens_at: AwareDatetime | None = None
    """None: as soon as the event is published."""
    registration_closes_at: AwareDatetime | None = None
    """None: until each slot (or the event) begins."""
    first_capacity: FirstCapacity | None = None
    """Where visitors book the event itself; None where they book slots at its stands only."""
    cover: UUID | None = None
    """The seed of its generated cover, so that it looks the same wherever it is shown."""
    copied_from: UUID | None = None
    """The event that it was copied from; what it asks of those who book comes along."""


class EventChanged(EventFact):
    subject = "events.event.changed"


class EventPublished(EventFact):
    subject = "events.event.published"


class EventCancelled(EventFact):
    subject = "events.event.cancelled"

    reasons: Texts = {}
    """Why, in the words that those who have booked will read."""


class Topic(StrEnum):
    """What one can ask about at a stand, in the order in which it is shown."""

    JOBS = "jobs"
    BUSINESS = "business"
    HOUSING = "housing"
    FARMS = "farms"
    SCHOOL = "school"
    CHILDCARE = "childcare"
    HEALTH = "health"
    LANGUAGE = "language"
    LEISURE = "leisure"
    CULTURE = "culture"
    MOVING = "moving"


class StandChanged(Fact):
    """A stand was placed, renamed or taken away (`removed`)."""

    subject = "events.stand.changed"
    key = "stand_id"

    stand_id: UUID
    event_id: UUID
    number: Code | None = None
    names: Texts
    exhibitor: PublicText
    """The municipality or partner that hosts it."""
    languages: tuple[Code, ...] = ()
    """Spoken there (ISO 639)."""
    topics: tuple[Topic, ...] = ()
    """What one can ask about."""
    offers: Texts = {}
    """The same in the exhibitor's own words."""
    removed: bool = False


class SlotStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"  # open -> closed: taken off the programme; its bookings are cancelled or moved


class SlotFact(Fact):
    """The public state of a slot: a time at a stand, or a session, which is a slot of the event itself."""

    key = "slot_id"

    slot_id: UUID
    stand_id: UUID | None = None
    """None: a session."""
    event_id: UUID
    titles: Texts = {}
    """What a session is called; a slot at a stand has no title of its own."""
    room: PublicText = ""
    """Where a session is held, as it is called there; empty where none is named."""
    status: SlotStatus
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    time_zone: TimeZone
    first_capacity: FirstCapacity
    desk: int = 1
    """Which of the stand's tables, from 1: slots at the same time stand side by side. A session's is 1."""


class SlotOpened(SlotFact):
    subject = "events.slot.opened"


class SlotMoved(SlotFact):
    """Another time or table, or a session with another title or room; bookings follow."""

    subject = "events.slot.moved"


class SlotClosed(SlotFact):
    subject = "events.slot.closed"


class ShiftChanged(Fact):
    """Somebody was put on a shift at a stand, stands there at another time, was replaced, or taken off (`removed`)."""

    subject = "events.shift.changed"
    key = "shift_id"

    shift_id: UUID
    event_id: UUID
    stand_id: UUID
    account_id: UUID
    """One of the programme's people."""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    removed: bool = False
