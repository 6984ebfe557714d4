"""What a group sends, a school class or a company, and what is counted of it at the door."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from registrations.inputs import Crowd, Registration


class GroupRegistration(Crowd, Registration):
    """The booking form of a group, which says what it is called."""


class CameForm(BaseModel):
    """How many of a group came, counted at the door."""

    booking: UUID
    came: Annotated[int, Field(ge=0, le=2000)]
