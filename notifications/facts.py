"""What notifications tells the others: what became of each message, by ids alone."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from services.facts import Code, Fact


class DeliveryStatus(StrEnum):
    PLANNED = "planned"
    SENT = "sent"  # planned -> sent: the receiving server took it
    FAILED = "failed"  # planned -> failed: refused for good, or tried often enough
    UNKNOWN = "unknown"  # planned -> unknown: the answer was lost; not sent again by itself
    WITHHELD = "withheld"  # planned -> withheld: preference, suppression, erasure
    OVERTAKEN = "overtaken"  # planned -> overtaken: what it would say is no longer so


class DeliverySettled(Fact):
    """A delivery came to its end."""

    subject = "notifications.delivery.settled"
    key = "delivery_id"

    delivery_id: UUID
    visitor_id: UUID
    booking_id: UUID | None = None
    kind: Code
    channel: Code
    status: DeliveryStatus
    sequence: int | None = None
    """What its calendar entry was told as (RFC 5545, 3.8.7.4); None where it carried none."""
