"""What hosts may send of a conversation and of what became of it, by form and by API alike."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from registrations.domain.text import one_line
from registrations.facts import Interest, OutcomeKind, OutcomeSource
from registrations.inputs import Adults, Children, Language, Line, Text
from services.pages.languages import Refused, msgid


def _tags(tags: list[str]) -> list[str]:
    found = [one_line(part) for tag in tags for part in tag.split(",")]
    kept = list(dict.fromkeys(tag for tag in found if tag))
    if len(kept) > 20 or any(len(tag) > 40 for tag in kept):
        raise Refused(msgid("Give at most 20 tags of at most 40 characters."))
    return kept


class LeadFields(BaseModel):
    """What a host notes of a conversation."""

    interest: Interest
    tags: Annotated[list[str], AfterValidator(_tags)] = []
    note: Text = None
    promise: Line = None
    next_step: Line = None
    next_step_on: date | None = None
    owner: UUID | None = None

    @model_validator(mode="after")
    def _a_day_needs_a_step(self) -> LeadFields:
        if self.next_step_on is not None and self.next_step is None:
            raise Refused(msgid("Say what is to be done on that day."))
        return self


class AskedLead(LeadFields):
    consent: bool = False
    """The visitor was asked and said yes; without it nothing may be noted."""
    consent_language: Language = "en"


class NewLeadForm(AskedLead):
    attempt: UUID
    """Made with the form: sent twice, it is one lead."""


class LeadForm(LeadFields):
    version: int = Field(ge=1, lt=2**31)


class AskAgainForm(BaseModel):
    consent: bool = False
    consent_language: Language


class OutcomeForm(BaseModel):
    kind: OutcomeKind
    on: date
    source: OutcomeSource = OutcomeSource.STAFF
    adults: Adults | None = None
    children: Children | None = None


class WithdrawForm(BaseModel):
    outcome: UUID


class LeadRequest(AskedLead):
    booking_id: UUID


class OutcomeRequest(OutcomeForm):
    pass
