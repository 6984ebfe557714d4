"""campaigns: what brought them: campaigns, placements, tracked links, reach, cost, attribution."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="campaigns",
    order=30,
    purpose="what brought them: campaigns, placements, tracked links, reach, cost, attribution",
)
