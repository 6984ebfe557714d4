"""What may be typed into the forms and sent to the API of campaigns."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services.facts import Language
from services.pages.languages import Refused, msgid

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Currency = Literal["NOK", "EUR", "SEK", "DKK"]
Channel = Literal["brochure", "poster", "print_ad", "online_ad", "social", "radio", "newsletter", "stand", "other"]
CHANNELS: tuple[str, ...] = (
    "brochure",
    "poster",
    "print_ad",
    "online_ad",
    "social",
    "radio",
    "newsletter",
    "stand",
    "other",
)
Amount = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""Whole units of the currency as people write them; commands keep minor units."""


Version = Annotated[int, Field(ge=1, lt=2**31, description="The version that was read; needed to change something")]


class _Input(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class _Period(_Input):
    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        first, last = getattr(self, "starts_on", None), getattr(self, "ends_on", None)
        if first and last and last < first:
            raise Refused(msgid("The last day comes before the first one."))
        return self


class CampaignInput(_Period):
    names: dict[Language, Line] = Field(min_length=1)
    objectives: dict[Language, Words] = Field(default_factory=dict)
    starts_on: date
    ends_on: date
    budget: Amount = 0
    currency: Currency = "NOK"
    goal_registrations: Annotated[int, Field(ge=1, le=100_000)] | None = None
    target_groups: list[UUID] = Field(default_factory=list, max_length=100)
    selling_points: list[UUID] = Field(default_factory=list, max_length=100)
    version: Version | None = None


class PlacementInput(_Period):
    names: dict[Language, Line] = Field(min_length=1)
    channel: Channel
    place: Annotated[str, StringConstraints(max_length=200)] = ""
    copies: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    target: Annotated[str, StringConstraints(pattern=r"^/[a-z][a-z0-9/-]*$", max_length=200)]
    language: Language | None = None
    cost: Amount | None = None
    currency: Currency | None = None
    """Of the cost; None: the campaign's."""
    version: Version | None = None


class CostInput(_Input):
    what: Line
    amount: Amount
    currency: Currency | None = None
    """None: the campaign's."""
    incurred_on: date


class ReachInput(_Period):
    kind: Literal["impressions", "people"]
    amount: Annotated[int, Field(ge=0, le=10_000_000_000)]
    source: Literal["measured", "imported", "estimated"]
    origin: Annotated[str, StringConstraints(max_length=200)] = ""
    starts_on: date
    ends_on: date

    @field_validator("origin")
    @classmethod
    def one_line(cls, value: str) -> str:
        return " ".join(value.split())


class StatusInput(_Input):
    status: Literal["running", "paused", "finished"]
