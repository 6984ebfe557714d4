"""What a person sends in: who they are, who comes along, where to, and what they agree to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registrations.domain.answers import Given
from registrations.domain.asking import Accept, Approve, Book, Cancel, Choose, Confirm, LetGo, Move, OfferByHand
from registrations.domain.consents import Purpose
from registrations.domain.household import Household
from registrations.facts import Cause


@dataclass(frozen=True, slots=True)
class Person:
    """Already cleaned and checked. `email` is None only for someone who stands at our stand."""

    name: str
    email: str | None
    language: str

    @property
    def email_key(self) -> str | None:
        return self.email.lower() if self.email else None


@dataclass(frozen=True, slots=True)
class Application:
    """A wish for a place by someone not yet known. `through` says where it was made: form, stand or api."""

    person: Person
    household: Household
    booking_id: UUID
    event_id: UUID
    slot_id: UUID | None
    wait: bool
    attempt: UUID
    through: str = "form"
    consents: tuple[Purpose, ...] = ()
    lives_in: str | None = None
    moving: str | None = None
    looking_for: tuple[str, ...] = ()
    answers: Given | None = None
    """To the event's questions, as they were given; None where nobody was asked: a walk-in, a list that is imported."""
    via: UUID | None = None
    heard_of: str | None = None
    target_groups: tuple[UUID, ...] = ()
    by_staff: bool = False
    walk_in: bool = False
    stand_id: UUID | None = None
    by_mail: bool = False
    group_name: str | None = None
    """Of a school class or a company; `person` is whom we write to."""

    def wish(self, visitor_id: UUID, *, address_known: bool = False) -> Book:
        return Book(
            booking_id=self.booking_id,
            visitor_id=visitor_id,
            event_id=self.event_id,
            slot_id=self.slot_id,
            adults=self.household.adults,
            children=self.household.children,
            wait=self.wait,
            attempt=self.attempt,
            via=self.via,
            heard_of=self.heard_of,
            target_groups=self.target_groups,
            by_staff=self.by_staff,
            walk_in=self.walk_in,
            stand_id=self.stand_id,
            is_group=self.group_name is not None,
            address_known=address_known,
            by_mail=self.by_mail,
        )


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """More or fewer come than was said."""

    booking_id: UUID
    household: Household
    cause: Cause


@dataclass(frozen=True, slots=True)
class Instead:
    """A place at another event, by the booking's own visitor, with the answers to what is asked there."""

    booking_id: UUID
    event_id: UUID
    slot_id: UUID | None
    answers: Given
    language: str
    through: str = "link"

    def wish(self) -> Move:
        return Move(self.booking_id, self.slot_id, Cause.VISITOR, self.event_id)


@dataclass(frozen=True, slots=True)
class Takeover:
    """Yes to coming instead of someone else: `hand_over_id` says to whom it was offered."""

    hand_over_id: UUID
    booking_id: UUID
    visitor_id: UUID
    name: str
    language: str


Item = (
    Application
    | NewHousehold
    | Instead
    | Takeover
    | Choose
    | LetGo
    | Confirm
    | Approve
    | Cancel
    | Move
    | Accept
    | OfferByHand
)
"""What the booking batcher takes."""
