"""What campaigns tells the others: its campaigns and placements, and each click on a tracked link."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from services.facts import Code, Fact, Slug, Texts


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


class ClickRecorded(Fact):
    """One visit through a tracked link. Published straight to the bus by the redirect, so it has no outbox row.

    It holds no address and no user agent: only the verdict, the rule behind it and that ruleset's version.
    """

    subject = "campaigns.click.recorded"
    key = "click_id"

    click_id: UUID
    placement_id: UUID
    source: Code
    """qr or link."""
    verdict: Verdict
    rule: Code
    ruleset: int
    device: Code
    language: Code | None = None
