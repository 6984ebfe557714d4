"""What visitors and staff may send by form: every wrong field named, text made fit to store.

The API's own bodies, made of the same parts, are in requests.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    model_validator,
)

from events.facts import Topic
from registrations.domain.consents import Purpose
from registrations.domain.household import Household
from registrations.domain.text import one_line, several_lines
from services import mail_address
from services.mail_address import NoAddress
from services.pages.languages import LANGUAGES, Refused, msgid

LONGEST_NAME = 120
LONGEST_LINE = 200
LONGEST_TEXT = 4000
EMAIL = msgid("Write an e-mail address, such as name@example.org.")


def _name(text: str) -> str:
    found = one_line(text)
    if not found:
        raise Refused(msgid("Write a name."))
    if len(found) > LONGEST_NAME:
        raise Refused(msgid("Write at most {max_length} characters."), max_length=LONGEST_NAME)
    return found


def _email(text: str) -> str:
    try:
        return mail_address.normal(one_line(text))
    except NoAddress as error:
        raise Refused(EMAIL) from error


def _line(text: str | None) -> str | None:
    found = one_line(text or "")
    if len(found) > LONGEST_LINE:
        raise Refused(msgid("Write at most {max_length} characters."), max_length=LONGEST_LINE)
    return found or None


def _text(text: str | None) -> str | None:
    found = several_lines(text or "")
    if len(found) > LONGEST_TEXT:
        raise Refused(msgid("Write at most {max_length} characters."), max_length=LONGEST_TEXT)
    return found or None


Name = Annotated[str, AfterValidator(_name)]
Email = Annotated[str, AfterValidator(_email)]
Line = Annotated[str | None, AfterValidator(_line)]
Text = Annotated[str | None, AfterValidator(_text)]
Language = Annotated[str, StringConstraints(pattern=f"^({'|'.join(LANGUAGES)})$")]
Adults = Annotated[int, Field(ge=1, le=20)]
Children = Annotated[int, Field(ge=0, le=20)]


class Moving(StrEnum):
    """When somebody thinks of moving."""

    THIS_YEAR = "this_year"
    ONE_TO_TWO_YEARS = "one_to_two_years"
    LATER = "later"
    THINKING = "thinking"


class HeardOf(StrEnum):
    """How somebody heard of us, by their own word."""

    BROCHURE = "brochure"
    POSTER = "poster"
    ADVERTISEMENT = "advertisement"
    WEB = "web"
    SOCIAL_MEDIA = "social_media"
    FAMILY_OR_FRIENDS = "family_or_friends"
    EMPLOYER = "employer"
    FAIR = "fair"
    OTHER = "other"


class Party(BaseModel):
    """Who comes: adults, and children as age bands."""

    adults: Adults = 1
    children_0_2: Children = 0
    children_3_5: Children = 0
    children_6_12: Children = 0
    children_13_17: Children = 0

    def household(self) -> Household:
        return Household(self.adults, self.children_0_2, self.children_3_5, self.children_6_12, self.children_13_17)


Many = Annotated[int, Field(ge=0, le=500)]


class Crowd(Party):
    """As many as a school class or a company may be; what is too many for a household, the rules of its event say."""

    adults: Annotated[int, Field(ge=1, le=500)] = 1
    children_0_2: Many = 0
    children_3_5: Many = 0
    children_6_12: Many = 0
    children_13_17: Many = 0


class AboutThem(BaseModel):
    """What somebody says of themselves beyond how to reach them; all of it may be left out."""

    lives_in: Line = None
    moving: Moving | None = None
    looking_for: list[Topic] = Field(default_factory=list, max_length=len(Topic))
    heard_of: HeardOf | None = None
    target_groups: list[UUID] = Field(default_factory=list, max_length=20)
    follow_up: bool = False
    """Consent: contact me about moving here."""
    news: bool = False
    """Consent: send me news."""
    via: str | None = Field(default=None, max_length=200)
    """The signed click token that travelled here with the links; a forged one is ignored."""

    def consents(self) -> tuple[Purpose, ...]:
        given = {Purpose.FOLLOW_UP: self.follow_up, Purpose.NEWS: self.news}
        return tuple(purpose for purpose, said in given.items() if said)


class Guarded(BaseModel):
    """What holds spam off: a field that nobody sees, and in a rush a proof of work."""

    website: str = ""
    """Machines fill it in; nobody else is shown it."""
    proof: str = Field(default="", max_length=1000)
    """A solved challenge: `<challenge>:<number>,<number>,…`."""


class Registration(Party, AboutThem, Guarded):
    """The booking form. `place` is a slot's id, or `event` for the event itself."""

    place: str = Field(max_length=36)
    name: Name
    email: Email
    group_name: Line = None
    wait: bool = False
    """Rather wait in line than be refused where it is full."""
    attempt: UUID
    """Made with the form: sent twice, it is one booking."""

    @model_validator(mode="after")
    def _place_exists(self) -> Registration:
        if self.place != "event":
            try:
                UUID(self.place)
            except ValueError:
                self.place = ""
        return self

    @property
    def slot_id(self) -> UUID | None:
        return UUID(self.place) if self.place not in {"", "event"} else None


