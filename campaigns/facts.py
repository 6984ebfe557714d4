"""What campaigns tells the others: its campaigns and placements, and the clicks on tracked links."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.facts import Code, Fact, Slug, Texts

MOST_CLICKS = 500
"""In one fact: 160 KiB of JSON."""


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"  # draft | paused -> running
    PAUSED = "paused"  # running -> paused: links still lead on
    FINISHED = "finished"  # running | paused -> finished


class CampaignChanged(Fact):
    subject = "campaigns.campaign.changed"
    key = "campaign_id"

    campaign_id: UUID
    names: Texts
    status: CampaignStatus
    starts_on: date
    ends_on: date
    target_groups: tuple[UUID, ...] = ()


class PlacementChanged(Fact):
    subject = "campaigns.placement.changed"
    key = "placement_id"

    placement_id: UUID
    campaign_id: UUID
    names: Texts
    channel: Code
    slug: Slug
    """Of its tracked link: /l/<slug>."""


class Verdict(StrEnum):
    HUMAN = "human"
    SUSPECT = "suspect"
    BOT = "bot"


class Click(BaseModel):
    """One visit through a tracked link.

    It holds no address and no user agent: only the verdict, the rule behind it and that ruleset's version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    click_id: UUID
    at: AwareDatetime
    placement_id: UUID
    source: Code
    """qr or link."""
    verdict: Verdict
    rule: Code
    ruleset: int
    device: Code
    language: Code | None = None


class ClickRecorded(Fact, Click):
    """One click by itself, as versions before said it: still read, so that those on their way count."""

    subject = "campaigns.click.recorded"
    key = "click_id"


class ClicksRecorded(Fact):
    """The clicks on a programme's links that came together. Published straight to the bus by the redirects, so it has
    no outbox row; each click counts once, by its own id."""

    subject = "campaigns.clicks.recorded"
    key = "batch_id"

    batch_id: UUID
    clicks: Annotated[tuple[Click, ...], Field(min_length=1, max_length=MOST_CLICKS)]
