"""What may be asked of the places of an event: by visitors, by staff, by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registrations.domain.seen import Place
from registrations.facts import Cause


@dataclass(frozen=True, slots=True)
class Choose:
    """A form in which a time was chosen: keep that for a while. One form keeps one time."""

    attempt: UUID
    event_id: UUID
    slot_id: UUID | None
    adults: int
    children: int
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class LetGo:
    """The form was left: what it kept is free again."""

    attempt: UUID


@dataclass(frozen=True, slots=True)
class Book:
    """A household wants a place: of a slot, or of the event itself where `slot_id` is None."""

    booking_id: UUID
    visitor_id: UUID
    event_id: UUID
    slot_id: UUID | None
    adults: int
    children: int
    wait: bool
    """Whether it would rather wait than be refused."""
    attempt: UUID
    via: UUID | None = None
    heard_of: str | None = None
    target_groups: tuple[UUID, ...] = ()
    by_staff: bool = False
    """Staff may book outside the registration period, groups larger than a household, and without further yes."""
    walk_in: bool = False
    """Someone who stands here now: takes no place unless a slot is named."""
    stand_id: UUID | None = None
    """Of a walk-in without a slot."""
    is_group: bool = False
    """A school class, a company: as large as the event's rules let groups be."""
    address_known: bool = False
    """This visitor has confirmed their address before."""
    by_mail: bool = False
    """In a rush and without a proof of work: it takes no place before its visitor has answered our mail."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Its visitor answered our mail: the address is theirs. `rotation` is that of the mail: one that went to an address
    which was corrected since says nothing of the new one. None: whatever mail it was."""

    booking_id: UUID
    rotation: int | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """Staff say yes to a booking that was asked for."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class Cancel:
    booking_id: UUID
    cause: Cause


@dataclass(frozen=True, slots=True)
class Resize:
    """The household grows or shrinks."""

    booking_id: UUID
    adults: int
    children: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Move:
    """Another slot; with `event_id`, at another event, or its own place where `slot_id` is None then.

    A booking that the organiser ended may be moved too: it comes alive again where its visitor chooses.
    """

    booking_id: UUID
    slot_id: UUID | None
    cause: Cause
    event_id: UUID | None = None
    seen: Place | None = None
    """Where whoever asks saw it stand: one that others moved from there meanwhile stays. None: wherever it stands."""


@dataclass(frozen=True, slots=True)
class Accept:
    """Yes to an offer."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Someone else comes instead: `visitor_id` said yes to what the booking's visitor asked of them."""

    booking_id: UUID
    visitor_id: UUID


@dataclass(frozen=True, slots=True)
class OfferByHand:
    """Staff offer a free place to someone in line, past those before; `why` and who did it are written down."""

    booking_id: UUID
    why: str
    account_id: UUID | None


Wish = Choose | LetGo | Book | Confirm | Approve | Cancel | Resize | Move | Accept | TakeOver | OfferByHand


class Came(StrEnum):
    """How a wish ended, for the one who asked."""

    HELD = "held"
    BOOKED = "booked"
    WAITING = "waiting"
    AGAIN = "again"  # the visitor had one already; the receipt does not say so
    CHANGED = "changed"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of a wish. Only staff and the booking's own visitor are shown more than that it was received.

    `booking_id` of a hold is its form's attempt."""

    came: Came
    booking_id: UUID
