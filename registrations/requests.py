"""What programs may send: the bodies of the API, made of the same parts as the forms (inputs.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StrictFloat, StrictInt, StrictStr, model_validator

from registrations.inputs import AboutThem, Crowd, Email, Interested, Language, Line, Name
from services.pages.languages import Refused, msgid


class Answers(BaseModel):
    """What is answered to an event's questions."""

    answers: dict[UUID, StrictStr | StrictInt | StrictFloat | Annotated[list[StrictStr], Field(max_length=50)]] = Field(
        default_factory=dict, max_length=100
    )
    """By question (see the event's places): a text, a number, a day, an option's key, or keys. A consent's is the
    number of the wording that was agreed to."""

    def given(self) -> dict[UUID, list[str]]:
        """The answers as a form would hold them."""
        return {id: value if isinstance(value, list) else [str(value)] for id, value in self.answers.items()}


class BookingRequest(Crowd, AboutThem, Answers):
    """A booking by API. Without `slot_id` it is of the event itself."""

    name: Name
    email: Email
    language: Language = "en"
    group_name: Line = None
    """Of a school class or a company, where the event's rules let groups book: `name` is whom we write to."""
    slot_id: UUID | None = None
    wait: bool = False
    attempt: UUID | None = None
    """The hold that it takes over."""
    proof: str = Field(default="", max_length=1000)
    """Only where the answer was `proof-needed`: the challenge, a colon, and its numbers with commas between."""


class HoldRequest(Crowd):
    """A time to keep for a while. Without `slot_id` it is a place at the event itself."""

    group_name: Line = None
    slot_id: UUID | None = None
    proof: str = Field(default="", max_length=1000)
    """As for a booking; the same one then does for the booking too."""


class InterestRequest(Interested):
    """Somebody wants to hear more, by API. Leave `website` empty: whatever fills it in is taken for a machine."""

    language: Language = "en"
    """Of the consents that are given, and of our answer."""
    attempt: UUID | None = None
    """Sent twice, it is one; the Idempotency-Key does as well."""


class PlaceRequest(Answers):
    """Another time, or with `event_id` one at another event; its own place where `slot_id` is null then. Another event
    asks what it asks of everyone who books there: `answers` are to its questions."""

    slot_id: UUID | None = None
    event_id: UUID | None = None


class CheckInRequest(BaseModel):
    """One scan by API: a ticket's address, its token or the short code, or a booking's id from the list."""

    event_id: UUID
    text: str = Field(default="", max_length=400)
    booking_id: UUID | None = None
    nonce: UUID
    scanned_at: AwareDatetime | None = None
    """By the device's clock; left out, it is now."""
    offline: bool = False

    @model_validator(mode="before")
    @classmethod
    def _something_was_scanned(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("text") and not values.get("booking_id"):
            raise Refused(msgid("Say what was scanned: text or booking_id."))
        return values

    def moment(self, otherwise: datetime) -> datetime:
        return self.scanned_at or otherwise


class UndoRequest(BaseModel):
    nonce: UUID
