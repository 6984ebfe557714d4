"""What the API of campaigns answers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from campaigns.facts import CampaignStatus
from campaigns.ledger import STEPS
from services.facts import Texts


class CampaignAnswer(BaseModel):
    id: UUID
    names: Texts
    objectives: Texts
    status: CampaignStatus
    starts_on: date
    ends_on: date
    budget_minor: int
    currency: str
    goal_registrations: int | None
    target_groups: list[UUID]
    selling_points: list[UUID]
    version: int


class CampaignList(BaseModel):
    items: list[CampaignAnswer]


class Made(BaseModel):
    id: UUID


class Shared(BaseModel):
    """The link by which a campaign's totals are read without logging in."""

    link: str


class PlacementMade(BaseModel):
    id: UUID
    slug: str
    link: str


class CostAnswer(BaseModel):
    id: UUID
    what: str
    amount_minor: int
    currency: str
    incurred_on: date


class ReachAnswer(BaseModel):
    id: UUID
    kind: str
    amount: int
    source: str
    origin: str
    first_day: date
    last_day: date


class PlacementAnswer(BaseModel):
    id: UUID
    campaign_id: UUID
    names: Texts
    channel: str
    place: str
    copies: int | None
    starts_on: date | None
    ends_on: date | None
    slug: str
    link: str
    target: str
    language: str | None
    version: int


class PlacementWhole(PlacementAnswer):
    costs: list[CostAnswer]
    reach: list[ReachAnswer]


class PlacementList(BaseModel):
    items: list[PlacementAnswer]


class PrintedAnswer(BaseModel):
    """What was written for its sheets, by language; where there is none, one is made of where its link leads."""

    headlines: Texts
    lines: Texts
    version: int


class FiguresRow(BaseModel):
    placement_id: UUID | None
    names: Texts
    slug: str
    costs: dict[str, int]
    impressions: int | None
    suspect: int
    bot: int
    scans: int
    counts: dict[str, int]
    cost_per: dict[str, int | None]


class Figures(BaseModel):
    steps: list[str] = list(STEPS)
    placements: list[FiguresRow]
    total: FiguresRow
    unattributed: dict[str, int]
