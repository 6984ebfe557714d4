"""What staff may send about whose booking it is: by form all of it as it should be, by API what should be otherwise."""

from __future__ import annotations

from pydantic import BaseModel, Field

from registrations.commands.correcting import Correction
from registrations.inputs import Email, Language, Name


class PersonForm(BaseModel):
    """As it should be. `version` is the visitor's, as the page showed them; without an address it stays as it is."""

    name: Name
    email: Email | None = None
    language: Language
    everywhere: bool = False
    version: int = Field(ge=0)

    def correction(self) -> Correction:
        return Correction(self.name, self.email, self.language, self.everywhere, self.version)


class PersonRequest(BaseModel):
    """What should be otherwise; what is left out stays. The name is the booking's, the rest its visitor's."""

    name: Name | None = None
    email: Email | None = None
    language: Language | None = None
    everywhere: bool = False
    """Change the address though the visitor has other bookings too, or asked to hear more: they all go with it."""

    def correction(self) -> Correction:
        return Correction(self.name, self.email, self.language, self.everywhere)
