"""Facts: what services tell each other. A fact carries its aggregate's public state after the change, and no personal
data.

    class BookingConfirmed(Fact):
        subject = "registrations.booking.confirmed"
        key = "booking_id"
        booking_id: UUID
        visitor_id: UUID

A plain `str` field is refused by a test: text in a fact is a code (an enum or `Code`), a `Slug`, or text that an
organiser published (`PublicText`, `Texts`). Names and contact data live once, in the schema `people`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Published:
    """Marks text that an organiser wrote for everyone to read."""


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=96)]
Language = Annotated[str, StringConstraints(pattern=r"^(nb|nn|en|nl|se)$")]
TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$", max_length=64)]
PublicText = Annotated[str, Published()]
Texts = dict[Language, PublicText]
"""A text per language, e.g. {"nb": "Hjemkomstdag", "en": "Homecoming day"}."""


class Fact(BaseModel):
    """Something that happened to one aggregate. Fields unknown to a reader are ignored, so that facts can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    """`<service>.<aggregate>.<what happened>`; a service publishes only below its own name."""
    revision: ClassVar[int] = 1
    """Raised when a field changes its meaning; adding a field with a default does not raise it."""
    key: ClassVar[str]
    """The name of the field that holds the aggregate's id."""

    programme_id: UUID
    version: int
    """The aggregate's version after the change, from 1 upwards."""
    at: AwareDatetime
    """When it happened, UTC."""

    @property
    def identifier(self) -> UUID:
        value = getattr(self, self.key)
        assert isinstance(value, UUID)
        return value

    @property
    def aggregate(self) -> str:
        """`booking:0190…`: the unit within which facts keep their order."""
        return f"{self.subject.split('.')[1]}:{self.identifier}"

    @property
    def address(self) -> str:
        """The subject on the bus: `registrations.booking.confirmed.v1.<id>`."""
        return f"{self.subject}.v{self.revision}.{self.identifier}"

    @classmethod
    def pattern(cls) -> str:
        """The subject a consumer filters on."""
        return f"{cls.subject}.v{cls.revision}.*"


class Envelope(BaseModel):
    """What travels around a fact, as headers."""

    model_config = ConfigDict(frozen=True)

    message_id: UUID
    programme_id: UUID
    aggregate: str
    version: int
    occurred_at: datetime
    delivery: int = 1
    """How many times this consumer has been given it, from 1."""
    republished: bool = False
    """True where a repair sent it again, as it was said then. Who had it does nothing; who never had it does all of
    it."""
    restated: bool = False
    """True where a repair says what is, now, of something that may have happened long ago: it is kept, and nobody is
    told."""
    traceparent: str | None = None
    linked: tuple[str, ...] = ()
    """Other traces, by their `traceparent`, in which parts of it were made."""
