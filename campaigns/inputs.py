"""What may be typed into the forms and sent to the API of campaigns."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services.facts import Language
from services.pages.languages import Refused, msgid
from services.pages.paper import legible

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


Format = Literal["poster-a4", "poster-a3", "flyer-a5", "sign-a4", "labels-a4"]
"""What may be printed; each is laid out in `campaigns/sheets.py`."""


def _one_line(value: object) -> object:
    """As it is printed: without line breaks and without what steers and is not seen."""
    return " ".join(legible(value).split()) if isinstance(value, str) else value


LONGEST_HEADLINE, LONGEST_LINE = 80, 160
"""Characters that fit each sheet, even where all of them are a W."""
Headline = Annotated[str, StringConstraints(max_length=LONGEST_HEADLINE), BeforeValidator(_one_line)]
PrintedLine = Annotated[str, StringConstraints(max_length=LONGEST_LINE), BeforeValidator(_one_line)]


class PrintedInput(_Input):
    """What is printed of a placement, by language. A language left out has a default made of where the link leads."""

    headlines: dict[Language, Headline] = Field(default_factory=dict)
    lines: dict[Language, PrintedLine] = Field(default_factory=dict)
    version: Version | None = None

    @field_validator("headlines", "lines")
    @classmethod
    def only_what_can_be_seen(cls, value: dict[Language, str]) -> dict[Language, str]:
        return {language: text for language, text in value.items() if text}


class PrintQuery(BaseModel):
    """Which sheet of a placement, in which language, and who prints it."""

    format: Format = "poster-a4"
    language: Language | None = None
    """None: that of the page the link opens, else the programme's own."""
    printer: Literal["office", "shop"] = "office"
    """`shop`: with 3 mm of bleed and crop marks on a larger page."""


class StatusInput(_Input):
    status: Literal["running", "paused", "finished"]