class HoldForm(Crowd, Guarded):
    """The booking form while it is filled in: only the time and how many come are looked at."""

    group_name: Line = None
    place: str = Field(max_length=36)
    attempt: UUID

    @model_validator(mode="after")
    def _place_exists(self) -> HoldForm:
        if self.place != "event":
            UUID(self.place)
        return self

    @property
    def slot_id(self) -> UUID | None:
        return UUID(self.place) if self.place != "event" else None


class LetGoForm(BaseModel):
    attempt: UUID


class Interested(AboutThem, Guarded):
    """Someone wants to hear more, without an event."""

    name: Name
    email: Email
    message: Text = None


class InterestForm(Interested):
    attempt: UUID


class MoveForm(BaseModel):
    place: UUID


class HandOverForm(BaseModel):
    """Who comes instead. They are asked by mail, in the language that suits them."""

    name: Name
    email: Email
    language: Language


class ChoiceForm(BaseModel):
    """Another event or time, for a booking that was called off: `<event>` or `<event>/<slot>`."""

    choice: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}(/[0-9a-f-]{36})?$")]
    asked: bool = False
    """The page with the event's questions was sent, and not the list of places."""

    @property
    def event(self) -> UUID:
        return UUID(self.choice[:36])

    @property
    def slot_id(self) -> UUID | None:
        return UUID(self.choice[37:]) if len(self.choice) > 36 else None


class MoveChosenForm(ChoiceForm):
    """Where many bookings go, and where each of them stood when that was shown (`domain/seen.py`)."""

    seen: str = ""


class LanguageForm(BaseModel):
    language: Language


class ConsentForm(BaseModel):
    """Which consents stand from now on: what is not ticked is taken back."""

    follow_up: bool = False
    news: bool = False
    conversation: bool = False


class AnswersForm(BaseModel):
    """Answers to an event's questions: which inputs there are, its questions say (pages/answers.py)."""


class OfferForm(BaseModel):
    answer: Annotated[str, StringConstraints(pattern="^(yes|no)$")]


class ForgetForm(BaseModel):
    sure: bool = False


class ScanForm(BaseModel):
    """What was scanned or typed at the door: a ticket, a code, or a name to look for."""

    text: str = Field(default="", max_length=400)
    booking: UUID | None = None
    nonce: UUID


class UndoForm(BaseModel):
    booking: UUID
    nonce: UUID


class WalkInForm(Party):
    """Somebody who stands here now. An address only if they want mail from us."""

    name: Name
    email: Email | None = None
    language: Language
    follow_up: bool = False
    attempt: UUID
