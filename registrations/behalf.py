"""What staff may send to book for somebody else. Consents are not among it: only visitors themselves can give them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import BaseModel, Field, StringConstraints

from registrations.domain.applications import Application, Person
from registrations.inputs import Crowd, Email, Language, Line, Name
from services.ids import new_id

MOST_PLACES = 40
"""In one go."""
CHOICE = r"^[0-9a-f-]{36}(/[0-9a-f-]{36})?$"
PLACE = r"^(event|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"


class Somebody(Crowd):
    """Somebody else, as they say on the telephone or at the counter."""

    name: Name
    email: Email | None = None
    """Left out only where they stand here now: nothing can be sent to them then."""
    language: Language
    lives_in: Line = None
    group_name: Line = None
    """Of a school class or a company: the person is whom we write to."""
    wait: bool = False
    """Rather wait in line than be refused where it is full."""

    def application(self, booking_id: UUID, event_id: UUID, slot_id: UUID | None, attempt: UUID) -> Application:
        """Their wish for this place, by staff: outside the registration period too, and without a further yes."""
        return Application(
            person=Person(self.name, self.email, self.language),
            household=self.household(),
            booking_id=booking_id,
            event_id=event_id,
            slot_id=slot_id,
            wait=self.wait,
            attempt=attempt,
            through="staff",
            lives_in=self.lives_in,
            by_staff=True,
            group_name=self.group_name,
        )

    def wishes(
        self, places: Iterable[tuple[UUID, UUID | None]], attempt: UUID, moment: datetime, *, whole: bool
    ) -> list[Application]:
        """Their wish for each (event, slot), whose attempt is its own: sent twice, each is one booking. Where the
        `whole` is wanted or none of it nobody waits, since a place in line is no place."""
        return [
            replace(
                self.application(new_id(moment), event_id, slot_id, uuid5(attempt, f"{event_id}|{slot_id}")),
                wait=self.wait and not whole,
            )
            for event_id, slot_id in places
        ]


class SomebodyForm(Somebody):
    attempt: UUID
    """Made with the form: sent twice, it is one booking."""


class SomebodyRequest(Somebody):
    """By API: one place, the event's own without `slot_id`; with a `group_name` for a school class or a company."""

    slot_id: UUID | None = None
    here: bool = False
    """They stand here now: they are let in with it."""
    attempt: UUID | None = None
    """Sent twice, it is one booking; the Idempotency-Key does as well."""


class OnePlaceForm(SomebodyForm):
    """One place for them: `place` is a slot's id, or `event` for the event itself."""

    place: Annotated[str, StringConstraints(pattern=PLACE)]
    here: bool = False
    """They stand here now: they are let in with it."""

    @property
    def slot_id(self) -> UUID | None:
        return UUID(self.place) if self.place != "event" else None


class SeveralForm(SomebodyForm):
    """Several places for them in one go: each `<event>/<slot>`, or `<event>` for the event itself."""

    choice: Annotated[list[Annotated[str, StringConstraints(pattern=CHOICE)]], Field(max_length=MOST_PLACES)] = []
    whole: bool = False
    """All of them or none; else whatever there is room for."""

    def places(self) -> list[tuple[UUID, UUID | None]]:
        """(event, slot) of each, in the order of the form, once each."""
        found = dict.fromkeys(self.choice)
        return [(UUID(one[:36]), UUID(one[37:]) if len(one) > 36 else None) for one in found]


class PlaceWanted(BaseModel):
    """A slot, or without one the event itself."""

    event_id: UUID
    slot_id: UUID | None = None


class SeveralRequest(Somebody):
    """By API: several places for them in one go."""

    places: Annotated[list[PlaceWanted], Field(min_length=1, max_length=MOST_PLACES)]
    whole: bool = False
    """All of them or none; else whatever there is room for."""
    attempt: UUID | None = None
    """Sent twice, it books each once; the Idempotency-Key does as well."""
