"""What a group sends, a school class or a company, and what is counted of it at the door."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from registrations.inputs import Crowd, Registration
from services.pages.languages import msgid

NOT_COUNTED = msgid("Only a group that is in can be counted, by a number of persons.")


class GroupRegistration(Crowd, Registration):
    """The booking form of a group, which says what it is called."""


class CameRequest(BaseModel):
    """How many of a group came, counted at the door."""

    came: Annotated[int, Field(ge=0, le=2000)]


class CameForm(CameRequest):
    booking: UUID
